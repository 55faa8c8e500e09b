import { writeInt64 } from '../base/bytes.js';

/** Up to so many bytes are copied sooner one by one than by a call. */
const loopBytesMax = 32;

/** Bytes that grow while numbers and other bytes are put at their end. */
export class ByteWriter {
  #bytes: Buffer;
  #length = 0;

  constructor(bytesExpected: number) {
    this.#bytes = Buffer.allocUnsafeSlow(bytesExpected);
  }

  get length(): number {
    return this.#length;
  }

  /** What was written so far: a view that holds until the next write or reset. */
  get written(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  reset(): void {
    this.#length = 0;
  }

  uint8(value: number): void {
    this.#room(1);
    this.#bytes[this.#length++] = value;
  }

  /** A whole number from 0 on in `width` bytes (0 to 7), the low byte first. */
  uint(value: number, width: number): void {
    this.#room(width);
    const bytes = this.#bytes;
    const high = Math.floor(value / 0x1_0000_0000);
    for (let i = 0; i < width; i++) {
      bytes[this.#length++] = i < 4 ? value >>> (8 * i) : high >>> (8 * (i - 4));
    }
  }

  zeros(count: number): void {
    this.#room(count);
    this.#bytes.fill(0, this.#length, this.#length + count);
    this.#length += count;
  }

  int64(value: number): void {
    this.#room(8);
    writeInt64(this.#bytes, value, this.#length);
    this.#length += 8;
  }

  /** A whole number from 0 to 2^53 − 1 in 1 to 8 bytes: 7 bits each, the low ones first. */
  varint(value: number): void {
    this.#room(8);
    let rest = value;
    for (; rest > 0x7f; rest = Math.floor(rest / 0x80)) {
      this.#bytes[this.#length++] = (rest % 0x80) + 0x80;
    }
    this.#bytes[this.#length++] = rest;
  }

  bytes(bytes: Uint8Array): void {
    this.#room(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /** A part of another buffer, without a view in between. */
  slice(source: Buffer, start: number, end: number): void {
    this.#room(end - start);
    if (end - start > loopBytesMax) {
      source.copy(this.#bytes, this.#length, start, end);
      this.#length += end - start;
    } else {
      const bytes = this.#bytes;
      for (let i = start; i < end; i++) bytes[this.#length++] = source[i] as number;
    }
  }

  /** All that another one holds. */
  append(other: ByteWriter): void {
    this.slice(other.#bytes, 0, other.#length);
  }

  #room(bytes: number): void {
    if (this.#length + bytes <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(2 * this.#bytes.length, this.#length + bytes));
    this.#bytes.copy(larger, 0, 0, this.#length);
    this.#bytes = larger;
  }
}
