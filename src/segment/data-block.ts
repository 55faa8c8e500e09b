/**
 * A data block: a key table (key-table.ts) with one record, called a group, for each key in it.
 *
 *     group:   suffix length │ suffix │ version count varint │ flags u8 │ widths u8 │ widths u8
 *              │ heads of the columns: timestamps, seqs, ends of values, expiries (if any expires)
 *              │ deltas of the same columns │ kinds (unless all are plain values) │ values
 *
 * A key's versions lie in entry order, the values back to back. A value of more than half a block
 * lies in an extent of its own; in its place there is a reference: offset u64, length u32, CRC u32.
 */
import type { Span } from '../base/cursor.js';
import { isKind, Kind } from '../base/entry.js';
import { readInt64, writeInt64 } from '../base/bytes.js';
import { Column, columnValuesMax } from './column.js';
import { KeyTable } from './key-table.js';

/** Flag of a group: it has a column of kinds. */
export const groupKinds = 1;
/** In place of a width: there is no column of expiries. */
export const noExpiry = 15;
/** Bit of a kind: the value lies in an extent. */
export const inExtent = 0x80;
export const referenceBytes = 16;

/** Where something lies in the file, and its checksum. */
export interface Region {
  offset: number;
  length: number;
  checksum: number;
}

/** Where a part lies that a directory or a reference points to. */
export interface Handle extends Region {
  /** What a deflated data block has when it is inflated; 0 for parts that lie there as they are. */
  inflatedLength: number;
}

/** The reference to an extent, written to the start of `into`. */
export function encodeReference(handle: Handle, into: Buffer): void {
  writeInt64(into, handle.offset, 0);
  into.writeUInt32LE(handle.length, 8);
  into.writeUInt32LE(handle.checksum, 12);
}

/** Reads a data block in place: first a group is opened, then its versions can be read. */
export class DataBlock extends KeyTable {
  readonly #timestamps = new Column();
  readonly #seqs = new Column();
  readonly #ends = new Column();
  readonly #expiries = new Column();
  #kindsAt = 0;
  #valuesAt = 0;
  #valuesEnd = 0;
  #hasKinds = false;
  #hasExpiries = false;
  /** How many versions the open group has. */
  versions = 0;

  /** Opens the group with exactly this key; false if there is none. */
  openKey(key: Buffer): boolean {
    const group = this.firstAtOrAfter(key);
    if (this.isExact) this.#openAtBody(group);
    return this.isExact;
  }

  openGroup(group: number): void {
    this.body(group);
    this.#openAtBody(group);
  }

  #openAtBody(group: number): void {
    const { bytes } = this;
    const count = this.varint();
    const flags = this.uint8();
    const first = this.uint8();
    const second = this.uint8();
    if (count === 0 || count > columnValuesMax || flags > groupKinds) {
      throw this.damage('a group has no known form');
    }
    this.versions = count;
    this.#hasKinds = flags === groupKinds;
    this.#hasExpiries = second >>> 4 !== noExpiry;
    let at = this.#timestamps.open(bytes, this.at, first & 15);
    at = this.#seqs.open(bytes, at, first >>> 4);
    at = this.#ends.open(bytes, at, second & 15);
    if (this.#hasExpiries) at = this.#expiries.open(bytes, at, second >>> 4);
    at = this.#timestamps.place(at, count);
    at = this.#seqs.place(at, count);
    at = this.#ends.place(at, count);
    if (this.#hasExpiries) at = this.#expiries.place(at, count);
    this.#kindsAt = at;
    if (this.#hasKinds) at += count;
    this.#valuesAt = at;
    // Not a number if a column was not as it should be.
    const isInside = at <= this.end;
    this.#valuesEnd = isInside ? at + this.#ends.value(count - 1) : at;
    if (!isInside || at > this.#valuesEnd || this.#valuesEnd !== this.recordEnd(group)) {
      throw this.damage('the parts of a group do not add up to it');
    }
  }

  /** The first version of the open group at or after (timestamp, seq); `versions` if there is none. */
  firstVersionAtOrAfter(timestamp: number, seq: number): number {
    let low = 0;
    let high = this.versions;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const there = this.#timestamps.value(middle);
      const isBefore = there > timestamp || (there === timestamp && this.#seqs.value(middle) > seq);
      if (isBefore) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  timestamp(version: number): number {
    return this.#timestamps.value(version);
  }

  seq(version: number): number {
    return this.#seqs.value(version);
  }

  kind(version: number): Kind {
    if (!this.#hasKinds) return Kind.value;
    const kind = this.bytes.readUInt8(this.#kindsAt + version) & ~inExtent;
    if (isKind(kind)) return kind;
    this.at = this.#kindsAt + version;
    throw this.damage(`an entry is of the unknown kind ${kind}`);
  }

  /** Infinity if the version does not expire. */
  expiresAt(version: number): number {
    if (!this.#hasExpiries) return Infinity;
    const expiry = this.#expiries.value(version);
    return expiry === this.#timestamps.value(version) ? Infinity : expiry;
  }

  isInExtent(version: number): boolean {
    return this.#hasKinds && this.bytes.readUInt8(this.#kindsAt + version) >= inExtent;
  }

  /** Where all values of the open group lie, back to back; references to extents among them. */
  locateValues(into: Span): void {
    into.set(this.bytes, this.#valuesAt, this.#valuesEnd);
  }

  /** Where a value, or the reference to its extent, lies. */
  locateValue(version: number, into: Span): void {
    const start = version === 0 ? 0 : this.#ends.value(version - 1);
    const end = this.#ends.value(version);
    const room = this.#valuesEnd - this.#valuesAt;
    if (!(start >= 0 && start <= end && end <= room))
      throw this.damage('a value lies outside of its group');
    into.set(this.bytes, this.#valuesAt + start, this.#valuesAt + end);
  }

  /** The extent that a reference points to. */
  reference({ start, length }: Span): Handle {
    if (length !== referenceBytes) throw this.damage('a reference has a wrong length');
    return {
      offset: readInt64(this.bytes, start),
      length: this.bytes.readUInt32LE(start + 8),
      checksum: this.bytes.readUInt32LE(start + 12),
      inflatedLength: 0,
    };
  }
}
