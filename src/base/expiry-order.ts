/**
 * The order of expiry, kept as entries: each version that expires has one more entry, without a value,
 * whose key begins with the time of its expiry. No UTF-8 begins with the byte that marks them, so in
 * every segment they come behind all versions, and what sorts, merges and finds entries serves for
 * them too:
 *
 *     0xff │ expiresAt + 2^53, u64 big-endian │ key of the version        (timestamp and seq: its own)
 */
import { compareKeys } from './entry.js';
import { expiryPrefixBytes } from './limits.js';

const mark = 0xff;
const high32 = 0x1_0000_0000;
/** 2^53, of whose halves the lower one is 0: added to a timestamp it makes a number of 0 or more. */
const highShift = 2 ** 21;

/** Comes before all of them, and behind the keys of all versions. */
export const firstExpiryKey = Buffer.from([mark]);

export function expiryKey(expiresAt: number, key: Buffer): Buffer {
  const bytes = Buffer.allocUnsafe(expiryPrefixBytes + key.length);
  const high = Math.floor(expiresAt / high32);
  bytes[0] = mark;
  bytes.writeUInt32BE(high + highShift, 1);
  bytes.writeUInt32BE(expiresAt - high * high32, 5);
  bytes.set(key, expiryPrefixBytes);
  return bytes;
}

export function isExpiryKey(key: Buffer): boolean {
  return key[0] === mark;
}

/** The time that such a key begins with. */
export function expiryOf(entryKey: Buffer): number {
  return (entryKey.readUInt32BE(1) - highShift) * high32 + entryKey.readUInt32BE(5);
}

/** The key of the version that such a key ends with; a view. */
export function keyInExpiry(entryKey: Buffer): Buffer {
  return entryKey.subarray(expiryPrefixBytes);
}

/** A place in the order of expiry. */
export interface ExpiryPlace {
  key: Buffer;
  timestamp: number;
}

/** Negative if the first comes before the second. Of one key the latest version comes first. */
export function comparePlaces(a: ExpiryPlace, b: ExpiryPlace): number {
  return compareKeys(a.key, b.key) || b.timestamp - a.timestamp;
}

export function laterPlace(
  a: ExpiryPlace | undefined,
  b: ExpiryPlace | undefined,
): ExpiryPlace | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return comparePlaces(a, b) < 0 ? b : a;
}
