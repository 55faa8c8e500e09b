/**
 * Blocks of all segments in memory. The least recently used leave first, as second chance tells
 * them: a hit only marks its block, so it writes to no other; a marked block that would leave loses
 * its mark and stays for another round.
 *
 * The memory is a line of chunks of one size, filled one after the other. When all that may be taken
 * is full, the oldest chunk goes to the end of the line, with only its marked blocks in it. So the
 * cache takes the memory that it was given and no more: single buffers of all sizes would leave as
 * much again in gaps, and to the garbage collector.
 */
import { KiB } from '../base/limits.js';
import { BlockTable, CachedBlock } from './block-table.js';
import { CursorMemories } from './cursor-memory.js';

/** What a cached block takes beyond its own bytes: an object, a view, a place in the table. */
const entryBytes = 256;
const chunkBytesUsual = 128 * KiB;
/** Blocks of more than this share of a chunk are not kept. */
const largestShare = 1 / 4;

interface Chunk {
  memory: Buffer;
  /** The blocks in it, in the order of their places. */
  blocks: CachedBlock[];
  used: number;
}

/** True if nothing in the chunk can be asked for any more. */
function isForgotten({ blocks }: Chunk): boolean {
  return blocks.every((block) => block.segment < 0);
}

/**
 * Only blocks whose checksum was verified are put in. A view of a block holds until the next one is
 * put in; who needs it for longer copies it.
 */
export class BlockCache {
  readonly #chunkBytes: number;
  /** The oldest first. The last one is being filled. */
  readonly #chunks: Chunk[] = [];
  readonly #table = new BlockTable();
  /** Segments that were not dropped. */
  readonly #segments = new Set<number>();
  /** Blocks that hold nothing, for the next use. */
  readonly #spares: CachedBlock[] = [];
  /** What cursors work in, of all segments. */
  readonly cursorMemories = new CursorMemories();
  readonly #nothing = Buffer.alloc(0);
  #scratch: Buffer = this.#nothing;
  #segmentNext = 0;
  #bytesMax: number;
  #hits = 0;
  #misses = 0;

  constructor(bytesMax: number, chunkBytes = chunkBytesUsual) {
    this.#bytesMax = bytesMax;
    this.#chunkBytes = chunkBytes;
  }

  get hits(): number {
    return this.#hits;
  }

  get misses(): number {
    return this.#misses;
  }

  /** The memory that is taken: for blocks, for those that are to come, for the bookkeeping. */
  get bytes(): number {
    return this.#chunks.length * this.#chunkBytes + this.#table.count * entryBytes;
  }

  /** A number for a segment that is being opened, never given before. */
  addSegment(): number {
    const segment = this.#segmentNext++;
    this.#segments.add(segment);
    return segment;
  }

