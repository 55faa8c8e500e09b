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
import { viewOf } from '../base/bytes.js';
import type { Span } from '../base/cursor.js';
import { KiB } from '../base/limits.js';
import { BlockTable, noBlock, rowBytes } from './block-table.js';
import { CursorMemories } from './cursor-memory.js';
import { FencePool, type Fences } from './fences.js';
import type { Lease } from './lease.js';

/** What a cached block takes beyond its own bytes: its row, a place in the table and in its chunk. */
const entryBytes = 2 * rowBytes;
const chunkBytesUsual = 128 * KiB;
/** What fences may take of all. */
const fencesShare = 1 / 2;
/** Blocks of more than this share of a chunk are not kept. */
const largestShare = 1 / 4;
/** Misses are told by numbers below `noBlock`. */
const firstMiss = noBlock - 1;
const missMask = 0x3fff_ffff;

interface Chunk {
  /** Its place in `#memories`. */
  number: number;
  memory: Buffer;
  array: ArrayBufferLike;
  /** The blocks in it, in the order of their places; `noBlock` for one that was forgotten. */
  blocks: number[];
  used: number;
}

/** True if nothing in the chunk can be asked for any more. */
function isForgotten({ blocks }: Chunk): boolean {
  return blocks.every((block) => block === noBlock);
}

/**
 * Only blocks whose checksum was verified are put in. Where a block lies holds until the next one is
 * put in; who needs it for longer copies it.
 */
export class BlockCache {
  readonly #chunkBytes: number;
  /** The oldest first. The last one is being filled. */
  readonly #chunks: Chunk[] = [];
  /** Of each chunk by its number, so that a block's memory is found in one step. */
  readonly #memories: Buffer[] = [];
  readonly #table = new BlockTable();
  /** Segments that were not dropped. */
  readonly #segments = new Set<number>();
  /** Blocks that are read where they lie. */
  readonly leases = new Set<Lease>();
  /** What cursors work in, of all segments. */
  readonly cursorMemories = new CursorMemories();
  #scratchArray = new ArrayBuffer(0);
  #segmentNext = 0;
  #bytesMax: number;
  #hits = 0;
  #misses = 0;
  /** Of index blocks, by the segment. */
  readonly #fences = new FencePool();

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
    const bookkeeping = this.#table.count * entryBytes + this.#fences.bytes;
    return this.#chunks.length * this.#chunkBytes + bookkeeping;
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
    this.#fences.drop(segment);
    for (const { blocks } of this.#chunks) {
      for (const [place, block] of blocks.entries()) {
        if (block === noBlock || this.#table.segment(block) !== segment) continue;
        this.#table.remove(block);
        blocks[place] = noBlock;
      }
    }
    const last = this.#chunks.pop();
    this.#chunks.sort((a, b) => Number(isForgotten(b)) - Number(isForgotten(a)));
    if (last !== undefined) this.#chunks.push(last);
  }

  /** The number of the block of a segment at this offset; `noBlock` if it is not here. */
  get(segment: number, offset: number): number {
    const block = this.#table.get(segment, offset);
    if (block === noBlock) this.#misses++;
    else this.#use(block);
    return block;
  }

