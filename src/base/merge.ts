/**
 * Several cursors as one, in the one ordering. Few sources (memtables and some twenty segments), so
 * the next one is found by comparing all of them: simpler than a heap, and no slower at that size.
 */
import type { Cursor } from './cursor.js';
import { compareKeys, compareVersions, type Kind } from './entry.js';

function compareCursors(a: Cursor, b: Cursor): number {
  return compareKeys(a.key, b.key) || compareVersions(a.timestamp, a.seq, b.timestamp, b.seq);
}

export class MergeCursor implements Cursor {
  readonly #sources: readonly Cursor[];
  #current: Cursor | undefined;
  #isForward = true;

  constructor(sources: readonly Cursor[]) {
    this.#sources = sources;
  }

  get valid(): boolean {
    return this.#current !== undefined;
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

  seek(key: Buffer, timestamp: number, seq: number): void {
    for (const source of this.#sources) source.seek(key, timestamp, seq);
    this.#choose(true);
  }

  seekBefore(key: Buffer, timestamp: number, seq: number): void {
    for (const source of this.#sources) source.seekBefore(key, timestamp, seq);
    this.#choose(false);
  }

  first(): void {
    for (const source of this.#sources) source.first();
    this.#choose(true);
  }

  last(): void {
    for (const source of this.#sources) source.last();
    this.#choose(false);
  }

  next(): void {
    if (!this.#isForward) this.#turn(true);
    this.#at.next();
    this.#choose(true);
  }

  previous(): void {
    if (this.#isForward) this.#turn(false);
    this.#at.previous();
    this.#choose(false);
  }

  get #at(): Cursor {
    if (this.#current === undefined) throw new RangeError('the cursor stands on no entry');
    return this.#current;
  }

  /** Puts every other source on the far side of the current entry when the direction changes. */
  #turn(forward: boolean): void {
    const current = this.#at;
    const { key, timestamp, seq } = current;
    for (const source of this.#sources) {
      if (source === current) continue;
      if (forward) source.seek(key, timestamp, seq);
      else source.seekBefore(key, timestamp, seq);
    }
  }

  #choose(forward: boolean): void {
    this.#isForward = forward;
    let best: Cursor | undefined;
    for (const source of this.#sources) {
      if (!source.valid) continue;
      if (best === undefined) {
        best = source;
        continue;
      }
      const order = compareCursors(source, best);
      if (forward ? order < 0 : order > 0) best = source;
    }
    this.#current = best;
  }
}