  /** Forgets all blocks of a segment, and the segment. Chunks with nothing else are next in line. */
  dropSegment(segment: number): void {
    if (!this.#segments.delete(segment)) return;
    for (const { blocks } of this.#chunks) {
      for (const block of blocks) {
        if (block.segment === segment) this.#forget(block);
      }
    }
    const last = this.#chunks.pop();
    this.#chunks.sort((a, b) => Number(isForgotten(b)) - Number(isForgotten(a)));
    if (last !== undefined) this.#chunks.push(last);
  }

  /** The block of a segment at this offset, if it is here. */
  get(segment: number, offset: number): Buffer | undefined {
    const block = this.#table.get(segment, offset);
    if (block === undefined) {
      this.#misses++;
      return undefined;
    }
    this.#hits++;
    block.isUsed = true;
    return block.bytes;
  }

  /** The same, but the block counts neither as a hit nor as used. */
  peek(segment: number, offset: number): Buffer | undefined {
    return this.#table.get(segment, offset)?.bytes;
  }

  /**
   * Reads a block that is not here, and keeps it unless it is too large.
   * @param read fills the buffer; if it throws, nothing is kept
   */
  add(segment: number, offset: number, length: number, read: (into: Buffer) => void): Buffer {
    const chunk = this.#segments.has(segment) ? this.#chunkFor(length) : undefined;
    if (chunk === undefined) {
      const bytes = this.scratch(length);
      read(bytes);
      return bytes;
    }
    const bytes = chunk.memory.subarray(chunk.used, chunk.used + length);
    read(bytes);
    const block = this.#spares.pop() ?? new CachedBlock();
    block.segment = segment;
    block.offset = offset;
    block.bytes = bytes;
    block.isUsed = false;
    this.#table.add(block);
    chunk.blocks.push(block);
    chunk.used += length;
    return bytes;
  }

  /** Memory for one large part at a time, of any segment; what was in it before is overwritten. */
  scratch(bytes: number): Buffer {
    if (bytes > this.#scratch.length) this.#scratch = Buffer.allocUnsafeSlow(bytes);
    return this.#scratch.subarray(0, bytes);
  }

  /** Changes how many bytes may be taken. */
  setLimit(bytesMax: number): void {
    this.#bytesMax = bytesMax;
    while (this.bytes > bytesMax && this.#chunks.length > 0) this.#empty(this.#takeOldest());
  }

  /** A chunk at the end of the line with room for a block; undefined for one that is not to be kept. */
  #chunkFor(length: number): Chunk | undefined {
    if (length > this.#chunkBytes * largestShare) return undefined;
    const last = this.#chunks.at(-1);
    const hasRoom = last !== undefined && last.used + length <= this.#chunkBytes;
    if (hasRoom && this.bytes + entryBytes <= this.#bytesMax) return last;
    const oldest = this.#chunks[0];
    if (this.#mayTakeChunk && !(oldest !== undefined && isForgotten(oldest))) {
      const chunk = { memory: Buffer.allocUnsafeSlow(this.#chunkBytes), blocks: [], used: 0 };
      this.#chunks.push(chunk);
      return chunk;
    }
    return this.#makeRoom(length);
  }

  get #mayTakeChunk(): boolean {
    return this.bytes + entryBytes + this.#chunkBytes <= this.#bytesMax;
  }

  /** Ends within two rounds: the first one takes all marks away. */
  #makeRoom(length: number): Chunk | undefined {
    while (this.#chunks.length > 0) {
      const chunk = this.#takeOldest();
      this.#compact(chunk);
      // The bookkeeping of many small blocks may leave too little for the chunk, or even for any.
      if (!this.#mayTakeChunk) this.#empty(chunk);
      if (!this.#mayTakeChunk) continue;
      this.#chunks.push(chunk);
      if (chunk.used + length <= this.#chunkBytes) return chunk;
    }
    return undefined;
  }

  #takeOldest(): Chunk {
    const chunk = this.#chunks.shift();
    if (chunk === undefined) throw new RangeError('the cache has no chunk');
    return chunk;
  }

  /** Moves the blocks that were used to the front of their chunk, and forgets the others. */
  #compact(chunk: Chunk): void {
    const { memory, blocks } = chunk;
    let kept = 0;
    let used = 0;
    for (const block of blocks) {
      if (!block.isUsed) {
        this.#release(block);
        continue;
      }
      block.isUsed = false;
      const { length } = block.bytes;
      const from = block.bytes.byteOffset - memory.byteOffset;
      if (from !== used) {
        memory.copyWithin(used, from, from + length);
        block.bytes = memory.subarray(used, used + length);
      }
      used += length;
      blocks[kept++] = block;
    }
    blocks.length = kept;
    chunk.used = used;
  }

  #empty(chunk: Chunk): void {
    for (const block of chunk.blocks) this.#release(block);
    chunk.blocks.length = 0;
    chunk.used = 0;
  }

  /** Takes a block out of the table; its place in the chunk stays as it is for now. */
  #forget(block: CachedBlock): void {
    this.#table.remove(block);
    block.segment = -1;
    block.isUsed = false;
  }

  /** For a block that leaves its chunk. */
  #release(block: CachedBlock): void {
    if (block.segment >= 0) this.#forget(block);
    block.bytes = this.#nothing;
    this.#spares.push(block);
  }
}
