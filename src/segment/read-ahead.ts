import { readAheadBytes, type CursorMemory } from './cursor-memory.js';
import type { Handle } from './data-block.js';
import { headerBytes } from './format.js';
import type { Lease } from './lease.js';
import type { SegmentBlocks } from './segment-blocks.js';
import type { PartSource } from './segment-file.js';

/** So many blocks backward in a row, and others are read with the next one. */
const blocksBefore = 2;

/**
 * Data blocks for a cursor that goes from one to the next: where one has to be read, others are read
 * with it, twice as many bytes as the cursor has gone over at most, into memory that is used again and
 * again. Blocks between which something else lies (large values) come by themselves.
 *
 * Backward that is so after a few blocks: a history is read from its end on. Forward only on a long
 * scan: until then the system itself reads ahead, and does so while we work.
 */
export class ReadAhead implements PartSource {
  readonly #blocks: SegmentBlocks;
  readonly #memory: CursorMemory;
  /** What is in memory: from where to where in the file. */
  #start = 0;
  #end = 0;
  /** The block at hand; how many came in a row, without anything in between; and their bytes. */
  #partStart = 0;
  #partEnd = 0;
  #count = 0;
  #bytes = 0;
  #isBackward = false;

  constructor(blocks: SegmentBlocks, memory: CursorMemory) {
    this.#blocks = blocks;
    this.#memory = memory;
  }

  /** Says which block comes next; answers whom to ask for its bytes. */
  sourceOf(offset: number, length: number): PartSource {
    const end = offset + length;
    const isBehind = offset === this.#partEnd;
    const isBefore = end === this.#partStart;
    if ((isBehind || isBefore) && (this.#count === 1 || isBefore === this.#isBackward)) {
      this.#count++;
      this.#bytes += length;
    } else {
      this.#count = 1;
      this.#bytes = length;
    }
    this.#isBackward = isBefore;
    this.#partStart = offset;
    this.#partEnd = end;
    return isBefore && this.#count > blocksBefore ? this : this.#blocks.file;
  }

  readInto(into: Buffer, offset: number): void {
    const bytes = this.#view(offset, into.length);
    if (bytes === undefined) this.#blocks.file.readInto(into, offset);
    else bytes.copy(into);
  }

  /**
   * A verified block for a long scan, which holds until the next call. It is not put into the cache,
   * which would lose for it what others need.
   */
  leaseData(part: Handle, lease: Lease): void {
    if (this.#blocks.leaseIfThere(part, lease)) return;
    const stored = this.#view(part.offset, part.length);
    if (stored === undefined) {
      this.#blocks.leaseData(part, lease, this.#blocks.file);
      return;
    }
    const { file } = this.#blocks;
    file.verify(stored, part, 'a data block');
    const bytes = file.inflated(stored, part);
    lease.span.set(bytes, 0, bytes.length);
  }

  /** What lies there, read with what comes next; undefined if it has to be read by itself. */
  #view(offset: number, length: number): Buffer | undefined {
    const end = offset + length;
    if (offset < this.#start || end > this.#end) {
      const { file } = this.#blocks;
      const blocksEnd = file.footer.sections.filterDirectory;
      if (length > readAheadBytes || offset < headerBytes || end > blocksEnd) return undefined;
      const bytes = Math.max(length, Math.min(readAheadBytes, 2 * this.#bytes));
      const start = this.#isBackward ? Math.max(headerBytes, end - bytes) : offset;
      const stop = this.#isBackward ? end : Math.min(blocksEnd, offset + bytes);
      this.#start = this.#end = 0;
      try {
        file.readInto(this.#memory.readAhead.subarray(0, stop - start), start);
      } catch {
        return undefined; // It may be another block that cannot be read.
      }
      this.#start = start;
      this.#end = stop;
    }
    return this.#memory.readAhead.subarray(offset - this.#start, end - this.#start);
  }
}
