import { Span } from '../base/cursor.js';
import { damaged } from '../base/errors.js';
import { blockBytesTarget, neighbourBytesMax, valueBytesMax } from '../base/limits.js';
import type { BlockCache } from './block-cache.js';
import { noBlock } from './block-table.js';
import type { CursorMemories } from './cursor-memory.js';
import type { Handle } from './data-block.js';
import { Directory } from './directory.js';
import { Fences, unclear } from './fences.js';
import { headerBytes } from './format.js';
import type { Lease } from './lease.js';
import { neighboursOf } from './neighbours.js';
import type { PartSource, SegmentFile } from './segment-file.js';

/** In place of the offset of a block. */
export const nowhere = 0;
export const notAtHand = -1;
/** Extents up to this size go through the block cache. */
const extentCachedBytesMax = 4 * blockBytesTarget;
/** An index block gets fences when it is searched for so many times: by then they pay. */
const searchesBeforeFences = 4;

/** One of the two directories at the end of the file, which are held from their first use on. */
class HeldDirectory {
  readonly directory = new Directory();
  // From the second search and the second miss on: a process that asks for one thing does without.
  fences: Fences | undefined;
  readsNeighbours = false;
  #isSearched = false;

  /** Of a key as of a time. */
  find(key: Buffer, timestamp: number): number {
    if (this.#isSearched) this.fences ??= new Fences(this.directory);
    this.#isSearched = true;
    const record = this.fences?.lastAtOrBefore(key, timestamp) ?? unclear;
    if (record !== unclear) return Math.max(0, record);
    return Math.max(0, this.directory.lastAtOrBefore(key, timestamp, Infinity));
  }
}

/**
 * The parts of an open segment, from the cache or from its file, always verified. What is handed out
 * holds until the next part is asked for, of whichever segment.
 */
export class SegmentBlocks {
  readonly file: SegmentFile;
  readonly #cache: BlockCache;
  /** The segment's number in the cache. */
  readonly #number: number;
  #top: HeldDirectory | undefined;
  #filters: HeldDirectory | undefined;
  /** Of the index blocks, by their records in the top index: fences, or how often each was searched. */
  #indexFences: (Fences | number)[] = [];
  /** Where the fences led to that were searched last, if the block was not in the cache. */
  #missed: Fences | undefined;
  #missedRecord = 0;
  /** Turns from one index block to the next. */
  readonly #index = new Directory();
  readonly #span = new Span();

  constructor(file: SegmentFile, cache: BlockCache) {
    this.file = file;
    this.#cache = cache;
    this.#number = cache.addSegment();
  }

  /** What the two directories take in the end: once as they are, and about as much as fences. */
  get memoryBytes(): number {
    const { filterDirectory, properties } = this.file.footer.sections;
    return 2 * (properties - filterDirectory);
  }

  /** Of the index blocks. */
  get topIndex(): Directory {
    return this.#heldTop.directory;
  }

  get cursorMemories(): CursorMemories {
    return this.#cache.cursorMemories;
  }

