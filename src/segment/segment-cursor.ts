import { type Cursor, Span } from '../base/cursor.js';
import { compareVersions, Kind } from '../base/entry.js';
import { firstExpiryKey } from '../base/expiry-order.js';
import { BlockPath } from './block-path.js';
import type { DataBlock } from './data-block.js';
import { unclear } from './fences.js';
import type { SegmentBlocks } from './segment-blocks.js';

/** Numbers each group that any cursor opens: no two of them are taken for one. */
let runs = 0;

/**
 * A position in a segment: index block, data block in it, group (key) in that, version in that.
 * Seeking goes down through the directories, unless the target lies in the block at hand.
 */
export class SegmentCursor implements Cursor {
  readonly #blocks: SegmentBlocks;
  readonly #path: BlockPath;
  readonly #data: DataBlock;
  /** Numbers of the group in the data block, and of the version in it. */
  #group = -1;
  #version = -1;

  /** Of a value; used again for each. */
  readonly #place = new Span();
  #key: Buffer;
  #hasKey = false;
  #isClosed = false;
  /** The block at hand is behind those that this cursor goes over. */
  #isBehind = false;
  /** There are such blocks. */
  readonly #hasEnd: boolean;

  valid = false;
  staysOnKey = false;
  run = 0;
  timestamp = 0;
  seq = 0;
  kind: Kind = Kind.value;
  expiresAt = Infinity;

