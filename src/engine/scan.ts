/**
 * Walks over a cursor for the questions that answer with many: keys and values as of a time, what
 * differs between two times, all keys, and one key's history. Of entries with the same key and timestamp the first in the
 * order, which has the greatest seq, is the version; those behind it were replaced.
 */
import { isAtKey, type Cursor } from '../base/cursor.js';
import { compareKeys } from '../base/entry.js';
import { timestampMax } from '../base/limits.js';
import { BlockMemory } from '../segment/block-memory.js';
import { isValid } from './read-time.js';

export interface KeyBounds {
  /** Included. */
  start: Buffer | undefined;
  /** Excluded. */
  end: Buffer | undefined;
  reverse: boolean;
}

/** Takes what a walk finds. */
export interface Sink {
  /** True: nothing more is to be given now. */
  readonly isFull: boolean;
  /** @param entry stands on it until the walk goes on; the key holds as long */
  take(key: Buffer, entry: Cursor): void;
  /** Takes it in place of the one before, which it replaces. */
  retake(key: Buffer, entry: Cursor): void;
  /** Gives the one before back. */
  untake(): void;
}

/** Something to go through, in pieces: one step at a time would cost more than what it finds. */
export interface Walk {
  /**
   * Gives what comes next, until the sink is full.
   * @returns false if that was all
   */
  more(sink: Sink): boolean;
}

/**
 * Each key in the bounds that has any entry, in order: a view that holds until the next step. The
 * cursor may be moved between steps.
 */
export function* keysIn(cursor: Cursor, bounds: KeyBounds): Generator<Buffer> {
  if (bounds.reverse) yield* keysBackward(cursor, bounds);
  else yield* keysForward(cursor, bounds);
}

function* keysForward(
  cursor: Cursor,
  { start, end }: Omit<KeyBounds, 'reverse'>,
): Generator<Buffer> {
  const memory = new BlockMemory();
  if (start === undefined) cursor.first();
  else cursor.seek(start, Infinity, Infinity);
  while (cursor.valid) {
    const key = memory.copy(cursor.key);
    if (end !== undefined && compareKeys(key, end) >= 0) return;
    yield key;
    if (isAtKey(cursor, key)) cursor.nextKey();
  }
}

function* keysBackward(cursor: Cursor, { start, end }: KeyBounds): Generator<Buffer> {
  const memory = new BlockMemory();
  if (end === undefined) cursor.last();
  else cursor.seekBefore(end, Infinity, Infinity);
  while (cursor.valid) {
    const key = memory.copy(cursor.key);
    if (start !== undefined && compareKeys(key, start) < 0) return;
    yield key;
    cursor.seekBefore(key, Infinity, Infinity);
  }
}

/** Refuses times of which nothing is known any more. */
export interface Kept {
  /** Whether any key has a mark. */
  readonly hasMarks: boolean;
  requireSinceHorizon(time: number): void;
  requireSinceMark(key: Buffer, time: number): void;
}

/**
 * The version of each key that is valid as of a time, in key order.
 * @throws ERR_TIMEKV_HISTORY_TRUNCATED at a key of which nothing is known as of the time
 */
export class ScanWalk implements Walk {
  readonly #cursor: Cursor;
  readonly #bounds: KeyBounds;
  readonly #time: number;
  /** Undefined where no key has a mark. */
  readonly #marks: Kept | undefined;
  readonly #key = new BlockMemory();
  /** The key at hand was looked at. */
  #isDone = false;

  constructor(cursor: Cursor, bounds: KeyBounds, { time, view }: { time: number; view: Kept }) {
    view.requireSinceHorizon(time);
    this.#cursor = cursor;
    this.#bounds = bounds;
    this.#time = time;
    this.#marks = view.hasMarks ? view : undefined;
    const { start, end, reverse } = bounds;
    if (reverse) {
      if (end === undefined) cursor.last();
      else cursor.seekBefore(end, Infinity, Infinity);
    } else if (start === undefined) {
      cursor.first();
    } else {
      cursor.seek(start, Infinity, Infinity);
    }
  }

