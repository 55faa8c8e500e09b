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

/** The bytes must be there, which is not checked. */
export function readInt64(buffer: Buffer, offset: number): number {
  return int32At(buffer, offset + 4) * high32 + (int32At(buffer, offset) >>> 0);
}

function int32At(buffer: Buffer, at: number): number {
  return (
    (buffer[at] as number) |
    ((buffer[at + 1] as number) << 8) |
    ((buffer[at + 2] as number) << 16) |
    ((buffer[at + 3] as number) << 24)
  );
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

/** So few bytes are copied sooner by a loop than by a call. */
const loopBytesMax = 32;

/** Copies bytes `start` to `end` of one buffer to `at` in another, where there must be room. */
// oxlint-disable-next-line max-params -- from where to where, with nothing to group
export function copyBytes(
  from: Buffer,
  start: number,
  end: number,
  into: Buffer,
  at: number,
): void {
  if (end - start > loopBytesMax) {
    from.copy(into, at, start, end);
    return;
  }
  for (let i = start, to = at; i < end; i++, to++) into[to] = from[i] as number;
}

/** A buffer of its own memory, not a slice of a shared slab: safe to keep for long. */
export function copyOf(bytes: Uint8Array): Buffer {
  const copy = Buffer.allocUnsafeSlow(bytes.length);
  copy.set(bytes);
  return copy;
}

/** The class that makes all buffers. */
const { [Symbol.species]: BufferView } = Buffer as unknown as {
  [Symbol.species]: new (memory: ArrayBufferLike, offset: number, length: number) => Buffer;
};

/** A view of memory: half of what `subarray` takes, which has to ask a buffer for its memory first. */
export function viewOf(memory: ArrayBufferLike, offset: number, length: number): Buffer {
  return new BufferView(memory, offset, length);
}