  /** @param hasEnd entries in the order of expiry follow, which are not to be met */
  constructor(blocks: SegmentBlocks, hasEnd: boolean) {
    this.#blocks = blocks;
    this.#hasEnd = hasEnd;
    this.#path = new BlockPath(blocks, () => {
      if (this.#group >= 0 && this.#group < this.#data.count) this.#openGroup(this.#group);
    });
    this.#data = this.#path.data;
    this.#key = this.#path.memory.key.subarray(0, 0);
  }

  get key(): Buffer {
    if (!this.#hasKey) {
      const memory = this.#path.memory.key;
      const length = this.#data.copyKey(this.#group, memory);
      if (length !== this.#key.length) this.#key = memory.subarray(0, length);
      this.#hasKey = true;
    }
    return this.#key;
  }

  value(): Buffer {
    const data = this.#data;
    const place = this.#place;
    data.locateValue(this.#version, place);
    if (data.isInExtent(this.#version)) {
      return this.#blocks.extent(data.reference(place), !this.#path.isLongScan);
    }
    return data.bytes.subarray(place.start, place.end);
  }

  locateValue(into: Span): void {
    const data = this.#data;
    const version = this.#version;
    if (data.isInExtent(version)) {
      const extent = this.value();
      into.set(extent, 0, extent.length);
    } else {
      data.locateValue(version, into);
    }
  }

  locateRun(into: Span): void {
    this.#data.locateValues(into);
  }

  seek(key: Buffer, timestamp: number, seq: number): void {
    this.#locate(key, timestamp, seq);
    this.#settleOrGoOn();
  }

  nextKey(timestamp = Infinity): void {
    if (this.#goesOn(this.#group)) {
      this.#leaveKey(timestamp);
    } else {
      this.#moveTo(this.#group + 1, 0);
      this.#settleOrGoOn();
      // The directory tells of the next block only where both are of one index block.
      const goesOn = this.valid && this.#group === 0 && this.staysOnKey;
      if (goesOn) this.seek(this.key, -Infinity, -Infinity);
    }
  }

  seekInKey(timestamp: number): boolean {
    if (this.#toVersion(timestamp)) return true;
    const isLast = this.#group + 1 === this.#data.count;
    if (this.#goesOn(this.#group)) {
      const block = this.#blockWithin(timestamp);
      if (block !== unclear) return this.#seekIn(block, timestamp);
      const isFound = this.#locate(this.key, timestamp, Infinity);
      this.#settleOrGoOn();
      return isFound;
    }
    this.#moveTo(this.#group + 1, 0);
    this.#settleOrGoOn();
    return isLast && this.valid && this.staysOnKey && this.seekInKey(timestamp);
  }

  alone(): Cursor {
    return this;
  }

  seekBefore(key: Buffer, timestamp: number, seq: number): void {
    this.#locate(key, timestamp, seq);
    this.#stepBack();
  }

  first(): void {
    this.valid = false;
    this.#path.jump();
    this.#openIndex(0);
    this.#openData(0);
    this.#moveTo(0, 0);
    this.#settle();
  }

  last(): void {
    if (this.#hasEnd) {
      this.seekBefore(firstExpiryKey, Infinity, Infinity);
      return;
    }
    this.valid = false;
    this.#path.jump();
    this.#openIndex(this.#blocks.topIndex.count - 1);
    this.#openData(this.#path.index.count - 1);
    this.#moveTo(this.#data.count, 0);
    this.#stepBack();
  }

  next(): void {
    this.staysOnKey = this.#version + 1 < this.#data.versions;
    if (this.staysOnKey) this.#version++;
    else this.#moveTo(this.#group + 1, 0);
    this.#settleOrGoOn();
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
    this.#path.close();
  }

  /**
   * Moves to the first entry at or after the place, in its block; or to the end of that block.
   * @returns true if it is of the key
   */
  #locate(key: Buffer, timestamp: number, seq: number): boolean {
    this.valid = false;
    this.#toBlockOf(key, timestamp, seq);
    const data = this.#data;
    const group = data.firstAtOrAfter(key);
    const { isExact } = data;
    this.#moveTo(group, 0);
    if (!isExact) return false;
    this.#version = data.firstVersionAtOrAfter(timestamp, seq);
    if (this.#version < data.versions) return true;
    this.#moveTo(group + 1, 0);
    return false;
  }

  /** True if the key of the group surely goes on in the next block. */
  #goesOn(group: number): boolean {
    return group + 1 === this.#data.count && this.#path.keyGoesOn;
  }

  /** To the first version as of a time in the block with which a key goes on; false: to the next key. */
  #seekIn(block: number, timestamp: number): boolean {
    this.#jumpTo(block);
    this.#moveTo(0, 0);
    if (this.#toVersion(timestamp)) return true;
    this.#moveTo(1, 0);
    this.#settleOrGoOn();
    return false;
  }

  /** To the first version of the group at hand as of a time, if there is one. */
  #toVersion(timestamp: number): boolean {
    const data = this.#data;
    if (data.timestamp(data.versions - 1) > timestamp) return false;
    this.#version = data.firstVersionAtOrAfter(timestamp, Infinity);
    this.#settle();
    return true;
  }

  /** To the first entry behind a key that goes on in the next block, or to one as of the time. */
  #leaveKey(timestamp: number): void {
    const block = this.#blockWithin(-Infinity);
    if (block === unclear) {
      this.seek(this.key, -Infinity, -Infinity);
      return;
    }
    this.#jumpTo(block);
    const isAlone = this.#data.count === 1;
    if (isAlone) this.#jumpTo(block + 1);
    const group = isAlone ? 0 : 1;
    // Where the next key goes on too, the block with which it begins need not be read mostly.
    const skips = timestamp !== Infinity && this.#goesOn(group);
    const later = skips ? this.#blockWithin(timestamp) : unclear;
    if (later === unclear) {
      this.#moveTo(group, 0);
      this.#settle();
    } else {
      this.#seekIn(later, timestamp);
    }
  }

  /**
   * Where the key at hand goes on in the next block: the one of the index block at hand that that can hold its
   * first version as of a time; `unclear` if fences do not tell.
   */
  #blockWithin(timestamp: number): number {
    const fences = this.#blocks.fencesOf(this.#path.indexBlock);
    if (fences === undefined) return unclear;
    // The next one begins with a separator of the key.
    const block = fences.lastWithinKey(this.#path.dataBlock + 1, timestamp);
    // Behind the last block the key may go on in another index block.
    return block > this.#path.dataBlock && block + 1 < fences.count ? block : unclear;
  }

  /** Opens the block that can hold the first entry at or after the place. */
  #toBlockOf(key: Buffer, timestamp: number, seq: number): void {
    const blocks = this.#blocks;
    // Fences know of no seqs; before all versions of one time, and behind all of a key, none matters.
    if (seq === Infinity || timestamp === -Infinity) {
      const record = blocks.findIndex(key, timestamp);
      const fences = blocks.fencesOf(record);
      const part = fences?.lastAtOrBefore(key, timestamp) ?? unclear;
      if (part !== unclear) {
        this.#openIndex(record);
        this.#jumpTo(Math.max(0, part));
        return;
      }
      if (fences === undefined && record === this.#path.indexBlock) {
        blocks.countSearch(record, this.#path.index);
      }
    }
    if (this.#path.holds(key, timestamp, seq)) return;
    this.#openIndex(Math.max(0, blocks.topIndex.lastAtOrBefore(key, timestamp, seq)));
    this.#jumpTo(Math.max(0, this.#path.index.lastAtOrBefore(key, timestamp, seq)));
  }

  /** To a block that need not be next to the one at hand. */
  #jumpTo(block: number): void {
    if (block === this.#path.dataBlock) return;
    this.valid = false;
    this.#path.jump();
    this.#openData(block);
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
    this.#path.step();
    if (this.#path.dataBlock > 0) {
      this.#openData(this.#path.dataBlock - 1);
    } else if (this.#path.indexBlock > 0) {
      this.#openIndex(this.#path.indexBlock - 1);
      this.#openData(this.#path.index.count - 1);
    } else {
      return false;
    }
    this.#moveTo(this.#data.count, 0);
    return true;
  }

  /** From the end of this block to the first entry of the next one. */
  #toNextBlock(): void {
    this.valid = false;
    const isLast = this.#path.dataBlock + 1 === this.#path.index.count;
    if (isLast && this.#path.indexBlock + 1 === this.#blocks.topIndex.count) return;
    this.#path.step();
    const data = this.#data;
    this.#moveTo(data.count - 1, 0);
    const key = this.key;
    const timestamp = data.timestamp(data.versions - 1);
    const seq = data.seq(data.versions - 1);
    if (isLast) this.#openIndex(this.#path.indexBlock + 1);
    this.#openData(isLast ? 0 : this.#path.dataBlock + 1);
    const order = data.compareKey(0, key);
    this.staysOnKey = order === 0;
    this.#moveTo(0, 0);
    const isAfter =
      order > 0 ||
      (order === 0 && compareVersions(data.timestamp(0), data.seq(0), timestamp, seq) > 0);
    if (!isAfter) throw data.damage('a block does not come after the one before it');
    this.#settle();
  }

  #openIndex(block: number): void {
    if (block === this.#path.indexBlock) return;
    this.#group = -1;
    this.#path.openIndex(block);
  }

  #openData(block: number): void {
    if (block === this.#path.dataBlock) return;
    this.#group = -1;
    this.#path.openData(block);
    this.#isBehind = this.#hasEnd && this.#data.compareKey(0, firstExpiryKey) >= 0;
  }

  /** To a version of a group; the group after the last one stands for the block's end. */
  #moveTo(group: number, version: number): void {
    if (group !== this.#group) {
      this.valid = false;
      this.#group = -1;
      this.#hasKey = false;
      if (group < this.#data.count) this.#openGroup(group);
      this.#group = group;
    }
    this.#version = version;
  }

  #openGroup(group: number): void {
    this.run = ++runs;
    this.#data.openGroup(group);
  }

  /** At the end of a block: to the first entry of the next one. */
  #settleOrGoOn(): void {
    if (this.#group < this.#data.count) this.#settle();
    else this.#toNextBlock();
  }

  /** Makes the fields those of the entry here. */
  #settle(): void {
    const data = this.#data;
    const version = this.#version;
    this.timestamp = data.timestamp(version);
    this.seq = data.seq(version);
    this.kind = data.kind(version);
    this.expiresAt = data.expiresAt(version);
    this.valid = !this.#isBehind;
  }
}
