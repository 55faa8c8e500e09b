import { readInt64 } from '../base/bytes.js';
import type { Span } from '../base/cursor.js';
import { damaged, type TimekvError } from '../base/errors.js';

/**
 * Reads numbers inside a part of a file, in place. Every step is bounded by the part's end, so that
 * no length read from a file is believed; what does not fit is damage at that offset.
 */
export class ByteReader {
  bytes: Buffer;
  /** The next byte to read, and the one behind the last. */
  at: number;
  end: number;
  #file: string;
  /** Of byte 0 of `bytes`, in the file. */
  #offset: number;

  /** @param offset of the first byte of the span, in the file */
  constructor({ bytes, start, end }: Span, file: string, offset: number) {
    this.bytes = bytes;
    this.at = start;
    this.end = end;
    this.#file = file;
    this.#offset = offset - start;
  }

  /** Turns to another part. */
  protected turnTo({ bytes, start, end }: Span, file: string, offset: number): void {
    this.bytes = bytes;
    this.at = start;
    this.end = end;
    this.#file = file;
    this.#offset = offset - start;
  }

  uint8(): number {
    if (this.at >= this.end) throw this.damage('it ends too early');
    return this.bytes[this.at++] as number;
  }

  uint32(): number {
    return this.uint(4);
  }

  int64(): number {
    const start = this.skip(8);
    return readInt64(this.bytes, start);
  }

  /** A whole number from 0 on in `width` bytes, 0 to 7. */
  uint(width: number): number {
    return uintAt(this.bytes, this.skip(width), width);
  }

  /** A whole number in 7 bits a byte, the low ones first; a set top bit says that more follow. */
  varint(): number {
    let value = 0;
    for (let scale = 1; scale < 2 ** 53; scale *= 0x80) {
      const byte = this.uint8();
      if (byte < 0x80) return value + byte * scale;
      value += (byte - 0x80) * scale;
    }
    throw this.damage('a number is too long');
  }

  /** Skips `length` bytes and answers where they begin. */
  skip(length: number): number {
    const start = this.at;
    if (start + length > this.end) throw this.damage('a length points outside of it');
    this.at = start + length;
    return start;
  }

  /** The error for something wrong at the place of reading. */
  damage(what: string): TimekvError {
    return damaged(this.#file, this.#offset + this.at, what);
  }
}

/**
 * A whole number from 0 on in `width` bytes, 0 to 7, the low byte first. They must lie in `bytes`,
 * which is not checked: this is the innermost step of every search.
 */
export function uintAt(bytes: Buffer, at: number, width: number): number {
  if (width <= 3) return smallAt(bytes, at, width);
  const low = smallAt(bytes, at, 3) + (bytes[at + 3] as number) * 0x100_0000;
  return width === 4 ? low : low + smallAt(bytes, at + 4, width - 4) * 0x1_0000_0000;
}

function smallAt(bytes: Buffer, at: number, width: number): number {
  switch (width) {
    case 0:
      return 0;
    case 1:
      return bytes[at] as number;
    case 2:
      return (bytes[at] as number) | ((bytes[at + 1] as number) << 8);
    default:
      return (
        (bytes[at] as number) | ((bytes[at + 1] as number) << 8) | ((bytes[at + 2] as number) << 16)
      );
  }
}