  more(sink: Sink): boolean {
    return this.#bounds.reverse ? this.#backward(sink) : this.#forward(sink);
  }

  /** From each key's newest entry on. */
  #forward(sink: Sink): boolean {
    const cursor = this.#cursor;
    const { end } = this.#bounds;
    while (!sink.isFull) {
      if (this.#isDone) cursor.nextKey(this.#marks === undefined ? this.#time : Infinity);
      this.#isDone = false;
      if (!cursor.valid) return false;
      if (end !== undefined && compareKeys(cursor.key, end) >= 0) return false;
      if (cursor.timestamp > this.#time && !this.#isThere()) continue;
      this.#giveValid(sink, cursor.key);
      this.#isDone = true;
    }
    return true;
  }

  /** Goes back to the time; false if all of the key is later: then the cursor is at the next one. */
  #isThere(): boolean {
    const cursor = this.#cursor;
    const key = this.#marks && this.#key.copy(cursor.key);
    if (cursor.seekInKey(this.#time)) return true;
    if (key !== undefined) this.#marks?.requireSinceMark(key, this.#time);
    return false;
  }

  /** From each key's oldest entry on. */
  #backward(sink: Sink): boolean {
    const cursor = this.#cursor;
    const { start } = this.#bounds;
    while (!sink.isFull) {
      if (this.#isDone) cursor.seekBefore(this.#key.last, Infinity, Infinity);
      if (!cursor.valid) return false;
      const key = this.#key.copy(cursor.key);
      if (start !== undefined && compareKeys(key, start) < 0) return false;
      cursor.seek(key, this.#time, Infinity);
      if (isAtKey(cursor, key)) this.#giveValid(sink, key);
      else this.#marks?.requireSinceMark(key, this.#time);
      this.#isDone = true;
    }
    return true;
  }

  #giveValid(sink: Sink, key: Buffer): void {
    const cursor = this.#cursor;
    if (isValid(cursor, key, this.#time)) sink.take(key, cursor);
  }
}

/** A key whose value as of one time is not that as of another; undefined: it has none then. */
export interface DifferingValues {
  key: Buffer;
  before: Buffer | undefined;
  after: Buffer | undefined;
}

/**
 * The keys whose value as of `from` differs from that as of `to`, in key order. Keys and values are
 * views that hold until the next step; values are read only where two versions are to be compared.
 */
export function* differences(
  cursor: Cursor,
  bounds: KeyBounds,
  { from, to, view }: { from: number; to: number; view: Kept },
): Generator<DifferingValues> {
  const memories = [new BlockMemory(), new BlockMemory()] as const;
  for (const time of [from, to]) view.requireSinceHorizon(time);
  for (const key of keysIn(cursor, bounds)) {
    if (view.hasMarks) view.requireSinceMark(key, Math.min(from, to));
    const seqBefore = seekValid(cursor, key, from);
    const seqAfter = seekValid(cursor, key, to);
    if (seqBefore === seqAfter) continue;
    // The cursor stands on the later one, if there is one.
    const after = seqAfter === undefined ? undefined : memories[0].copy(cursor.value());
    if (seqBefore !== undefined) seekValid(cursor, key, from);
    const before = seqBefore === undefined ? undefined : memories[1].copy(cursor.value());
    const isSame = before !== undefined && after?.equals(before) === true;
    if (!isSame) yield { key, before, after };
  }
}

/** Moves to what is valid as of a time; answers its seq, if there is anything. */
function seekValid(cursor: Cursor, key: Buffer, time: number): number | undefined {
  cursor.seek(key, time, Infinity);
  return isAtKey(cursor, key) && isValid(cursor, key, time) ? cursor.seq : undefined;
}

export interface HistoryBounds {
  /** Both included. */
  from: number;
  to: number;
  reverse: boolean;
}

/** The versions of one key, oldest first, or newest first if reversed. */
export class HistoryWalk implements Walk {
  readonly #cursor: Cursor;
  readonly #key: Buffer;
  readonly #bounds: HistoryBounds;
  #isOnKey: boolean;
  /** The timestamp of the version that was given last, and what kept it from being given. */
  #given = NaN;
  #failure: { error: unknown } | undefined;

  constructor(cursor: Cursor, key: Buffer, bounds: HistoryBounds) {
    this.#key = key;
    this.#bounds = bounds;
    if (bounds.reverse) cursor.seek(key, bounds.to, Infinity);
    // The last entry before (key, from − 1, ∞) is the one with the smallest timestamp ≥ from.
    else cursor.seekBefore(key, bounds.from - 1, Infinity);
    this.#isOnKey = isAtKey(cursor, key);
    this.#cursor = this.#isOnKey ? cursor.alone() : cursor;
  }

  more(sink: Sink): boolean {
    return this.#bounds.reverse ? this.#newestFirst(sink) : this.#oldestFirst(sink);
  }

  #newestFirst(sink: Sink): boolean {
    const cursor = this.#cursor;
    while (!sink.isFull) {
      if (this.#isOnKey && cursor.timestamp === this.#given) {
        cursor.next();
        this.#isOnKey = cursor.valid && cursor.staysOnKey;
      }
      if (!this.#isOnKey || cursor.timestamp < this.#bounds.from) return false;
      if (cursor.timestamp === this.#given) continue;
      sink.take(this.#key, cursor);
      this.#given = cursor.timestamp;
    }
    return true;
  }

  #oldestFirst(sink: Sink): boolean {
    const cursor = this.#cursor;
    while (this.#isOnKey && cursor.timestamp <= this.#bounds.to) {
      if (cursor.timestamp !== this.#given) {
        // Only now it is sure that the one before was not replaced.
        this.#requireGiven();
        if (sink.isFull) return true;
      }
      this.#giveUnsure(sink);
      cursor.previous();
      this.#isOnKey = cursor.valid && cursor.staysOnKey;
    }
    this.#requireGiven();
    return false;
  }

  /** That a value cannot be read matters only if it was not replaced. */
  #giveUnsure(sink: Sink): void {
    const cursor = this.#cursor;
    const replaces = cursor.timestamp === this.#given && this.#failure === undefined;
    this.#given = cursor.timestamp;
    this.#failure = undefined;
    try {
      if (replaces) sink.retake(this.#key, cursor);
      else sink.take(this.#key, cursor);
    } catch (error) {
      if (replaces) sink.untake();
      this.#failure = { error };
    }
  }

  #requireGiven(): void {
    const failure = this.#failure;
    if (failure === undefined) return;
    this.#failure = undefined;
    this.#isOnKey = false;
    throw failure.error;
  }
}

/** The versions of every key, by key and then oldest first. */
export class HistoriesWalk implements Walk {
  readonly #cursor: Cursor;
  readonly #memory = new BlockMemory();
  #history: HistoryWalk | undefined;

  constructor(cursor: Cursor) {
    this.#cursor = cursor;
    cursor.first();
    this.#begin();
  }

  more(sink: Sink): boolean {
    while (this.#history !== undefined) {
      if (this.#history.more(sink)) return true;
      this.#cursor.seek(this.#memory.last, -Infinity, -Infinity);
      this.#begin();
    }
    return false;
  }

  /** With the key that the cursor stands on, if it does. */
  #begin(): void {
    const cursor = this.#cursor;
    this.#history = cursor.valid
      ? new HistoryWalk(cursor, this.#memory.copy(cursor.key), wholeHistory)
      : undefined;
  }
}

const wholeHistory = { from: -timestampMax, to: timestampMax, reverse: false };
