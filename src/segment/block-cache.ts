/**
 * Blocks of all segments in memory. The least recently used leave first, as second chance tells
 * them: a hit only marks its block, so it writes to no other; a marked block that would be the next
 * to leave loses its mark and goes to the end of the line instead.
 */
import { KiB } from '../base/limits.js';
import { CursorMemories } from './cursor-memory.js';

/** What a cached block takes beyond its own bytes: objects and a place in a map. */
const entryBytes = 384;
/** Memory is given out in multiples of this, so that what one block leaves fits another. */
const memoryStepBytes = 512;
/** Blocks that wait for their next use may take so much beyond the limit. */
const freeBytesExtra = 256 * KiB;

/** A block and its place in the line. A class, so that all of them have one shape: it is quicker. */
class CachedBlock {
  readonly memory: Buffer;
  /** The beginning of the memory, as long as the block is. */
  bytes: Buffer;
  segment = -1;
  offset = -1;
  isUsed = false;
  older: CachedBlock = this;
  newer: CachedBlock = this;

  constructor(memoryBytes: number) {
    this.memory = this.bytes = Buffer.allocUnsafeSlow(memoryBytes);
  }

  /** What the block counts for. */
  get weight(): number {
    return this.memory.length + entryBytes;
  }

  become(segment: number, offset: number, length: number): void {
    this.segment = segment;
    this.offset = offset;
    this.isUsed = false;
    if (length !== this.bytes.length) this.bytes = this.memory.subarray(0, length);
  }
}

/**
 * Only blocks whose checksum was verified are put in. One that leaves is used for the next: objects
 * and buffers that come and go with every miss would pile up until a garbage collection. So a view
 * of a block holds until the next one is put in, and who needs it for longer copies it.
 */
export class BlockCache {
  readonly #segments = new Map<number, Map<number, CachedBlock>>();
  /** The ring's joint: its `newer` is the next block to leave, its `older` the last in the line. */
  readonly #ring = new CachedBlock(0);
  /** Blocks that hold nothing, by the size of their memory. */
  readonly #free = new Map<number, CachedBlock[]>();
  #freeBytes = 0;
  /** What cursors work in, of all segments. */
  readonly cursorMemories = new CursorMemories();
  #scratch = Buffer.alloc(0);
  #segmentNext = 0;
  #bytesMax: number;
  #bytes = 0;
  #hits = 0;
  #misses = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  get hits(): number {
    return this.#hits;
  }

  get misses(): number {
    return this.#misses;
  }

  /** What the blocks take, their bookkeeping included. */
  get bytes(): number {
    return this.#bytes;
  }

  /** A number for a segment that is being opened, never given before. */
  addSegment(): number {
    const segment = this.#segmentNext++;
    this.#segments.set(segment, new Map());
    return segment;
  }

  /** Forgets all blocks of a segment, and the segment. */
  dropSegment(segment: number): void {
    for (const block of this.#segments.get(segment)?.values() ?? []) this.#forget(block);
    this.#segments.delete(segment);
  }

  /** The block of a segment at this offset, if it is here. */
  get(segment: number, offset: number): Buffer | undefined {
    const block = this.#segments.get(segment)?.get(offset);
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
    return this.#segments.get(segment)?.get(offset)?.bytes;
  }

  /**
   * Reads a block and keeps it.
   * @param read fills the buffer; if it throws, nothing is kept
   */
  add(segment: number, offset: number, length: number, read: (into: Buffer) => void): Buffer {
    const block = this.#take(Math.ceil(length / memoryStepBytes) * memoryStepBytes);
    block.become(segment, offset, length);
    try {
      read(block.bytes);
    } catch (error) {
      this.#giveBack(block);
      throw error;
    }
    this.#put(block);
    return block.bytes;
  }

  /** Memory for one large value at a time, of any segment; what was in it before is overwritten. */
  scratch(bytes: number): Buffer {
    if (bytes > this.#scratch.length) this.#scratch = Buffer.allocUnsafeSlow(bytes);
    return this.#scratch.subarray(0, bytes);
  }

  /** Changes how many bytes may stay. */
  setLimit(bytesMax: number): void {
    this.#bytesMax = bytesMax;
    this.#shrink();
  }

  #put(block: CachedBlock): void {
    const blocks = this.#segments.get(block.segment);
    if (blocks === undefined || block.weight > this.#bytesMax) return;
    const former = blocks.get(block.offset);
    if (former) this.#forget(former);
    blocks.set(block.offset, block);
    this.#linkLast(block);
    this.#bytes += block.weight;
    this.#shrink();
  }

  #take(memoryBytes: number): CachedBlock {
    const block = this.#free.get(memoryBytes)?.pop();
    if (block === undefined) return new CachedBlock(memoryBytes);
    this.#freeBytes -= block.weight;
    return block;
  }

  #giveBack(block: CachedBlock): void {
    const same = this.#free.get(block.memory.length);
    if (same === undefined) this.#free.set(block.memory.length, [block]);
    else same.push(block);
    this.#freeBytes += block.weight;
  }

  #shrink(): void {
    while (this.#bytes > this.#bytesMax) {
      const next = this.#ring.newer;
      if (next.isUsed) {
        next.isUsed = false;
        this.#unlink(next);
        this.#linkLast(next);
      } else {
        this.#forget(next);
        this.#segments.get(next.segment)?.delete(next.offset);
      }
    }
    this.#letGo();
  }

  /** Leaves blocks that wait for a use to the garbage collector, as far as they are too many. */
  #letGo(): void {
    const freeBytesMax = Math.max(0, this.#bytesMax - this.#bytes) + freeBytesExtra;
    for (const [memoryBytes, blocks] of this.#free) {
      while (this.#freeBytes > freeBytesMax) {
        const block = blocks.pop();
        if (block === undefined) break;
        this.#freeBytes -= block.weight;
      }
      if (blocks.length === 0) this.#free.delete(memoryBytes);
      if (this.#freeBytes <= freeBytesMax) return;
    }
  }

  #forget(block: CachedBlock): void {
    this.#unlink(block);
    this.#bytes -= block.weight;
    this.#giveBack(block);
  }

  #linkLast(block: CachedBlock): void {
    const joint = this.#ring;
    block.newer = joint;
    block.older = joint.older;
    joint.older.newer = block;
    joint.older = block;
  }

  #unlink(block: CachedBlock): void {
    block.older.newer = block.newer;
    block.newer.older = block.older;
  }
}