  /** True if a block that once had this number has it still: it then counts as asked for. */
  isStill(block: number, segment: number, offset: number): boolean {
    if (block < 0 || !this.#table.isAt(block, segment, offset)) return false;
    this.#use(block);
    return true;
  }

  /** Like `get`, but the block counts neither as a hit nor as used. */
  peek(segment: number, offset: number): number {
    return this.#table.get(segment, offset);
  }

  /**
   * True if a block that is not here is worth a place: while there is room, and then if it was missed
   * a short while ago, within as many misses as there are blocks. (As in 2Q, of Johnson and Shasha,
   * 1994; what is remembered of others lies in their fences and not in a queue.)
   * @param missed what `miss` answered for it; any other number: it was not missed before
   */
  isWorthKeeping(missed: number): boolean {
    if (this.#mayTakeChunk) return true;
    return (
      missed < noBlock && ((this.#misses - (firstMiss - missed)) & missMask) <= this.#table.count
    );
  }

  /** Counts a miss of a block that is not to be kept; answers what tells of it the next time. */
  miss(): number {
    return firstMiss - (++this.#misses & missMask);
  }

  /** True if so many bytes of blocks could come without any having to leave. */
  hasRoomFor(bytes: number): boolean {
    return this.bytes + bytes + this.#chunkBytes <= this.#bytesMax;
  }

  /** Where a block lies. */
  locate(block: number, into: Span): void {
    const table = this.#table;
    const start = table.start(block);
    into.set(this.#memories[table.chunk(block)] as Buffer, start, start + table.length(block));
  }

  /**
   * Reads a block that is not here, and keeps it unless it is too large.
   * @param into where it lies then
   * @param read fills the buffer; if it throws, nothing is kept
   * @returns its number; `noBlock` if it is not kept
   */
  add(
    { segment, offset, length }: { segment: number; offset: number; length: number },
    into: Span,
    read: (into: Buffer) => void,
  ): number {
    const chunk = this.#segments.has(segment) ? this.#chunkFor(length) : undefined;
    if (chunk === undefined) {
      const bytes = this.scratch(length);
      read(bytes);
      into.set(bytes, 0, length);
      return noBlock;
    }
    const start = chunk.used;
    read(viewOf(chunk.array, start, length));
    const block = this.#table.add(segment, offset);
    this.#table.place(block, chunk.number, start, length);
    chunk.blocks.push(block);
    chunk.used += length;
    into.set(chunk.memory, start, start + length);
    return block;
  }

  /**
   * Keeps the fences of an index block in mind, which are memory too.
   * @param forget called when they have to go
   */
  addFences(segment: number, fences: Fences, forget: () => void): void {
    this.#fences.add({ segment, fences, forget });
    this.setLimit(this.#bytesMax);
  }

  /** Memory for one large part at a time, of any segment; what was in it before is overwritten. */
  scratch(bytes: number): Buffer {
    if (bytes > this.#scratchArray.byteLength) this.#scratchArray = new ArrayBuffer(bytes);
    return viewOf(this.#scratchArray, 0, bytes);
  }

  /** Changes how many bytes may be taken. */
  setLimit(bytesMax: number): void {
    this.#bytesMax = bytesMax;
    this.#fences.trim(bytesMax * fencesShare);
    while (this.bytes > bytesMax && this.#chunks.length > 0) this.#drop(this.#takeOldest());
  }

  #use(block: number): void {
    this.#hits++;
    if (!this.#table.isUsed(block)) this.#table.setUsed(block, true);
  }

  /** A chunk at the end of the line with room for a block; undefined for one that is not to be kept. */
  #chunkFor(length: number): Chunk | undefined {
    if (length > this.#chunkBytes * largestShare) return undefined;
    const last = this.#chunks.at(-1);
    const hasRoom = last !== undefined && last.used + length <= this.#chunkBytes;
    if (hasRoom && this.bytes + entryBytes <= this.#bytesMax) return last;
    const oldest = this.#chunks[0];
    if (this.#mayTakeChunk && !(oldest !== undefined && isForgotten(oldest))) {
      const memory = Buffer.allocUnsafeSlow(this.#chunkBytes);
      const free = this.#memories.indexOf(nothing);
      const number = free === -1 ? this.#memories.length : free;
      this.#memories[number] = memory;
      const chunk = { number, memory, array: memory.buffer, blocks: [], used: 0 };
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
      if (!this.#mayTakeChunk) {
        this.#drop(chunk);
        continue;
      }
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
    const { number, memory, blocks } = chunk;
    for (const lease of this.leases) lease.leave(memory);
    const table = this.#table;
    let kept = 0;
    let used = 0;
    for (const block of blocks) {
      if (block === noBlock) continue;
      if (!table.isUsed(block)) {
        table.remove(block);
        continue;
      }
      table.setUsed(block, false);
      const from = table.start(block);
      const length = table.length(block);
      if (from !== used) {
        memory.copyWithin(used, from, from + length);
        table.place(block, number, used, length);
      }
      used += length;
      blocks[kept++] = block;
    }
    blocks.length = kept;
    chunk.used = used;
  }

  #empty(chunk: Chunk): void {
    for (const block of chunk.blocks) {
      if (block !== noBlock) this.#table.remove(block);
    }
    chunk.blocks.length = 0;
    chunk.used = 0;
  }

  /** Gives the memory of a chunk back, which is no longer in the line. */
  #drop(chunk: Chunk): void {
    this.#empty(chunk);
    this.#memories[chunk.number] = nothing;
  }
}

/** In place of the memory of a chunk that was given back. */
const nothing = Buffer.alloc(0);