  /** The filter block that a key is in, if it is in the segment. */
  locateFilter(key: Buffer, into: Span): void {
    this.#filters ??= this.#held('filterDirectory', 'topIndex');
    const filters = this.#filters;
    const record = filters.find(key, Infinity);
    const { fences } = filters;
    if (fences !== undefined && this.#isAtHand(fences, record, into)) return;
    const kept = this.#locateAmong(filters, record, into, 'a filter block');
    fences?.setBlock(record, kept);
  }

  /**
   * The data block that can hold the first entry at or after (key, timestamp, ∞) that is of the key,
   * if fences tell which one it is, and it is in the cache.
   * @returns its offset in the file, `nowhere`, or `notAtHand`
   */
  locateAtHand(key: Buffer, timestamp: number, into: Span): number {
    this.#missed = undefined;
    const topFences = this.#top?.fences;
    if (topFences === undefined) return notAtHand;
    const record = topFences.lastAtOrBefore(key, timestamp);
    const fences = record < 0 ? undefined : this.#indexFences[record];
    if (typeof fences !== 'object') return notAtHand;
    const number = fences.lastAtOrBefore(key, timestamp);
    if (number < 0) return notAtHand;
    if (timestamp < fences.minTimestamp(number)) return nowhere;
    if (this.#isAtHand(fences, number, into)) return fences.offset(number);
    this.#missed = fences;
    this.#missedRecord = number;
    return notAtHand;
  }

  /**
   * The same block, wherever it is, after `locateAtHand` did not find it at hand.
   * @returns its offset in the file; `nowhere` if no block has anything of the key by that time
   */
  locateData(key: Buffer, timestamp: number, into: Span): number {
    const missed = this.#missed;
    if (missed !== undefined) {
      this.#lookUp(missed, this.#missedRecord, into);
      return missed.offset(this.#missedRecord);
    }
    const top = this.#heldTop;
    const record = top.find(key, timestamp);
    const fences = this.#indexFences[record];
    if (typeof fences === 'object') {
      const number = fences.lastAtOrBefore(key, timestamp);
      if (number !== unclear)
        return this.#locateBlock(fences, Math.max(0, number), timestamp, into);
    }
    const index = this.#index;
    this.#locateAmong(top, record, into, 'an index block');
    index.openIn(into, this.file.path, top.directory.offset);
    if (typeof fences !== 'object') this.countSearch(record, index);
    index.read(Math.max(0, index.lastAtOrBefore(key, timestamp, Infinity)));
    if (timestamp < index.minTimestamp) return nowhere;
    this.#locate(index, into, 'a data block');
    return index.offset;
  }

  /** The record of the top index whose index block can hold the first entry at or after the place. */
  findIndex(key: Buffer, timestamp: number): number {
    return this.#heldTop.find(key, timestamp);
  }

  /** What `countSearch` made of an index block, if it was searched often. */
  fencesOf(record: number): Fences | undefined {
    const fences = this.#indexFences[record];
    return typeof fences === 'object' ? fences : undefined;
  }

  /** Where an index block lies, as long as the lease lasts. */
  leaseIndex(part: Handle, lease: Lease): void {
    lease.end();
    if (this.#locate(part, lease.span, 'an index block') < 0) lease.copyNow();
  }

  /** The same for a data block. */
  leaseData(part: Handle, lease: Lease, source: PartSource): void {
    lease.end();
    if (this.#locate(part, lease.span, 'a data block', source) < 0) lease.copyNow();
  }

  /** The same by the fences of its index block. */
  leaseFenced(fences: Fences, record: number, lease: Lease, source: PartSource): void {
    lease.end();
    this.#locateFenced(fences, record, lease.span, source);
    if (fences.block(record) < 0) lease.copyNow();
  }

  /** A part that happens to be in the cache, without counting as a use of it: false if it is not. */
  leaseIfThere(part: Handle, lease: Lease): boolean {
    lease.end();
    const block = this.#cache.peek(this.#number, part.offset);
    if (block >= 0) this.#cache.locate(block, lease.span);
    return block >= 0;
  }

  get leases(): Set<Lease> {
    return this.#cache.leases;
  }

  /**
   * A large value. One that is not kept is a view that holds until the next one is read, from
   * whichever segment: large buffers that come and go would pile up in memory.
   * @param isKept put it into the cache, if it is small enough for that
   */
  extent(part: Handle, isKept: boolean): Buffer {
    if (isKept && part.length <= extentCachedBytesMax) {
      this.#locate(part, this.#span, 'a value');
      const { bytes, start, end } = this.#span;
      return bytes.subarray(start, end);
    }
    this.#requireInside(part, 'a value');
    const bytes = this.#cache.scratch(part.length);
    this.#readInto(bytes, part, 'a value');
    return bytes;
  }

  close(): void {
    this.#cache.dropSegment(this.#number);
    this.#indexFences = [];
    this.file.close();
  }

  get #heldTop(): HeldDirectory {
    this.#top ??= this.#held('topIndex', 'properties');
    return this.#top;
  }

  /** Takes note that an index block is searched, which is made fences of when it often is. */
  countSearch(record: number, index: Directory): void {
    const searches = (this.#indexFences[record] as number | undefined) ?? 0;
    if (searches + 1 < searchesBeforeFences) {
      this.#indexFences[record] = searches + 1;
      return;
    }
    const fences = new Fences(index);
    this.#indexFences[record] = fences;
    this.#cache.addFences(this.#number, fences, () => {
      this.#indexFences[record] = 0;
    });
  }

  /** The data block of a record of fences, if it has anything of that time or before. */
  #locateBlock(fences: Fences, record: number, timestamp: number, into: Span): number {
    if (timestamp < fences.minTimestamp(record)) return nowhere;
    if (!this.#isAtHand(fences, record, into)) this.#lookUp(fences, record, into);
    return fences.offset(record);
  }

  /** The data block of a record of fences for a lookup: one that is asked for rarely is not kept. */
  #lookUp(fences: Fences, record: number, into: Span): void {
    const part = fences.handle(record);
    const known = fences.block(record);
    const cache = this.#cache;
    // What fences know nothing of may have been read before there were any.
    const isNew = known === noBlock && cache.peek(this.#number, part.offset) !== noBlock;
    if (isNew || part.inflatedLength > 0 || cache.isWorthKeeping(known)) {
      fences.setBlock(record, this.#locate(part, into, 'a data block'));
      return;
    }
    fences.setBlock(record, cache.miss());
    this.#requireInside(part, 'a data block');
    const bytes = cache.scratch(part.length);
    this.#readInto(bytes, part, 'a data block');
    into.set(bytes, 0, bytes.length);
  }

  /** The data block of a record of fences. */
  #locateFenced(fences: Fences, record: number, into: Span, source?: PartSource): void {
    if (this.#isAtHand(fences, record, into)) return;
    fences.setBlock(record, this.#locate(fences.handle(record), into, 'a data block', source));
  }

  /** True if the block that fences remember for a record is in the cache still; then where it lies. */
  #isAtHand(fences: Fences, record: number, into: Span): boolean {
    const block = fences.block(record);
    if (!this.#cache.isStill(block, this.#number, fences.offset(record))) return false;
    this.#cache.locate(block, into);
    return true;
  }

  /**
   * A part of which the neighbours may soon be asked for too: while the cache has room, they are read
   * with it. The directory has read the part's record then.
   * @returns the number of its block in the cache, if it is kept
   */
  #locateAmong(held: HeldDirectory, record: number, into: Span, what: string): number {
    const { directory } = held;
    directory.read(record);
    const { offset } = directory;
    let block = this.#cache.get(this.#number, offset);
    if (block === noBlock) {
      if (held.readsNeighbours && this.#cache.hasRoomFor(neighbourBytesMax)) {
        this.#keepAll(neighboursOf(directory, record, neighbourBytesMax), what);
        block = this.#cache.peek(this.#number, offset);
      }
      held.readsNeighbours = true;
    }
    if (block === noBlock) return this.#read(directory, into, what);
    this.#cache.locate(block, into);
    return block;
  }

  /** Puts parts that lie one behind the other into the cache; one that is damaged fails who needs it. */
  #keepAll(parts: readonly Handle[], what: string): void {
    const [first] = parts;
    if (first === undefined || parts.length < 2) return;
    for (const part of parts) this.#requireInside(part, what);
    const start = first.offset;
    const together = this.#cache.scratch(parts.reduce((sum, { length }) => sum + length, 0));
    this.file.readInto(together, start);
    for (const part of parts) {
      const { offset, length } = part;
      const bytes = together.subarray(offset - start, offset - start + length);
      const isHere = this.#cache.peek(this.#number, offset) !== noBlock;
      if (isHere || !this.file.isWhole(bytes, part)) continue;
      this.#cache.add({ segment: this.#number, offset, length }, this.#span, (kept) => {
        bytes.copy(kept);
      });
    }
  }

  /** @returns the number of its block in the cache, if it is kept */
  #locate(part: Handle, into: Span, what: string, source?: PartSource): number {
    const block = this.#cache.get(this.#number, part.offset);
    if (block === noBlock) return this.#read(part, into, what, source);
    this.#cache.locate(block, into);
    return block;
  }

