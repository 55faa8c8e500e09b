import { type Cursor, Span } from '../base/cursor.js';
import { compareVersions, Kind } from '../base/entry.js';
import type { CursorMemory } from './cursor-memory.js';
import { DataBlock } from './data-block.js';
import { Directory } from './directory.js';
import { ReadAhead } from './read-ahead.js';
import type { SegmentBlocks } from './segment-blocks.js';

/** After so many blocks without a jump a cursor is on a long scan. */
const longScanBlocks = 64;

/**
 * A position in a segment: index block, data block in it, group (key) in that, version in that.
 * Seeking goes down through the directories, unless the target lies in the block at hand.
 */
export class SegmentCursor implements Cursor {
  readonly #blocks: SegmentBlocks;
  readonly #index = new Directory();
  readonly #data = new DataBlock();
  readonly #memory: CursorMemory;
  readonly #span = new Span();
  readonly #readAhead: ReadAhead;
  #blocksInSequence = 0;
  /** Numbers of the index block in the top index, the data block in the index block, and so on. */
  #indexBlock = -1;
  #dataBlock = -1;
  #group = -1;
  #version = -1;

  #key: Buffer;
  #hasKey = false;
  #isClosed = false;

  valid = false;
  staysOnKey = false;
  timestamp = 0;
  seq = 0;
  kind: Kind = Kind.value;
  expiresAt = Infinity;

  constructor(blocks: SegmentBlocks) {
    this.#blocks = blocks;
    this.#memory = blocks.cursorMemories.take();
    this.#readAhead = new ReadAhead(blocks, this.#memory);
    this.#key = this.#memory.key.subarray(0, 0);
  }

