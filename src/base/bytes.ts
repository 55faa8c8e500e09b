import { crc32 as zlibCrc32 } from 'node:zlib';

/** Shared by all that begin with nothing. */
export const noBytes: Buffer = Buffer.alloc(0);

/** 64-bit integers as two halves: exact for |n| ≤ 2^53 − 1, without BigInt. */

const high32 = 0x1_0000_0000;

export function writeInt64(buffer: Buffer, value: number, offset: number): void {
  const high = Math.floor(value / high32);
  buffer.writeUInt32LE(value - high * high32, offset);
  buffer.writeInt32LE(high, offset + 4);
}

export function readInt64(buffer: Buffer, offset: number): number {
  return buffer.readInt32LE(offset + 4) * high32 + buffer.readUInt32LE(offset);
}

/**
 * CRC-32 (IEEE 802.3, as in zlib) of the bytes.
 * @param seed a previous CRC to go on from, or a salt; 0 to 2^32 − 1
 */
export function crc32(bytes: Uint8Array, seed = 0): number {
  return zlibCrc32(bytes, seed);
}

/** The next multiple of 8 at or after n. */
export function align8(n: number): number {
  return n + (-n & 7);
}

/** A buffer of its own memory, not a slice of a shared slab: safe to keep for long. */
export function copyOf(bytes: Uint8Array): Buffer {
  const copy = Buffer.allocUnsafeSlow(bytes.length);
  copy.set(bytes);
  return copy;
}
