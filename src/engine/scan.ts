/**
 * Walks over a cursor for the questions that answer with many: keys and values as of a time, what
 * differs between two times, all keys, and one key's history. Of entries with the same key and timestamp the first in the
 * order, which has the greatest seq, is the version; those behind it were replaced.
 */
import { isAtKey, type Cursor } from '../base/cursor.js';
import { compareKeys, Kind, type Entry } from '../base/entry.js';
import { timestampMax } from '../base/limits.js';
import { BlockMemory } from '../segment/block-memory.js';

export interface KeyBounds {
  /** Included. */
  start: Buffer | undefined;
  /** Excluded. */
  end: Buffer | undefined;
  reverse: boolean;
}

/** So many versions of a key are stepped over before the rest is skipped by a seek. */
const stepsBeforeSeek = 8;

/**
 * The entry that a cursor stands on. Its value is read when it is asked for, which must be before the
 * cursor moves: who asks for keys reads none.
 */
class EntryAtCursor implements Entry {
  readonly key: Buffer;
  readonly timestamp: number;
  readonly seq: number;
  readonly kind: Kind;
  readonly expiresAt: number;
  readonly #cursor: Cursor;

  constructor(cursor: Cursor, key: Buffer) {
    this.key = key;
    this.timestamp = cursor.timestamp;
    this.seq = cursor.seq;
    this.kind = cursor.kind;
    this.expiresAt = cursor.expiresAt;
    this.#cursor = cursor;
  }

  get value(): Buffer {
    return this.#cursor.value();
  }
}

/** An entry that the cursor has left. That its value could not be read is told to who asks for it. */
class EntryLeft extends EntryAtCursor {
  readonly #value: Buffer | undefined;
  readonly #failure: unknown;

  constructor(cursor: Cursor, key: Buffer, memory: BlockMemory) {
    super(cursor, key);
    try {
      this.#value = memory.copy(cursor.value());
    } catch (error) {
      this.#failure = error;
    }
  }

  override get value(): Buffer {
    if (this.#value === undefined) throw this.#failure;
    return this.#value;
  }
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
    for (let step = 0; step < stepsBeforeSeek && isAtKey(cursor, key); step++) cursor.next();
    if (isAtKey(cursor, key)) cursor.seek(key, -Infinity, -Infinity);
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

/**
 * The version of each key that is valid as of `time`, in key order. Values are read when they are
 * asked for, and are views that hold until the next step.
 */
export function* scanAsOf(cursor: Cursor, bounds: KeyBounds, time: number): Generator<Entry> {
  for (const key of keysIn(cursor, bounds)) {
    // Forward, the cursor stands on the key's newest entry; backward, on its oldest.
    if (bounds.reverse || cursor.timestamp > time) cursor.seek(key, time, Infinity);
    if (!isAtKey(cursor, key)) continue;
    if (cursor.kind === Kind.value && time < cursor.expiresAt) yield new EntryAtCursor(cursor, key);
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
  { from, to }: { from: number; to: number },
): Generator<DifferingValues> {
  const memories = [new BlockMemory(), new BlockMemory()] as const;
  for (const key of keysIn(cursor, bounds)) {
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
  const isValid = isAtKey(cursor, key) && cursor.kind === Kind.value && time < cursor.expiresAt;
  return isValid ? cursor.seq : undefined;
}

export interface HistoryBounds {
  /** Both included. */
  from: number;
  to: number;
  reverse: boolean;
}

/**
 * The versions of one key, oldest first, or newest first if reversed. Values are views that hold
 * until the next step.
 */
export function* historyOf(cursor: Cursor, key: Buffer, bounds: HistoryBounds): Generator<Entry> {
  if (bounds.reverse) yield* newestFirst(cursor, key, bounds);
  else yield* oldestFirst(cursor, key, bounds);
}

/** The versions of every key, by key and then oldest first; like `historyOf` for each of them. */
export function* allHistories(cursor: Cursor): Generator<Entry> {
  for (const key of keysForward(cursor, { start: undefined, end: undefined })) {
    yield* oldestFirst(cursor, key, { from: -timestampMax, to: timestampMax });
    // From before the key's entries to behind them, where the walk over keys goes on.
    cursor.seek(key, -Infinity, -Infinity);
  }
}

function* newestFirst(cursor: Cursor, key: Buffer, bounds: HistoryBounds): Generator<Entry> {
  cursor.seek(key, bounds.to, Infinity);
  while (isAtKey(cursor, key) && cursor.timestamp >= bounds.from) {
    const { timestamp } = cursor;
    yield new EntryAtCursor(cursor, key);
    while (isAtKey(cursor, key) && cursor.timestamp === timestamp) cursor.next();
  }
}

function* oldestFirst(
  cursor: Cursor,
  key: Buffer,
  bounds: Omit<HistoryBounds, 'reverse'>,
): Generator<Entry> {
  // The last entry before (key, from − 1, ∞) is the one with the smallest timestamp ≥ from.
  cursor.seekBefore(key, bounds.from - 1, Infinity);
  const memory = new BlockMemory();
  let candidate: Entry | undefined;
  while (isAtKey(cursor, key) && cursor.timestamp <= bounds.to) {
    if (candidate !== undefined && candidate.timestamp !== cursor.timestamp) yield candidate;
    // Whether it is the version is known only one step further, where its value is gone.
    candidate = new EntryLeft(cursor, key, memory);
    cursor.previous();
  }
  if (candidate !== undefined) yield candidate;
}
