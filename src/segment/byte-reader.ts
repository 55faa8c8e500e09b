import { readInt64 } from '../base/bytes.js';
import { damaged, type TimekvError } from '../base/errors.js';

/**
 * Reads numbers inside a part of a file, in place. Every step is bounded by the part's end, so that
 * no length read from a file is believed; what does not fit is damage at that offset.
 */
export class ByteReader {
  bytes: Buffer;
  /** The next byte to read. */
  at = 0;
  #file: string;
  #offset: number;

  /** @param offset of the first byte, in the file */
  constructor(bytes: Buffer, file: string, offset: number) {
    this.bytes = bytes;
    this.#file = file;
    this.#offset = offset;
  }

  /** Turns to another part. */
  protected turnTo(bytes: Buffer, file: string, offset: number): void {
    this.bytes = bytes;
    this.at = 0;
    this.#file = file;
    this.#offset = offset;
  }

  uint8(): number {
    if (this.at >= this.bytes.length) throw this.damage('it ends too early');
    return this.bytes.readUInt8(this.at++);
  }

  uint32(): number {
    if (this.at + 4 > this.bytes.length) throw this.damage('it ends too early');
    const value = this.bytes.readUInt32LE(this.at);
    this.at += 4;
    return value;
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
    if (start + length > this.bytes.length) throw this.damage('a length points outside of it');
    this.at = start + length;
    return start;
  }

  /** The error for something wrong at the place of reading. */
  damage(what: string): TimekvError {
    return damaged(this.#file, this.#offset + this.at, what);
  }
}

/** A whole number from 0 on in `width` bytes, 0 to 7, the low byte first. */
export function uintAt(bytes: Buffer, at: number, width: number): number {
  switch (width) {
    case 0:
      return 0;
    case 1:
      return bytes.readUInt8(at);
    case 2:
      return bytes.readUInt16LE(at);
    case 3:
      return bytes.readUInt16LE(at) + bytes.readUInt8(at + 2) * 0x1_0000;
    case 4:
      return bytes.readUInt32LE(at);
    default:
      return bytes.readUInt32LE(at) + uintAt(bytes, at + 4, width - 4) * 0x1_0000_0000;
  }
}
