import { Kind } from '../base/entry.js';
import { blockBytesTarget } from '../base/limits.js';
import { ByteWriter } from './byte-writer.js';
import { ColumnBuilder, columnValuesMax } from './column.js';
import { groupKinds, inExtent, noExpiry } from './data-block.js';
import type { Bounds } from './directory.js';
import { KeyTableBuilder } from './key-table.js';
import type { StoredVersion } from './stored-version.js';

/** What a group takes for its head at most, as long as it is open; its real size comes later. */
const openHeadBytes = 32;

/**
 * Collects the entries of one data block (its form stands in data-block.ts): a closed group is
 * encoded at once, the open one waits in columns whose widths are known at any moment, so that a
 * block is full exactly when it is.
 */
export class DataBlockBuilder {
  /** A block that is begun is filled up to so many bytes, mostly. */
  bytesTarget = blockBytesTarget;
  readonly #table = new KeyTableBuilder();

  // The open group.
  readonly #timestamps = new ColumnBuilder();
  readonly #seqs = new ColumnBuilder();
  readonly #ends = new ColumnBuilder();
  /** Filled from the first version on that expires. */
  readonly #expiries = new ColumnBuilder();
  readonly #kinds = new Uint8Array(columnValuesMax);
  readonly #values = new ByteWriter(2 * blockBytesTarget);
  #versions = 0;
  #hasKinds = false;
  #hasExpiries = false;

  #minTimestamp = Infinity;
  #maxTimestamp = -Infinity;

  /** Of the timestamps in the block. */
  get bounds(): Bounds {
    return { minTimestamp: this.#minTimestamp, maxTimestamp: this.#maxTimestamp };
  }

  /**
   * True if a new key with one version still fits.
   * @param shared how many leading bytes it shares with the key before
   */
  fitsKey(key: Buffer, shared: number, valueBytes: number): boolean {
    if (this.#table.count === 0) return true;
    const bytes = this.#table.bytesWith(key.length, shared) + this.#openBytes();
    return bytes + openHeadBytes + valueBytes <= this.bytesTarget;
  }

  /** True if one more version of the open group's key still fits. */
  fitsVersion(version: StoredVersion): boolean {
    if (this.#versions === columnValuesMax) return false;
    const { timestamp, seq, value } = version;
    const valuesEnd = this.#values.length + value.length;
    let width =
      this.#timestamps.widthWith(timestamp) +
      this.#seqs.widthWith(seq) +
      this.#ends.widthWith(valuesEnd);
    if (this.#hasKinds || needsKind(version)) width++;
    if (this.#hasExpiries || version.expiresAt !== Infinity) {
      this.#fillExpiries();
      width += this.#expiries.widthWith(version.storedExpiry);
    }
    const group = openHeadBytes + width * (this.#versions + 1) + valuesEnd;
    return this.#table.bytes + group <= this.bytesTarget;
  }

  /** Begins the group of a key. */
  addKey(key: Buffer, shared: number): void {
    this.#closeGroup();
    this.#table.add(key, shared);
  }

  /** Adds a version of the open group's key. */
  addVersion(version: StoredVersion): void {
    const { timestamp, seq, kind, value } = version;
    if (timestamp < this.#minTimestamp) this.#minTimestamp = timestamp;
    if (timestamp > this.#maxTimestamp) this.#maxTimestamp = timestamp;
    if (this.#hasExpiries || version.expiresAt !== Infinity) {
      this.#fillExpiries();
      this.#hasExpiries = true;
      this.#expiries.push(version.storedExpiry);
    }
    this.#timestamps.push(timestamp);
    this.#seqs.push(seq);
    this.#values.slice(value.bytes, value.start, value.end);
    this.#ends.push(this.#values.length);
    this.#kinds[this.#versions++] = version.isInExtent ? kind | inExtent : kind;
    if (needsKind(version)) this.#hasKinds = true;
  }

  /** Those of the versions so far, none of which expires. */
  #fillExpiries(): void {
    for (let version = this.#expiries.count; version < this.#versions; version++) {
      this.#expiries.push(this.#timestamps.value(version));
    }
  }

  /**
   * The finished block: a view that holds until the next call. Empties the builder.
   * @param zerosFor how many zeros a block of so many bytes is to have besides
   */
  finish(zerosFor: (bytes: number) => number): Buffer {
    this.#closeGroup();
    this.#minTimestamp = Infinity;
    this.#maxTimestamp = -Infinity;
    return this.#table.finish(zerosFor);
  }

  #openBytes(): number {
    if (this.#versions === 0) return 0;
    const width =
      this.#timestamps.width +
      this.#seqs.width +
      this.#ends.width +
      (this.#hasKinds ? 1 : 0) +
      (this.#hasExpiries ? this.#expiries.width : 0);
    return openHeadBytes + width * this.#versions + this.#values.length;
  }

  #closeGroup(): void {
    if (this.#versions === 0) return;
    const body = this.#table.body;
    // Fitting can change a width, and the widths come first.
    this.#timestamps.fit();
    this.#seqs.fit();
    this.#ends.fit();
    if (this.#hasExpiries) this.#expiries.fit();
    body.varint(this.#versions);
    body.uint8(this.#hasKinds ? groupKinds : 0);
    body.uint8(this.#timestamps.width | (this.#seqs.width << 4));
    const expiryWidth = this.#hasExpiries ? this.#expiries.width : noExpiry;
    body.uint8(this.#ends.width | (expiryWidth << 4));
    this.#timestamps.writeHead(body);
    this.#seqs.writeHead(body);
    this.#ends.writeHead(body);
    if (this.#hasExpiries) this.#expiries.writeHead(body);
    this.#timestamps.writeDeltas(body);
    this.#seqs.writeDeltas(body);
    this.#ends.writeDeltas(body);
    if (this.#hasExpiries) this.#expiries.writeDeltas(body);
    if (this.#hasKinds) body.bytes(this.#kinds.subarray(0, this.#versions));
    body.append(this.#values);
    this.#timestamps.reset();
    this.#seqs.reset();
    this.#ends.reset();
    this.#expiries.reset();
    this.#values.reset();
    this.#versions = 0;
    this.#hasKinds = false;
    this.#hasExpiries = false;
  }
}

function needsKind({ kind, isInExtent }: StoredVersion): boolean {
  return isInExtent || kind !== Kind.value;
}
