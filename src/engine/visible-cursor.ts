/**
 * A cursor past everything that an erasure hides, or retention has let go, and past erasures and marks
 * themselves; in a snapshot also past what was written later. Of each key and timestamp it shows one entry: the version. Only views
 * with something to hide are read through one: a step back costs it several seeks.
 */
import { isAtKey, type Cursor } from '../base/cursor.js';
import { erasesVersion, isNote } from '../base/entry.js';
import { EntryOf } from '../base/entry-at.js';
import { BlockMemory } from '../segment/block-memory.js';

/** How far back the histories of keys go. */
export interface Beginnings {
  /** All that is hidden has this timestamp or an earlier one. */
  last: number;
  /** Of a key, everything before this timestamp is hidden. */
  of: (key: Buffer) => number;
}

export class VisibleCursor extends EntryOf implements Cursor {
  /** Of a key: what has a smaller seq is erased; 0: nothing is. */
  readonly #erasedBelow: (key: Buffer) => number;
  /** Later entries are not seen, but for erasures. */
  readonly #seqMax: number;
  readonly #beginnings: Beginnings | undefined;
  /** The key at hand, and what holds for it. */
  readonly #key = new BlockMemory();
  #below = 0;
  /** Asked for where it matters. */
  #beginning: number | undefined;
  /** The last look at a timestamp went past all of its entries. */
  #isBehindTimestamp = false;

  valid = false;
  staysOnKey = false;

  constructor(
    base: Cursor,
    hidden: {
      erasedBelow: (key: Buffer) => number;
      seqMax: number;
      beginnings: Beginnings | undefined;
    },
  ) {
    super(base);
    this.#erasedBelow = hidden.erasedBelow;
    this.#seqMax = hidden.seqMax;
    this.#beginnings = hidden.beginnings;
  }

  get run(): number {
    return 0;
  }

  locateRun(): void {
    throw new RangeError('what is visible lies in no run');
  }

  /** To the first at or after (key, timestamp), whatever the seq. */
  seek(key: Buffer, timestamp: number, seq: number): void {
    this.base.seek(key, timestamp, seq === -Infinity ? seq : Infinity);
    this.#settle();
  }

  seekBefore(key: Buffer, timestamp: number, seq: number): void {
    this.base.seekBefore(key, timestamp, seq);
    this.#settleBefore();
  }

  first(): void {
    this.base.first();
    this.#settle();
  }

  last(): void {
    this.base.last();
    this.#settleBefore();
  }

  nextKey(): void {
    this.base.nextKey();
    this.#settle();
  }

  seekInKey(timestamp: number): boolean {
    const key = this.#key.copy(this.base.key);
    this.base.seek(key, timestamp, Infinity);
    this.#settle();
    // What is remembered of the key changes where the cursor has gone on to another one.
    return this.valid && this.staysOnKey;
  }

  alone(): Cursor {
    return this;
  }

  next(): void {
    this.#leaveTimestamp();
    this.#settle();
  }

  previous(): void {
    const { base } = this;
    const { timestamp } = base;
    base.seekBefore(this.#key.copy(base.key), timestamp, Infinity);
    this.#settleBefore();
  }

  /** From the first entry of a timestamp, or what is behind the last: to the next one that is visible. */
  #settle(): void {
    const { base } = this;
    this.staysOnKey = true;
    this.valid = false;
    while (base.valid && !this.valid) {
      this.#lookAtKey();
      this.valid = this.#isVisible();
      if (!this.valid && !this.#isBehindTimestamp) this.#leaveTimestamp();
    }
  }

  /** The same backward, from any entry. */
  #settleBefore(): void {
    const { base } = this;
    let staysOnKey = true;
    this.valid = false;
    while (base.valid && !this.valid) {
      const isSame = isAtKey(base, this.#key.last);
      staysOnKey &&= isSame;
      const { timestamp } = base;
      const key = this.#key.copy(base.key);
      if (!isSame) this.#beginKey(key);
      base.seek(key, timestamp, Infinity);
      this.valid = this.#isVisible();
      if (!this.valid) base.seekBefore(this.#key.last, timestamp, Infinity);
    }
    this.staysOnKey = staysOnKey;
  }

  /** From the first entry of a timestamp to the one that stands for it, if any does. */
  #isVisible(): boolean {
    const { base } = this;
    const { timestamp } = base;
    this.#isBehindTimestamp = false;
    if (this.#isLetGo(timestamp)) return false;
    while (!this.#isBehindTimestamp) {
      if (erasesVersion(base.kind)) return false;
      const isSeen = base.seq >= this.#below && base.seq <= this.#seqMax;
      if (isSeen && !isNote(base.kind)) return true;
      base.next();
      this.#isBehindTimestamp = !base.valid || !base.staysOnKey || base.timestamp !== timestamp;
    }
    return false;
  }

  #isLetGo(timestamp: number): boolean {
    const beginnings = this.#beginnings;
    if (beginnings === undefined || timestamp > beginnings.last) return false;
    this.#beginning ??= beginnings.of(this.#key.last);
    return timestamp < this.#beginning;
  }

  #beginKey(key: Buffer): void {
    this.#below = this.#erasedBelow(key);
    this.#beginning = undefined;
  }

  /** To the first entry of another timestamp, or of another key. */
  #leaveTimestamp(): void {
    const { base } = this;
    const { timestamp } = base;
    do base.next();
    while (base.valid && base.staysOnKey && base.timestamp === timestamp);
  }

  /** Finds out what holds for the key at hand, if it is another one than before. */
  #lookAtKey(): void {
    const { base } = this;
    if (isAtKey(base, this.#key.last)) return;
    this.staysOnKey = false;
    this.#beginKey(this.#key.copy(base.key));
  }
}
