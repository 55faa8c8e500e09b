/**
 * The frame of data blocks and directories: records sorted by key, the keys' common prefix stored
 * once, and a table of offsets for a binary search that runs inside the bytes.
 *
 *     count u32 │ prefix length u16 │ offset width u8 │ 0 │ prefix │ offsets… │ zeros… │ records…
 *     record:  suffix length varint │ suffix │ body
 *
 * Comparing here is the byte order of `compareKeys` (base/entry.ts), without views of the keys.
 */
import { copyBytes, copyOf } from '../base/bytes.js';
import { Span } from '../base/cursor.js';
import { entryKeyBytesMax } from '../base/limits.js';
import { ByteReader, uintAt } from './byte-reader.js';
import { ByteWriter } from './byte-writer.js';

const frameBytes = 8;
/** From here on the native comparison wins over a loop. */
const loopBytesMax = 48;

/** How many leading bytes two keys share. */
export function commonPrefixLength(a: Buffer, b: Buffer): number {
  const length = Math.min(a.length, b.length);
  if (length > loopBytesMax && a.length === b.length && a.equals(b)) return length;
  let i = 0;
  while (i < length && a[i] === b[i]) i++;
  return i;
}

/** Compares so many bytes of two buffers, which must be there. */
// oxlint-disable-next-line max-params -- five numbers and buffers, with nothing to group
function compareBytes(a: Buffer, aAt: number, b: Buffer, bAt: number, length: number): number {
  for (let i = 0; i < length; i++) {
    const difference = (a[aAt + i] as number) - (b[bAt + i] as number);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** A table that is all of a buffer; used again for each. */
const whole = new Span();

/** Bytes of a key that make its head: as many whole ones as a float64 tells apart. */
export const headBytes = 6;

/** The bytes of a key from `at` to `end` as a number, which orders as they do; zeros where they end. */
export function headOf(key: Buffer, at: number, end: number): number {
  let head = 0;
  const last = Math.min(end, at + headBytes);
  for (let i = at; i < last; i++) head = head * 0x100 + (key[i] as number);
  for (let i = last; i < at + headBytes; i++) head *= 0x100;
  return head;
}

/** Reads a key table in place. One object serves for many tables, one after the other. */
export class KeyTable extends ByteReader {
  count = 0;
  /** Whether the last `firstAtOrAfter` met the key itself. */
  isExact = false;
  /** What follows the prefix in the key read last: how long it is, and its start as a number. */
  suffixLength = 0;
  head = 0;
  #start = 0;
  #prefixLength = 0;
  #offsetWidth = 2;
  // Where its parts begin in the bytes.
  #prefixAt = 0;
  #offsetsAt = 0;
  #recordsAt = 0;

  constructor() {
    super(whole, '', 0);
  }

  /** Turns to another table. What was read from the one before means nothing any more. */
  open(bytes: Buffer, file: string, offset: number): void {
    whole.set(bytes, 0, bytes.length);
    this.openIn(whole, file, offset);
  }

  /** The same for one that lies in a part of a buffer. */
  openIn(span: Span, file: string, offset: number): void {
    this.turnTo(span, file, offset);
    const { bytes, start } = span;
    if (span.length < frameBytes) throw this.damage('it is too short');
    this.count = uintAt(bytes, start, 4);
    this.#prefixLength = uintAt(bytes, start + 4, 2);
    this.#offsetWidth = uintAt(bytes, start + 6, 1);
    if (this.#offsetWidth !== 2 && this.#offsetWidth !== 4) {
      throw this.damage('its offsets have no known width');
    }
    this.#start = start;
    this.#prefixAt = start + frameBytes;
    this.#offsetsAt = this.#prefixAt + this.#prefixLength;
    this.#recordsAt = this.#offsetsAt + this.count * this.#offsetWidth;
    if (this.count === 0 || this.#prefixLength > entryKeyBytesMax || this.#recordsAt > span.end) {
      throw this.damage('its table of offsets does not fit');
    }
  }

  /**
   * The first record whose key is at or after `key`; `count` if there is none. Where `isExact`, it
   * has this very key, and `at` is its body.
   */
  firstAtOrAfter(key: Buffer): number {
    this.isExact = false;
    const side = this.comparePrefix(key);
    if (side !== 0) return side < 0 ? this.count : 0;
    let low = 0;
    let high = this.count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const order = this.compareRecord(middle, key);
      if (order === 0) {
        this.isExact = true;
        return middle;
      }
      if (order < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Compares the key of any record with `key`. Afterwards `at` is the record's body. */
  compareKey(record: number, key: Buffer): number {
    const side = this.comparePrefix(key);
    if (side === 0) return this.compareRecord(record, key);
    this.body(record);
    return side;
  }

  /** 0 if `key` begins with the prefix; else on which side of it all the table's keys are. */
  protected comparePrefix(key: Buffer): number {
    const prefixLength = this.#prefixLength;
    const length = Math.min(prefixLength, key.length);
    return this.#compare(this.#prefixAt, key, 0, length) || (key.length < prefixLength ? 1 : 0);
  }

  /** `compareKey` for a key that is known to begin with the prefix. */
  protected compareRecord(record: number, key: Buffer): number {
    this.at = this.#recordStart(record);
    const suffixLength = this.varint();
    const start = this.skip(suffixLength);
    const prefixLength = this.#prefixLength;
    const length = Math.min(suffixLength, key.length - prefixLength);
    return (
      this.#compare(start, key, prefixLength, length) || suffixLength - (key.length - prefixLength)
    );
  }

  /** Moves `at` to the body of a record. */
  protected body(record: number): void {
    this.at = this.#recordStart(record);
    this.skip(this.varint());
  }

  /** Where a record ends in the bytes. */
  protected recordEnd(record: number): number {
    return record + 1 < this.count ? this.#recordStart(record + 1) : this.end;
  }

  /** What all keys begin with: a view. */
  get prefix(): Buffer {
    return this.bytes.subarray(this.#prefixAt, this.#offsetsAt);
  }

  /** Reads what follows the prefix in the key of a record. Afterwards `at` is the record's body. */
  protected readHead(record: number): void {
    this.at = this.#recordStart(record);
    this.suffixLength = this.varint();
    const start = this.skip(this.suffixLength);
    this.head = headOf(this.bytes, start, start + this.suffixLength);
  }

  /** Copies the key of a record to the start of `into`; answers its length. */
  copyKey(record: number, into: Buffer): number {
    this.at = this.#recordStart(record);
    const suffixLength = this.varint();
    const start = this.skip(suffixLength);
    const length = this.#prefixLength + suffixLength;
    if (length > into.length) throw this.damage('a key is too long');
    copyBytes(this.bytes, this.#prefixAt, this.#offsetsAt, into, 0);
    copyBytes(this.bytes, start, start + suffixLength, into, this.#prefixLength);
    return length;
  }

  #recordStart(record: number): number {
    const at = this.#offsetsAt + record * this.#offsetWidth;
    const start = this.#start + uintAt(this.bytes, at, this.#offsetWidth);
    if (start < this.#recordsAt || start >= this.end) {
      this.at = at;
      throw this.damage('the offset of a record points outside of it');
    }
    return start;
  }

  #compare(at: number, key: Buffer, keyAt: number, length: number): number {
    if (length > loopBytesMax) {
      return this.bytes.compare(key, keyAt, keyAt + length, at, at + length);
    }
    return compareBytes(this.bytes, at, key, keyAt, length);
  }
}

/** A table that is half made. */
export interface TableState {
  keys: Buffer;
  bodies: Buffer;
  keyEnds: number[];
  bodyStarts: number[];
  prefixLength: number;
}

/** Collects the records of a key table. Keys come in order, each followed by its body. */
export class KeyTableBuilder {
  readonly #keys = new ByteWriter(1024);
  readonly #bodies = new ByteWriter(8192);
  readonly #table = new ByteWriter(8192);
  /** Per record: where its key ends, and where its body begins. */
  readonly #keyEnds: number[] = [];
  readonly #bodyStarts: number[] = [];
  #prefixLength = 0;

  get count(): number {
    return this.#keyEnds.length;
  }

  /** Where the body of the record begun last is written. */
  get body(): ByteWriter {
    return this.#bodies;
  }

  /**
   * Begins a record.
   * @param shared how many leading bytes the key shares with the one before
   */
  add(key: Buffer, shared: number): void {
    this.#prefixLength = this.count === 0 ? key.length : Math.min(this.#prefixLength, shared);
    this.#keys.bytes(key);
    this.#keyEnds.push(this.#keys.length);
    this.#bodyStarts.push(this.#bodies.length);
  }

  /** To go on with in another builder. */
  save(): TableState {
    return {
      keys: copyOf(this.#keys.written),
      bodies: copyOf(this.#bodies.written),
      keyEnds: [...this.#keyEnds],
      bodyStarts: [...this.#bodyStarts],
      prefixLength: this.#prefixLength,
    };
  }

  /** Goes on with what another builder has saved. Only while this one is empty. */
  restore(state: TableState): void {
    this.#keys.bytes(state.keys);
    this.#bodies.bytes(state.bodies);
    this.#keyEnds.push(...state.keyEnds);
    this.#bodyStarts.push(...state.bodyStarts);
    this.#prefixLength = state.prefixLength;
  }

  /** How many leading bytes a key shares with the one added last. */
  sharedWithLast(key: Buffer): number {
    const [start, end] = [this.#keyEnds.at(-2) ?? 0, this.#keyEnds.at(-1) ?? 0];
    return commonPrefixLength(this.#keys.written.subarray(start, end), key);
  }

  /** The table's size if one more key were added (within a few bytes: a target, not a limit). */
  bytesWith(keyLength: number, shared: number): number {
    const count = this.count + 1;
    const prefixLength = count === 1 ? keyLength : Math.min(this.#prefixLength, shared);
    return this.#bytes(count, this.#keys.length + keyLength, prefixLength);
  }

  /** The table's size so far, as above. */
  get bytes(): number {
    return this.#bytes(this.count, this.#keys.length, this.#prefixLength);
  }

  #bytes(count: number, keyBytes: number, prefixLength: number): number {
    const suffixes = keyBytes - count * prefixLength;
    return frameBytes + prefixLength + suffixes + 3 * count + this.#bodies.length;
  }

  /**
   * The finished table: a view that holds until the next call. Empties the builder.
   * @param zerosFor how many zeros a table of so many bytes is to have before its records
   */
  finish(zerosFor: (bytes: number) => number = () => 0): Buffer {
    const keys = this.#keys.written;
    const prefixLength = this.#prefixLength;
    let records = this.#bodies.length;
    let keyStart = 0;
    for (const keyEnd of this.#keyEnds) {
      const suffixLength = keyEnd - keyStart - prefixLength;
      records += suffixLength + (suffixLength < 0x80 ? 1 : 2);
      keyStart = keyEnd;
    }
    // Below 64 KiB two bytes do, with the zeros too.
    const offsetWidth = frameBytes + prefixLength + 2 * this.count + records < 0xf000 ? 2 : 4;
    const recordsStart = frameBytes + prefixLength + offsetWidth * this.count;
    const zeros = zerosFor(recordsStart + records);
    const table = this.#table;
    table.reset();
    table.uint(this.count, 4);
    table.uint(prefixLength, 2);
    table.uint8(offsetWidth);
    table.uint8(0);
    table.slice(keys, 0, prefixLength);
    this.#writeOffsets(recordsStart + zeros, offsetWidth);
    table.zeros(zeros);
    this.#writeRecords(keys);
    this.#reset();
    return table.written;
  }

  #writeOffsets(recordsStart: number, offsetWidth: number): void {
    let offset = recordsStart;
    let keyStart = 0;
    for (let i = 0; i < this.count; i++) {
      const keyEnd = this.#keyEnds[i] as number;
      this.#table.uint(offset, offsetWidth);
      const suffixLength = keyEnd - keyStart - this.#prefixLength;
      offset += suffixLength + (suffixLength < 0x80 ? 1 : 2) + this.#bodyLength(i);
      keyStart = keyEnd;
    }
  }

  #writeRecords(keys: Buffer): void {
    const bodies = this.#bodies.written;
    let keyStart = 0;
    let bodyStart = 0;
    for (let i = 0; i < this.count; i++) {
      const keyEnd = this.#keyEnds[i] as number;
      this.#table.varint(keyEnd - keyStart - this.#prefixLength);
      this.#table.slice(keys, keyStart + this.#prefixLength, keyEnd);
      const bodyEnd = bodyStart + this.#bodyLength(i);
      this.#table.slice(bodies, bodyStart, bodyEnd);
      keyStart = keyEnd;
      bodyStart = bodyEnd;
    }
  }

  #bodyLength(record: number): number {
    const end = this.#bodyStarts[record + 1] ?? this.#bodies.length;
    return end - (this.#bodyStarts[record] ?? 0);
  }

  #reset(): void {
    this.#keys.reset();
    this.#bodies.reset();
    this.#keyEnds.length = 0;
    this.#bodyStarts.length = 0;
    this.#prefixLength = 0;
  }
}
