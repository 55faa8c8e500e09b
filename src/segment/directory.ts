/**
 * A directory says where the parts of a segment lie: data blocks (an index block), index blocks
 * (the top index) or filter blocks (the filter directory). It is a key table (key-table.ts) with
 * one record for each part, whose key and version separate it from the part before:
 *
 *     everything in the part before  <  separator  ≤  everything in this part
 *
 *     record:  suffix length │ suffix │ flags u8 │ offset u48 │ length u32 │ CRC u32
 *              │ [length when inflated u32]                        in brackets: if its flag is set
 *              │ [least and greatest timestamp i64 i64]
 *              │ [timestamp i64] │ [seq i64]                       of the separator
 *
 * A separator without a timestamp stands before all versions of its key, one without a seq before
 * all entries of its (key, timestamp). So the part that can hold the first entry at or after
 * (key, timestamp, ∞) of that key is always exactly one.
 */
import type { Handle } from './data-block.js';
import { KeyTable, KeyTableBuilder, type TableState } from './key-table.js';

const hasTimestamp = 1;
const hasSeq = 2;
const hasBounds = 4;
const isDeflated = 8;
const offsetBytes = 6;
const handleBytes = offsetBytes + 8;
const inflatedBytes = 4;
const boundsBytes = 16;

export interface Separator {
  key: Buffer;
  /** Infinity: before all versions of the key. */
  timestamp: number;
  /** Infinity: before all entries of the (key, timestamp). */
  seq: number;
}

export interface Bounds {
  minTimestamp: number;
  maxTimestamp: number;
}

/** The separator before all versions of a key. */
export function beforeKey(key: Buffer): Separator {
  return { key, timestamp: Infinity, seq: Infinity };
}

/** Reads a directory in place. */
export class Directory extends KeyTable {
  // The part of the record read last.
  offset = 0;
  length = 0;
  checksum = 0;
  inflatedLength = 0;
  minTimestamp = -Infinity;
  maxTimestamp = Infinity;
  // What `readAll` tells of its separator; Infinity: before all versions of the key.
  timestamp = Infinity;
  hasSeq = false;

  /** The last record whose separator is at or before the place; −1 if all come after it. */
  lastAtOrBefore(key: Buffer, timestamp: number, seq: number): number {
    const side = this.comparePrefix(key);
    if (side !== 0) return side < 0 ? this.count - 1 : -1;
    let low = 0;
    let high = this.count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const order = this.compareRecord(middle, key) || this.#compareVersion(timestamp, seq);
      if (order <= 0) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  /** True if the record's separator is at or before the place. */
  isAtOrBefore(record: number, key: Buffer, timestamp: number, seq: number): boolean {
    return (this.compareKey(record, key) || this.#compareVersion(timestamp, seq)) <= 0;
  }

  /** True if the separator stands between versions of one key. */
  separatesVersions(record: number): boolean {
    this.body(record);
    return (this.#flags() & hasTimestamp) !== 0;
  }

  /** Reads where the part of a record lies. */
  read(record: number): void {
    this.body(record);
    const flags = this.#flags();
    this.offset = this.uint(offsetBytes);
    this.length = this.uint32();
    this.checksum = this.uint32();
    this.inflatedLength = (flags & isDeflated) === 0 ? 0 : this.uint32();
    const hasNoBounds = (flags & hasBounds) === 0;
    this.minTimestamp = hasNoBounds ? -Infinity : this.int64();
    this.maxTimestamp = hasNoBounds ? Infinity : this.int64();
  }

  /** The part of the record read last. */
  get handle(): Handle {
    const { offset, length, checksum, inflatedLength } = this;
    return { offset, length, checksum, inflatedLength };
  }

  /** Reads the separator of a record, its key as `headOf` makes it a number, and its part. */
  readAll(record: number): void {
    this.read(record);
    const versionAt = this.at;
    this.readHead(record);
    const flags = this.#flags();
    this.at = versionAt;
    this.timestamp = (flags & hasTimestamp) === 0 ? Infinity : this.int64();
    this.hasSeq = (flags & hasSeq) !== 0;
  }

  /** Compares the version of the separator, whose record's body is at `at`, with another. */
  #compareVersion(timestamp: number, seq: number): number {
    const flags = this.#flags();
    if ((flags & hasTimestamp) === 0) return -1;
    this.skip(
      handleBytes +
        ((flags & isDeflated) === 0 ? 0 : inflatedBytes) +
        ((flags & hasBounds) === 0 ? 0 : boundsBytes),
    );
    const there = this.int64();
    if (there !== timestamp) return there > timestamp ? -1 : 1;
    if ((flags & hasSeq) === 0) return -1;
    return this.int64() >= seq ? -1 : 1;
  }

  #flags(): number {
    const flags = this.uint8();
    if (flags > (hasTimestamp | hasSeq | hasBounds | isDeflated))
      throw this.damage('it has unknown flags');
    return flags;
  }
}

/** Collects a directory. */
export class DirectoryBuilder {
  readonly #table = new KeyTableBuilder();
  readonly #bounds: Bounds = { minTimestamp: Infinity, maxTimestamp: -Infinity };

  get bytes(): number {
    return this.#table.bytes;
  }

  get count(): number {
    return this.#table.count;
  }

  /** The bounds of all parts together. */
  get bounds(): Bounds {
    return { ...this.#bounds };
  }

  /** @param bounds absent for parts without timestamps */
  add(separator: Separator, handle: Handle, bounds?: Bounds): void {
    this.#table.add(separator.key, this.#table.sharedWithLast(separator.key));
    const body = this.#table.body;
    const isVersion = separator.timestamp !== Infinity;
    const isEntry = isVersion && separator.seq !== Infinity;
    const isSmaller = handle.inflatedLength > 0;
    body.uint8(
      (isVersion ? hasTimestamp : 0) |
        (isEntry ? hasSeq : 0) |
        (bounds ? hasBounds : 0) |
        (isSmaller ? isDeflated : 0),
    );
    body.uint(handle.offset, offsetBytes);
    body.uint(handle.length, 4);
    body.uint(handle.checksum, 4);
    if (isSmaller) body.uint(handle.inflatedLength, inflatedBytes);
    if (bounds) {
      body.int64(bounds.minTimestamp);
      body.int64(bounds.maxTimestamp);
      this.#bounds.minTimestamp = Math.min(this.#bounds.minTimestamp, bounds.minTimestamp);
      this.#bounds.maxTimestamp = Math.max(this.#bounds.maxTimestamp, bounds.maxTimestamp);
    }
    if (isVersion) body.int64(separator.timestamp);
    if (isEntry) body.int64(separator.seq);
  }

  /** To go on with in another builder; bounds are not saved. */
  save(): TableState {
    return this.#table.save();
  }

  restore(state: TableState): void {
    this.#table.restore(state);
  }

  /** The finished directory: a view that holds until the next call. Empties the builder. */
  finish(): Buffer {
    this.#bounds.minTimestamp = Infinity;
    this.#bounds.maxTimestamp = -Infinity;
    return this.#table.finish();
  }
}
