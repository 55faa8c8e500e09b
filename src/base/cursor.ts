import { compareKeys, type Kind } from './entry.js';

/**
 * A position in a sorted run of entries (memtable, segment, or a merge of several). Entries are in
 * the order of `entry.ts`. While `valid` is false the other fields mean nothing.
 *
 * `key` and `value()` are views that hold until the cursor moves: who keeps them copies them.
 */
export interface Cursor {
  readonly valid: boolean;
  readonly key: Buffer;
  readonly timestamp: number;
  readonly seq: number;
  readonly kind: Kind;
  /** Infinity if the value does not expire. */
  readonly expiresAt: number;
  value(): Buffer;
  /** To the first entry at or after (key, timestamp, seq) in entry order. */
  seek(key: Buffer, timestamp: number, seq: number): void;
  /** To the last entry strictly before (key, timestamp, seq) in entry order. */
  seekBefore(key: Buffer, timestamp: number, seq: number): void;
  first(): void;
  last(): void;
  /** One entry on. Only while valid. */
  next(): void;
  /** One entry back. Only while valid. */
  previous(): void;
}

/** What a point lookup answers: the first entry at or after (key, as of T). */
export interface Found {
  timestamp: number;
  seq: number;
  kind: Kind;
  expiresAt: number;
  /** A view that holds until the next lookup in the same source. */
  value: Buffer;
}

/** True if the cursor stands on an entry of this key. */
export function isAtKey(cursor: Cursor, key: Buffer): boolean {
  return cursor.valid && compareKeys(cursor.key, key) === 0;
}
