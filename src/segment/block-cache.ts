/**
 * Blocks of all segments in memory. The least recently used leave first, as second chance tells
 * them: a hit only marks its block, so it writes to no other; a marked block that would be the next
 * to leave loses its mark and goes to the end of the line instead.
 */

/** What a cached block takes beyond its own bytes: two objects and a place in a map. */
const entryBytes = 256;

interface CachedBlock {
  readonly bytes: Buffer;
  readonly segment: number;
  readonly offset: number;
  isUsed: boolean;
  older: CachedBlock;
  newer: CachedBlock;
}

/**
 * Only blocks whose checksum was verified are put in. A block that leaves is merely forgotten: who
 * still holds a view of it can go on reading.
 */
export class BlockCache {
  readonly #segments = new Map<number, Map<number, CachedBlock>>();
  /** The ring's joint: its `newer` is the next block to leave, its `older` the last in the line. */
  readonly #ring: CachedBlock;
  #scratch = Buffer.alloc(0);
  #segmentNext = 0;
  #bytesMax: number;
  #bytes = 0;
  #hits = 0;
  #misses = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
    const joint = { bytes: Buffer.alloc(0), segment: -1, offset: 0, isUsed: false } as CachedBlock;
    joint.older = joint.newer = joint;
    this.#ring = joint;
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

  /** Keeps a verified block with memory of its own, unless it is larger than the whole cache. */
  put(segment: number, offset: number, bytes: Buffer): void {
    const blocks = this.#segments.get(segment);
    if (blocks === undefined || bytes.length + entryBytes > this.#bytesMax) return;
    const former = blocks.get(offset);
    if (former) this.#forget(former);
    const joint = this.#ring;
    const block = { bytes, segment, offset, isUsed: false, older: joint, newer: joint };
    blocks.set(offset, block);
    this.#linkLast(block);
    this.#bytes += bytes.length + entryBytes;
    this.#shrink();
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
  }

  #forget(block: CachedBlock): void {
    this.#unlink(block);
    this.#bytes -= block.bytes.length + entryBytes;
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
