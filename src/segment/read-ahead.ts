import { readAheadBytes, type CursorMemory } from './cursor-memory.js';
import type { Handle } from './data-block.js';
import { headerBytes } from './format.js';
import type { Lease } from './lease.js';
import type { SegmentBlocks } from './segment-blocks.js';

/**
 * Data blocks for a long scan: many are read at once, into memory that is used again and again, and
 * none is put into the cache, which would lose for them what others need.
 */
export class ReadAhead {
  readonly #blocks: SegmentBlocks;
  readonly #memory: CursorMemory;
  /** What is in memory: from where to where in the file. */
  #start = 0;
  #end = 0;

  constructor(blocks: SegmentBlocks, memory: CursorMemory) {
    this.#blocks = blocks;
    this.#memory = memory;
  }

  /** A verified block, which holds until the next call. */
  leaseData(part: Handle, lease: Lease): void {
    if (this.#blocks.leaseIfThere(part, lease)) return;
    const end = part.offset + part.length;
    const file = this.#blocks.file;
    const blocksEnd = file.footer.sections.filterDirectory;
    if (part.length > readAheadBytes || part.offset < headerBytes || end > blocksEnd) {
      this.#blocks.leaseData(part, lease);
      return;
    }
    const memory = this.#memory.readAhead;
    if (part.offset < this.#start || end > this.#end) {
      const isBackward = part.offset < this.#start;
      const start = isBackward ? Math.max(headerBytes, end - readAheadBytes) : part.offset;
      const length = Math.min(readAheadBytes, (isBackward ? end : blocksEnd) - start);
      this.#start = this.#end = 0;
      file.readInto(memory.subarray(0, length), start);
      this.#start = start;
      this.#end = start + length;
    }
    const stored = memory.subarray(part.offset - this.#start, end - this.#start);
    file.verify(stored, part, 'a data block');
    const bytes = file.inflated(stored, part);
    lease.span.set(bytes, 0, bytes.length);
  }
}