  #read(part: Handle, into: Span, what: string, source?: PartSource): number {
    const { offset, inflatedLength } = part;
    this.#requireInside(part, what);
    if (inflatedLength > 0) return this.#readDeflated(part, into, what, source);
    const { length } = part;
    return this.#cache.add({ segment: this.#number, offset, length }, into, (bytes) => {
      this.#readInto(bytes, part, what, source);
    });
  }

  #readDeflated(part: Handle, into: Span, what: string, source?: PartSource): number {
    const stored = this.#cache.scratch(part.length);
    this.#readInto(stored, part, what, source);
    const block = this.file.inflated(stored, part);
    const { offset } = part;
    const { length } = block;
    return this.#cache.add({ segment: this.#number, offset, length }, into, (bytes) => {
      block.copy(bytes);
    });
  }

  #readInto(bytes: Buffer, part: Handle, what: string, source: PartSource = this.file): void {
    source.readInto(bytes, part.offset);
    this.file.verify(bytes, part, what);
  }

  /** No length is believed before it is checked, so none makes us take more memory than it needs. */
  #requireInside({ offset, length }: Handle, what: string): void {
    const end = this.file.footer.sections.filterDirectory;
    if (offset < headerBytes || offset + length > end || length > valueBytesMax) {
      throw damaged(this.file.path, offset, `${what} is said to lie where none can be`);
    }
  }

  #held(section: 'filterDirectory' | 'topIndex', next: 'topIndex' | 'properties'): HeldDirectory {
    const { sections, checksums } = this.file.footer;
    const offset = sections[section];
    const start = offset - sections.filterDirectory;
    const bytes = this.file.directories.subarray(start, sections[next] - sections.filterDirectory);
    const what = section === 'topIndex' ? 'the top index' : 'the filter directory';
    this.file.verify(bytes, { offset, length: bytes.length, checksum: checksums[section] }, what);
    const held = new HeldDirectory();
    held.directory.open(bytes, this.file.path, offset);
    return held;
  }
}
