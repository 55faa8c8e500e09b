/** Entries in memory, in the one order: what cursors are held against. */
import fc from 'fast-check';
import type { Cursor, Span } from '../../src/base/cursor.js';
import { compareKeys, compareVersions, type Entry, Kind } from '../../src/base/entry.js';
import { encodeRecord, recordBytes } from '../../src/wal/record.js';

/** Few keys and timestamps, so that equal ones meet. */
export const contents = fc.record({
  kind: fc.constantFrom(Kind.value, Kind.value, Kind.tombstone),
  key: fc.constantFrom('a', 'aa', 'ab', 'b', '\u{ff}', '\u{1f600}').map((key) => Buffer.from(key)),
  timestamp: fc.integer({ min: -3, max: 3 }),
  expiresAt: fc.constantFrom(Infinity, Infinity, 1, 3),
  value: fc.uint8Array({ maxLength: 3 }).map((bytes) => Buffer.from(bytes)),
});
export type Content = Omit<Entry, 'seq'>;

export type Place = Pick<Entry, 'key' | 'timestamp' | 'seq'>;

export const places: fc.Arbitrary<Place> = fc.record({
  key: fc.constantFrom('', 'a', 'ab', 'b', 'z', '\u{ff}').map((key) => Buffer.from(key)),
  timestamp: fc.constantFrom(-Infinity, -4, -1, 0, 2, 3, Infinity),
  seq: fc.constantFrom(-Infinity, 0, 2, 5, 9, Infinity),
});

export function compareEntries(a: Place, b: Place): number {
  return compareKeys(a.key, b.key) || compareVersions(a.timestamp, a.seq, b.timestamp, b.seq);
}

export function payloadOf(list: readonly Content[]): Buffer {
  const payload = Buffer.alloc(list.reduce((sum, each) => sum + recordBytes(each), 0));
  let offset = 0;
  for (const content of list) offset = encodeRecord(payload, offset, content);
  return payload;
}

export interface Plain extends Omit<Entry, 'key' | 'value'> {
  key: string;
  value: string;
}

export function plain(entry: Entry): Plain {
  return { ...entry, key: entry.key.toString('hex'), value: entry.value.toString('hex') };
}

/** What the cursor stands on. */
export function at(cursor: Cursor): Plain | undefined {
  if (!cursor.valid) return undefined;
  const { key, timestamp, seq, kind, expiresAt } = cursor;
  return plain({ key, timestamp, seq, kind, expiresAt, value: cursor.value() });
}

/** A cursor over a sorted array: slow, and plainly right. */
export class ArrayCursor implements Cursor {
  readonly #entries: readonly Entry[];
  #index = -1;
  staysOnKey = false;

  constructor(entries: readonly Entry[]) {
    this.#entries = entries.toSorted(compareEntries);
  }

  get valid(): boolean {
    return this.#entries[this.#index] !== undefined;
  }

  get #entry(): Entry {
    return this.#entries[this.#index]!;
  }

  get key(): Buffer {
    return this.#entry.key;
  }

  get timestamp(): number {
    return this.#entry.timestamp;
  }

  get seq(): number {
    return this.#entry.seq;
  }

  get kind(): Kind {
    return this.#entry.kind;
  }

  get expiresAt(): number {
    return this.#entry.expiresAt;
  }

  value(): Buffer {
    return this.#entry.value;
  }

  locateValue(into: Span): void {
    into.set(this.#entry.value, 0, this.#entry.value.length);
  }

  get run(): number {
    return 0;
  }

  locateRun(): void {
    throw new RangeError('an array has no runs');
  }

  seek(key: Buffer, timestamp: number, seq: number): void {
    const place = { key, timestamp, seq };
    const index = this.#entries.findIndex((entry) => compareEntries(entry, place) >= 0);
    this.#index = index === -1 ? this.#entries.length : index;
  }

  seekBefore(key: Buffer, timestamp: number, seq: number): void {
    this.seek(key, timestamp, seq);
    this.#index--;
  }

  first(): void {
    this.#index = 0;
  }

  last(): void {
    this.#index = this.#entries.length - 1;
  }

  nextKey(): void {
    this.seek(this.key, -Infinity, -Infinity);
  }

  seekInKey(timestamp: number): boolean {
    const { key } = this;
    this.seek(key, timestamp, Infinity);
    return this.valid && compareKeys(this.key, key) === 0;
  }

  alone(): Cursor {
    return this;
  }

  next(): void {
    this.#step(1);
  }

  previous(): void {
    this.#step(-1);
  }

  #step(by: number): void {
    const { key } = this.#entry;
    this.#index += by;
    this.staysOnKey = this.valid && compareKeys(this.key, key) === 0;
  }
}
