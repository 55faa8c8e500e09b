import { type Entry, Kind } from '../base/entry.js';
import { ByteWriter } from './byte-writer.js';
import { ColumnBuilder, columnValuesMax } from './column.js';
import { groupKinds, inExtent, noExpiry } from './data-block.js';
import type { Bounds } from './directory.js';
import { KeyTableBuilder } from './key-table.js';

/** What a group takes for its head at most, as long as it is open; its real size comes later. */
const openHeadBytes = 32;

/**
 * Collects the entries of one data block (its form stands in data-block.ts): a closed group is
 * encoded at once, the open one waits in columns whose widths are known at any moment, so that a
 * block is full exactly when it is.
 */
export class DataBlockBuilder {
  readonly #bytesTarget: number;
  readonly #table = new KeyTableBuilder();

  // The open group.
  readonly #timestamps = new ColumnBuilder();
  readonly #seqs = new ColumnBuilder();
  readonly #ends = new ColumnBuilder();
  readonly #expiries = new ColumnBuilder();
  readonly #kinds = new Uint8Array(columnValuesMax);
  readonly #values: ByteWriter;
  #versions = 0;
  #hasKinds = false;
  #hasExpiries = false;

  #minTimestamp = Infinity;
  #maxTimestamp = -Infinity;

  constructor(bytesTarget: number) {
    this.#bytesTarget = bytesTarget;
    this.#values = new ByteWriter(2 * bytesTarget);
  }

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
    return bytes + openHeadBytes + valueBytes <= this.#bytesTarget;
  }

  /** True if one more version of the open group's key still fits. */
  fitsVersion(entry: Entry, valueBytes: number): boolean {
    if (this.#versions === columnValuesMax) return false;
    const valuesEnd = this.#values.length + valueBytes;
    let width =
      this.#timestamps.widthWith(entry.timestamp) +
      this.#seqs.widthWith(entry.seq) +
      this.#ends.widthWith(valuesEnd);
    if (this.#hasKinds || valueBytes !== entry.value.length || entry.kind !== Kind.value) width++;
    if (this.#hasExpiries || entry.expiresAt !== Infinity) {
      width += this.#expiries.widthWith(storedExpiry(entry));
    }
    const group = openHeadBytes + width * (this.#versions + 1) + valuesEnd;
    return this.#table.bytes + group <= this.#bytesTarget;
  }

  /** Begins the group of a key. */
  addKey(key: Buffer, shared: number): void {
    this.#closeGroup();
    this.#table.add(key, shared);
  }

  /**
   * Adds a version of the open group's key.
   * @param stored the entry's value, or the reference to the extent that holds it
   */
  addVersion(entry: Entry, stored: Buffer): void {
    const isInExtent = stored !== entry.value;
    const { timestamp, seq } = entry;
    if (timestamp < this.#minTimestamp) this.#minTimestamp = timestamp;
    if (timestamp > this.#maxTimestamp) this.#maxTimestamp = timestamp;
    this.#timestamps.push(timestamp);
    this.#seqs.push(seq);
    this.#expiries.push(storedExpiry(entry));
    this.#values.bytes(stored);
    this.#ends.push(this.#values.length);
    this.#kinds[this.#versions++] = isInExtent ? entry.kind | inExtent : entry.kind;
    if (isInExtent || entry.kind !== Kind.value) this.#hasKinds = true;
    if (entry.expiresAt !== Infinity) this.#hasExpiries = true;
  }

  /** The finished block: a view that holds until the next call. Empties the builder. */
  finish(): Buffer {
    this.#closeGroup();
    this.#minTimestamp = Infinity;
    this.#maxTimestamp = -Infinity;
    return this.#table.finish();
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
    const columns = [this.#timestamps, this.#seqs, this.#ends];
    if (this.#hasExpiries) columns.push(this.#expiries);
    for (const column of columns) column.fit();
    body.varint(this.#versions);
    body.uint8(this.#hasKinds ? groupKinds : 0);
    body.uint8(this.#timestamps.width | (this.#seqs.width << 4));
    const expiryWidth = this.#hasExpiries ? this.#expiries.width : noExpiry;
    body.uint8(this.#ends.width | (expiryWidth << 4));
    for (const column of columns) column.writeHead(body);
    for (const column of columns) column.writeDeltas(body);
    if (this.#hasKinds) body.bytes(this.#kinds.subarray(0, this.#versions));
    body.bytes(this.#values.written);
    for (const column of columns) column.reset();
    this.#expiries.reset();
    this.#values.reset();
    this.#versions = 0;
    this.#hasKinds = false;
    this.#hasExpiries = false;
  }
}

/** No value expires at its own timestamp, so that number can stand for "never". */
function storedExpiry(entry: Entry): number {
  return entry.expiresAt === Infinity ? entry.timestamp : entry.expiresAt;
}
