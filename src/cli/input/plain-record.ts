/**
 * A row of CSV that needs no second look, as nearly all do: no quotes, plain ASCII for a key, digits for
 * a time. It stays as the bytes that it is.
 */
import type { RowBytes } from '../../index.js';
import { keyBytesMax, valueBytesMax } from '../base/limits.js';
import { plainInteger } from './fields.js';

/** Where each column is; −1 for one that may be missing. */
export interface Places {
  count: number;
  key: number;
  time: number;
  value: number;
  state: number;
  expiresAt: number;
}

const noBytes = Buffer.alloc(0);
const quote = 0x22;
const comma = 0x2c;
const highBit = 0x80;

/** One object is all of them, one after the other. */
export class PlainRecord implements RowBytes {
  bytes: Uint8Array = noBytes;
  keyStart = 0;
  keyEnd = 0;
  valueStart = 0;
  valueEnd = 0;
  at: number | undefined = undefined;
  /** Where it stands, from 1. */
  line = 0;
  #places: Places | undefined;
  #timeStart = 0;
  #timeEnd = 0;

  /** Before that no line is read: it may be the header. */
  begin(places: Places): void {
    this.#places = places;
  }

  /** Takes over a line; false for one that is more than plain, or wrong in some way. */
  read(bytes: Buffer, end: number, line: number): boolean {
    const places = this.#places;
    if (places === undefined || !this.#cut(bytes, end, places)) return false;
    if (!this.#isPlainKey(bytes)) return false;
    const valueBytes = this.valueEnd - this.valueStart;
    // What is not there at all is another thing than an empty value.
    if (valueBytes === 0 || valueBytes > valueBytesMax) return false;
    this.at = undefined;
    if (this.#timeEnd > this.#timeStart) {
      this.at = plainInteger(bytes, this.#timeStart, this.#timeEnd);
      if (this.at === undefined) return false;
    }
    this.bytes = bytes;
    this.line = line;
    return true;
  }

  #isPlainKey(bytes: Buffer): boolean {
    const { keyStart, keyEnd } = this;
    let all = 0;
    for (let at = keyStart; at < keyEnd; at++) all |= bytes[at] as number;
    return all < highBit && keyEnd > keyStart && keyEnd - keyStart <= keyBytesMax;
  }

  #cut(bytes: Buffer, end: number, places: Places): boolean {
    const { key, time, value, state, expiresAt } = places;
    this.#timeStart = this.#timeEnd = 0;
    let cell = 0;
    for (let start = 0, at = 0; at <= end; at++) {
      const byte = at === end ? comma : bytes[at];
      if (byte === quote) return false;
      if (byte !== comma) continue;
      // One column may be two things at once.
      if (cell === key) [this.keyStart, this.keyEnd] = [start, at];
      if (cell === time) [this.#timeStart, this.#timeEnd] = [start, at];
      if (cell === value) [this.valueStart, this.valueEnd] = [start, at];
      if (at > start && (cell === state || cell === expiresAt)) return false;
      cell++;
      start = at + 1;
    }
    return cell === places.count;
  }
}
