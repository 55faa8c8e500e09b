/**
 * Several cursors as one, in the one ordering: the sources stand in a row, by the entries that they
 * are at, and the first of them is the place of all. When it has moved it is put where it belongs now.
 */
import type { Cursor, Span } from './cursor.js';
import { compareKeys, compareVersions, type Kind } from './entry.js';

function compareCursors(a: Cursor, b: Cursor): number {
  return compareKeys(a.key, b.key) || compareVersions(a.timestamp, a.seq, b.timestamp, b.seq);
}

export class MergeCursor implements Cursor {
  readonly #sources: readonly Cursor[];
  /** Those that are at an entry: the next one in the direction of travel comes first. */
  #row: Cursor[] = [];
  #isForward = true;
  /** Whether the second of the row is at the key of the first; undefined: nobody has looked yet. */
  #isRivalOnKey: boolean | undefined;

  valid = false;
  staysOnKey = false;

  constructor(sources: readonly Cursor[]) {
    this.#sources = sources;
  }

  get key(): Buffer {
    return this.#at.key;
  }

  get timestamp(): number {
    return this.#at.timestamp;
  }

  get seq(): number {
    return this.#at.seq;
  }

  get kind(): Kind {
    return this.#at.kind;
  }

  get expiresAt(): number {
    return this.#at.expiresAt;
  }

  value(): Buffer {
    return this.#at.value();
  }

  locateValue(into: Span): void {
    this.#at.locateValue(into);
  }

  get run(): number {
    return 0;
  }

  locateRun(): void {
    throw new RangeError('a merge has no runs');
  }

  seek(key: Buffer, timestamp: number, seq: number): void {
    for (const source of this.#sources) source.seek(key, timestamp, seq);
    this.#lineUp(true);
  }

  seekBefore(key: Buffer, timestamp: number, seq: number): void {
    for (const source of this.#sources) source.seekBefore(key, timestamp, seq);
    this.#lineUp(false);
  }

  first(): void {
    for (const source of this.#sources) source.first();
    this.#lineUp(true);
  }

  /** Begins with each source where it stands. */
  begin(): void {
    this.#lineUp(true);
  }

  last(): void {
    for (const source of this.#sources) source.last();
    this.#lineUp(false);
  }

  nextKey(timestamp?: number): void {
    if (!this.#isForward) this.#turn(true);
    const first = this.#at;
    if (this.alone() === first) {
      first.nextKey(timestamp);
      this.#putBack();
    } else {
      for (const source of this.#atKey()) source.nextKey(timestamp);
      this.#lineUp(true);
    }
  }

  seekInKey(timestamp: number): boolean {
    if (!this.#isForward) this.#turn(true);
    const first = this.#at;
    if (this.alone() === first) {
      if (first.seekInKey(timestamp)) return true;
      this.#putBack();
      return false;
    }
    const found = this.#atKey().filter((source) => source.seekInKey(timestamp));
    this.#lineUp(true);
    return found.length > 0;
  }

  alone(): Cursor {
    const [first, second] = this.#row;
    if (first === undefined) return this;
    return second !== undefined && compareKeys(second.key, first.key) === 0 ? this : first;
  }

  next(): void {
    if (!this.#isForward) this.#turn(true);
    this.#step(true);
  }

  previous(): void {
    if (this.#isForward) this.#turn(false);
    this.#step(false);
  }

  get #at(): Cursor {
    const first = this.#row[0]; // Not taken apart: that would go through an iterator each time.
    if (first === undefined) throw new RangeError('the cursor stands on no entry');
    return first;
  }

  /** Puts every other source on the far side of the current entry when the direction changes. */
  #turn(isForward: boolean): void {
    const current = this.#at;
    const { key, timestamp, seq } = current;
    for (const source of this.#sources) {
      if (source === current) continue;
      if (isForward) source.seek(key, timestamp, seq);
      else source.seekBefore(key, timestamp, seq);
    }
    this.#lineUp(isForward);
  }

  #lineUp(isForward: boolean): void {
    this.#isForward = isForward;
    this.#isRivalOnKey = undefined;
    this.#row = [];
    for (const source of this.#sources) {
      if (source.valid) this.#row.splice(this.#placeOf(source, 0), 0, source);
    }
    this.valid = this.#row.length > 0;
  }

  #step(isForward: boolean): void {
    const row = this.#row;
    const moved = this.#at;
    const rival = row[1];
    // Its key is gone once it has moved. As long as it stays first, nothing else moves.
    this.#isRivalOnKey ??= rival !== undefined && compareKeys(rival.key, moved.key) === 0;
    const isRivalOnKey = this.#isRivalOnKey;
    if (isForward) moved.next();
    else moved.previous();
    const isOnKey = moved.valid && moved.staysOnKey;
    const isFirst =
      rival === undefined
        ? moved.valid
        : isOnKey && (!isRivalOnKey || this.#isBefore(moved, rival));
    if (!isFirst) this.#putBack();
    else if (!isOnKey) this.#isRivalOnKey = undefined;
    this.staysOnKey = row[0] === moved ? isOnKey : isRivalOnKey;
  }

  /** Of two entries of one key: true if the first one comes first in the direction of travel. */
  #isBefore(a: Cursor, b: Cursor): boolean {
    const order = compareVersions(a.timestamp, a.seq, b.timestamp, b.seq);
    return this.#isForward ? order < 0 : order > 0;
  }

  /** Puts the first of the row, which has moved, where it belongs now. */
  #putBack(): void {
    this.#isRivalOnKey = undefined;
    const row = this.#row;
    const moved = row[0] as Cursor;
    if (!moved.valid) {
      row.shift();
    } else if (row.length > 1) {
      const place = this.#placeOf(moved, 1);
      for (let at = 1; at < place; at++) row[at - 1] = row[at] as Cursor;
      row[place - 1] = moved;
    }
    this.valid = row.length > 0;
  }

  /** All sources that are at the key at hand. */
  #atKey(): Cursor[] {
    const { key } = this.#at;
    return this.#row.filter((source) => compareKeys(source.key, key) === 0);
  }

  /** Before which one of the row a source belongs, none of those before `from`. */
  #placeOf(source: Cursor, from: number): number {
    const row = this.#row;
    let low = from;
    let high = row.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const order = compareCursors(row[middle] as Cursor, source);
      if (this.#isForward ? order < 0 : order > 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
