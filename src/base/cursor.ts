import { noBytes } from './bytes.js';
import { compareKeys, type Kind } from './entry.js';

/** A part of a buffer. One object serves for many: a view for each value would cost more than its copy. */
export class Span {
  bytes = noBytes;
  start = 0;
  end = 0;

  /** All of a buffer. */
  static of(bytes: Buffer): Span {
    const span = new Span();
    span.set(bytes, 0, bytes.length);
    return span;
  }

  get length(): number {
    return this.end - this.start;
  }

  set(bytes: Buffer, start: number, end: number): void {
    this.bytes = bytes;
    // What was computed from a column is a float64 to V8, and so would be all that is made of it.
    this.start = start | 0;
    this.end = end | 0;
  }
}

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
  /** After `next` or `previous`: true if it came from an entry of the same key. */
  readonly staysOnKey: boolean;
  value(): Buffer;
  /** Where the value lies, instead of a view of it; for as long. */
  locateValue(into: Span): void;
  /** Numbers the run that the value may lie in: values of one key, back to back. 0: in none. */
  readonly run: number;
  /** Where that run lies. Only where there is one. */
  locateRun(into: Span): void;
  /** To the first entry at or after (key, timestamp, seq) in entry order. */
  seek(key: Buffer, timestamp: number, seq: number): void;
  /** To the last entry strictly before (key, timestamp, seq) in entry order. */
  seekBefore(key: Buffer, timestamp: number, seq: number): void;
  first(): void;
  last(): void;
  /**
   * To the first entry of the next key. Only while valid, and moving forward.
   * @param timestamp entries later than this may be left out, and keys that have no others
   */
  nextKey(timestamp?: number): void;
  /**
   * To the first entry at or after (key at hand, timestamp, ∞), from the first one of that key.
   * @returns false if that is of another key, or there is none
   */
  seekInKey(timestamp: number): boolean;
  /** The source that has all entries of the key at hand, if it is one; else the cursor itself. */
  alone(): Cursor;
  /** One entry on. Only while valid. */
  next(): void;
  /** One entry back. Only while valid. */
  previous(): void;
}

/**
 * What a point lookup answers: the first entry at or after (key, as of T). It holds until the next
 * lookup, and where its value lies until something else is read, unless it is kept.
 */
export interface Found {
  timestamp: number;
  seq: number;
  kind: Kind;
  expiresAt: number;
  readonly value: Buffer;
  /** Where the value lies, instead of a view of it. */
  locateValue(into: Span): void;
  keep(): void;
}

/** True if the cursor stands on an entry of this key. */
export function isAtKey(cursor: Cursor, key: Buffer): boolean {
  return cursor.valid && compareKeys(cursor.key, key) === 0;
}