  get key(): Buffer {
    if (!this.#hasKey) {
      const memory = this.#memory.key;
      const length = this.#data.copyKey(this.#group, memory);
      if (length !== this.#key.length) this.#key = memory.subarray(0, length);
      this.#hasKey = true;
    }
    return this.#key;
  }

  value(): Buffer {
    const data = this.#data;
    const start = data.valueStart(this.#version);
    const end = data.valueEnd(this.#version);
    if (!data.isInExtent(this.#version)) return data.bytes.subarray(start, end);
    return this.#blocks.extent(data.reference(start, end), !this.#isLongScan);
  }

  locateValue(into: Span): void {
    const data = this.#data;
    const version = this.#version;
    if (data.isInExtent(version)) {
      const extent = this.value();
      into.set(extent, 0, extent.length);
    } else {
      into.set(data.bytes, data.valueStart(version), data.valueEnd(version));
    }
  }

  seek(key: Buffer, timestamp: number, seq: number): void {
    this.#locate(key, timestamp, seq);
    if (this.#group < this.#data.count) this.#settle();
    else this.#toNextBlock();
  }

  seekBefore(key: Buffer, timestamp: number, seq: number): void {
    this.#locate(key, timestamp, seq);
    this.#stepBack();
  }

  first(): void {
    this.valid = false;
    this.#blocksInSequence = 0;
    this.#openIndex(0);
    this.#openData(0);
    this.#moveTo(0, 0);
    this.#settle();
  }

  last(): void {
    this.valid = false;
    this.#blocksInSequence = 0;
    this.#openIndex(this.#blocks.topIndex.count - 1);
    this.#openData(this.#index.count - 1);
    this.#moveTo(this.#data.count, 0);
    this.#stepBack();
  }

  next(): void {
    this.staysOnKey = this.#version + 1 < this.#data.versions;
    if (this.staysOnKey) this.#version++;
    else this.#moveTo(this.#group + 1, 0);
    if (this.#group < this.#data.count) this.#settle();
    else this.#toNextBlock();
  }

  previous(): void {
    this.staysOnKey = this.#version > 0;
    const leavesBlock = this.#version === 0 && this.#group === 0;
    const key = leavesBlock ? this.key : undefined;
    this.#stepBack();
    if (key === undefined || !this.valid) return;
    this.staysOnKey = this.#data.compareKey(this.#group, key) === 0;
  }

  /** Any number of times. The cursor is not used afterwards, nor are views of its. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#blocks.cursorMemories.giveBack(this.#memory);
  }

  /** Moves to the first entry at or after the place, in its block; or to the end of that block. */
  #locate(key: Buffer, timestamp: number, seq: number): void {
    this.valid = false;
    if (!this.#isInBlock(key, timestamp, seq)) {
      this.#blocksInSequence = 0;
      const top = this.#blocks.topIndex;
      this.#openIndex(Math.max(0, top.lastAtOrBefore(key, timestamp, seq)));
      this.#openData(Math.max(0, this.#index.lastAtOrBefore(key, timestamp, seq)));
    }
    const data = this.#data;
    const group = data.firstAtOrAfter(key);
    const { isExact } = data;
    this.#moveTo(group, 0);
    if (!isExact) return;
    this.#version = data.firstVersionAtOrAfter(timestamp, seq);
    if (this.#version === data.versions) this.#moveTo(group + 1, 0);
  }

  /** True if the entries on both sides of the place are surely those of the block at hand. */
  #isInBlock(key: Buffer, timestamp: number, seq: number): boolean {
    const block = this.#dataBlock;
    return (
      block >= 0 &&
      block + 1 < this.#index.count &&
      this.#index.isAtOrBefore(block, key, timestamp, seq) &&
      !this.#index.isAtOrBefore(block + 1, key, timestamp, seq)
    );
  }

  #stepBack(): void {
    this.valid = false;
    if (this.#version > 0) {
      this.#version--;
    } else if (this.#group > 0 || this.#toPreviousBlock()) {
      this.#moveTo(this.#group - 1, 0);
      this.#version = this.#data.versions - 1;
    } else {
      return;
    }
    this.#settle();
  }

  /** To the end of the block before this one; false if there is none. */
  #toPreviousBlock(): boolean {
    this.#blocksInSequence++;
    if (this.#dataBlock > 0) {
      this.#openData(this.#dataBlock - 1);
    } else if (this.#indexBlock > 0) {
      this.#openIndex(this.#indexBlock - 1);
      this.#openData(this.#index.count - 1);
    } else {
      return false;
    }
    this.#moveTo(this.#data.count, 0);
    return true;
  }

  /** From the end of this block to the first entry of the next one. */
  #toNextBlock(): void {
    this.valid = false;
    const isLast = this.#dataBlock + 1 === this.#index.count;
    if (isLast && this.#indexBlock + 1 === this.#blocks.topIndex.count) return;
    this.#blocksInSequence++;
    const data = this.#data;
    this.#moveTo(data.count - 1, 0);
    const key = this.key;
    const timestamp = data.timestamp(data.versions - 1);
    const seq = data.seq(data.versions - 1);
    if (isLast) this.#openIndex(this.#indexBlock + 1);
    this.#openData(isLast ? 0 : this.#dataBlock + 1);
    const order = data.compareKey(0, key);
    this.staysOnKey = order === 0;
    this.#moveTo(0, 0);
    const isAfter =
      order > 0 ||
      (order === 0 && compareVersions(data.timestamp(0), data.seq(0), timestamp, seq) > 0);
    if (!isAfter) throw data.damage('a block does not come after the one before it');
    this.#settle();
  }

  get #isLongScan(): boolean {
    return this.#blocksInSequence > longScanBlocks;
  }

  #openIndex(block: number): void {
    if (block === this.#indexBlock) return;
    this.#indexBlock = this.#dataBlock = this.#group = -1;
    const top = this.#blocks.topIndex;
    top.read(block);
    const { offset } = top;
    this.#blocks.locateIndex(top, this.#span);
    const bytes = this.#memory.index.copyOf(this.#span);
    this.#index.open(bytes, this.#blocks.file.path, offset);
    this.#indexBlock = block;
  }

  #openData(block: number): void {
    if (block === this.#dataBlock) return;
    this.#dataBlock = this.#group = -1;
    const index = this.#index;
    index.read(block);
    const source = this.#isLongScan ? this.#readAhead : this.#blocks;
    const bytes = this.#memory.data.copy(source.dataBlock(index));
    this.#data.open(bytes, this.#blocks.file.path, index.offset);
    this.#dataBlock = block;
  }

  /** To a version of a group; the group after the last one stands for the block's end. */
  #moveTo(group: number, version: number): void {
    if (group !== this.#group) {
      this.valid = false;
      this.#group = -1;
      this.#hasKey = false;
      if (group < this.#data.count) this.#data.openGroup(group);
      this.#group = group;
    }
    this.#version = version;
  }

  /** Makes the fields those of the entry here. */
  #settle(): void {
    const data = this.#data;
    const version = this.#version;
    this.timestamp = data.timestamp(version);
    this.seq = data.seq(version);
    this.kind = data.kind(version);
    this.expiresAt = data.expiresAt(version);
    this.valid = true;
  }
}
