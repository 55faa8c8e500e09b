/**
 * The one consistent state that a read works on: the memtables and segments of one moment, and the
 * last seq that was committed then. Holds its segments until it is released.
 */
import { copyOf, noBytes } from '../base/bytes.js';
import { type Cursor, type Found, isAtKey } from '../base/cursor.js';
import { compareVersions, type Entry, isErasure, isNote, Kind } from '../base/entry.js';
import { damaged } from '../base/errors.js';
import { MergeCursor } from '../base/merge.js';
import { erasedBelow, isErased, wasTakenOut } from './erasures.js';
import { FoundInMemory } from './found-in-memory.js';
import type { SegmentCursor } from '../segment/segment-cursor.js';
import type { Hole } from './generation.js';
import { firstWriteOf, holdMarks, lastMarkIn, markOf } from './marks.js';
import type { Memtable } from './memtable.js';
import type { SegmentHandle } from './segment-set.js';
import { requireSinceHorizon, requireSinceMark } from './truncation.js';
import { type Beginnings, VisibleCursor } from './visible-cursor.js';

interface KeyRange {
  from: Buffer | undefined;
  to: Buffer | undefined;
}

export interface ViewParts {
  memtables: readonly Memtable[];
  /** Newest first. */
  segments: readonly SegmentHandle[];
  /** Only entries up to this seq are seen. */
  seq: number;
  /** The last *now* given; −Infinity if none. */
  lastNow: number;
  holes: readonly Hole[];
  /** Nothing can be read as of times before it; −Infinity: there is none. */
  horizon: number;
  /** Of a snapshot: what was written later is not seen, but for erasures. */
  pinnedSeq?: number | undefined;
}

export class View {
  readonly seq: number;
  readonly lastNow: number;
  readonly horizon: number;
  /** Whether the history of some keys does not go back to its beginning. */
  readonly hasMarks: boolean;
  readonly #parts: ViewParts;
  /** Whether anything may hide all that is known of a key. */
  readonly #erasesHistories: boolean;
  #isHeld = false;
  #cursors: SegmentCursor[] = [];

  constructor(parts: ViewParts) {
    this.#parts = parts;
    this.seq = parts.seq;
    this.lastNow = parts.lastNow;
    this.horizon = parts.horizon;
    this.hasMarks = holdMarks(parts);
    this.#erasesHistories =
      parts.memtables.some(({ traits }) => traits.historyErasures > 0) ||
      parts.segments.some(({ row }) => (row.traits?.historyErasures ?? 0) > 0);
  }

  get memtables(): readonly Memtable[] {
    return this.#parts.memtables;
  }

  get segments(): readonly SegmentHandle[] {
    return this.#parts.segments;
  }

  /** The first version at or after (key, timestamp) over all sources. */
  find(key: Buffer, timestamp: number): Found | undefined {
    if (this.#parts.pinnedSeq !== undefined) return this.#findPast(key, timestamp);
    // First, since what a segment finds holds until the next lookup.
    const below = this.#erasesHistories ? erasedBelow(this.#parts, key) : 0;
    const first = this.#first(key, timestamp);
    if (first === undefined || (first.seq >= below && !isNote(first.kind))) return first;
    return this.#findPast(key, timestamp);
  }

  /**
   * The same of what retention has left.
   * @throws ERR_TIMEKV_HISTORY_TRUNCATED if what was there as of the time was let go
   */
  findKept(key: Buffer, timestamp: number): Found | undefined {
    if (timestamp < this.horizon) requireSinceHorizon(timestamp, this.horizon);
    const found = this.find(key, timestamp);
    if (!this.hasMarks || this.#liesBehindNoMark(found)) return found;
    const mark = this.#markOf(key);
    // Again, since what a segment finds holds until the next lookup.
    const again = this.find(key, timestamp);
    if (mark === -Infinity || (again !== undefined && again.timestamp > mark)) return again;
    this.requireSinceMark(key, timestamp);
    return undefined;
  }

  /** @throws ERR_TIMEKV_HISTORY_TRUNCATED if the time lies before the horizon */
  requireSinceHorizon(time: number): void {
    requireSinceHorizon(time, this.horizon);
  }

  /** @throws ERR_TIMEKV_HISTORY_TRUNCATED if the time lies before the horizon or the mark of the key */
  requireKept(key: Buffer, time: number): void {
    this.requireSinceHorizon(time);
    this.requireSinceMark(key, time);
  }

  /** @throws ERR_TIMEKV_HISTORY_TRUNCATED if the key has a mark, and the time lies before it */
  requireSinceMark(key: Buffer, time: number): void {
    if (this.markOf(key) === -Infinity) return;
    const first = this.firstKept(key);
    if (first !== undefined) requireSinceMark(key, time, first);
  }

  /** The timestamp of the oldest version of a key that retention has left. */
  firstKept(key: Buffer): number | undefined {
    for (const timestamp of this.keptOf(key)) return timestamp;
    return undefined;
  }

  /** Of all versions of a key that retention has left, oldest first. */
  *keptOf(key: Buffer): Generator<number> {
    const view = new View(this.#parts);
    const cursor = view.hold({ from: key, to: key });
    try {
      cursor.seekBefore(key, -Infinity, -Infinity);
      for (; isAtKey(cursor, key); cursor.previous()) yield cursor.timestamp;
    } finally {
      view.release();
    }
  }

  /** The seq of the first write of a version, as far as it is there still. */
  firstWriteOf(key: Buffer, timestamp: number): number {
    return firstWriteOf(this.#parts, key, timestamp);
  }

  /** What of the key has this timestamp, or an earlier one, was let go; −Infinity: nothing was. */
  markOf(key: Buffer): number {
    return this.hasMarks ? this.#markOf(key) : -Infinity;
  }

  /** True if a version of the key at this timestamp would be one that retention has let go. */
  wasLetGo(key: Buffer, timestamp: number): boolean {
    const beginnings = this.#beginnings();
    return beginnings !== undefined && timestamp < beginnings.of(key);
  }

  /** True if something in it may hide what was written before: erasures, or stubs. */
  get hides(): boolean {
    const { memtables, segments } = this.#parts;
    return (
      segments.some(({ row }) => row.traits !== undefined) ||
      memtables.some(({ traits }) => traits.hides)
    );
  }

  /** The operation as it is to be told now: without what was erased or has been taken out since. */
  toldNow(operation: Entry): Entry {
    const { kind } = operation;
    if (isErasure(kind)) return operation;
    if (isErased(this.#parts, operation)) {
      return { ...operation, kind: Kind.erasure, expiresAt: Infinity, value: noBytes };
    }
    const isGone = kind === Kind.value && operation.expiresAt !== Infinity;
    if (!isGone || !wasTakenOut(this.#parts, operation)) return operation;
    return { ...operation, kind: Kind.stub, value: noBytes };
  }

  /** Of all versions of a key that are there, newest first, also those that retention has let go. */
  *timestampsOf(key: Buffer): Generator<number> {
    const cursor = this.#hold({ from: key, to: key }, undefined);
    try {
      cursor.seek(key, Infinity, Infinity);
      let last = NaN;
      for (; isAtKey(cursor, key); cursor.next()) {
        const { timestamp } = cursor;
        if (timestamp !== last) yield timestamp;
        last = timestamp;
      }
    } finally {
      this.release();
    }
  }

  /** The same past what is erased: slower, and rarely needed. */
  #findPast(key: Buffer, timestamp: number): Found | undefined {
    const cursor = this.#hold({ from: key, to: key }, undefined);
    try {
      cursor.seek(key, timestamp, Infinity);
      if (!isAtKey(cursor, key)) return undefined;
      const { timestamp: found, seq, kind, expiresAt } = cursor;
      const value = copyOf(cursor.value());
      return new FoundInMemory({ timestamp: found, seq, kind, expiresAt }, value);
    } finally {
      this.release();
    }
  }

  #first(key: Buffer, timestamp: number): Found | undefined {
    let best: Found | undefined;
    for (const memtable of this.#parts.memtables) {
      best = better(memtable.find(key, timestamp, this.seq), best);
    }
    best = findInSegments(this.#parts.segments, { key, timestamp }, best);
    this.#requireReadable(timestamp, best);
    return best;
  }

  /**
   * Keeps the segments' files open until `release`, so that a cursor outlives a compaction.
   * @param range only segments with keys in [from, to] are needed
   * @throws the system's ENOENT if one has gone before it could be opened: take a new view
   */
  hold(range: KeyRange): Cursor {
    return this.#hold(range, this.#beginnings());
  }

  #hold(range: KeyRange, beginnings: Beginnings | undefined): Cursor {
    const [hole] = this.#parts.holes;
    if (hole !== undefined) throw unreadable(hole);
    const needed = this.#parts.segments.filter((segment) => segment.overlaps(range));
    for (const segment of needed) segment.reader();
    for (const segment of this.#parts.segments) segment.retain();
    this.#isHeld = true;
    this.#cursors = needed.map((segment) => segment.reader().cursor());
    // What is written to an empty memtable from now on has a later seq.
    const filled = this.#parts.memtables.filter(({ entries }) => entries > 0);
    const cursors = [...filled.map((memtable) => memtable.cursor(this.seq)), ...this.#cursors];
    const [only] = cursors;
    const merged = only !== undefined && cursors.length === 1 ? only : new MergeCursor(cursors);
    const { pinnedSeq } = this.#parts;
    const hasErasure = filled.some(({ traits }) => traits.erasures > 0) || needed.some(hasErasures);
    const showsAll = !hasErasure && !this.hasMarks && beginnings === undefined;
    if (showsAll && pinnedSeq === undefined) return merged;
    return new VisibleCursor(merged, {
      erasedBelow: (key) => erasedBelow(this.#parts, key),
      seqMax: pinnedSeq ?? Infinity,
      beginnings,
    });
  }

  /** Undefined if retention has let nothing go. */
  #beginnings(): Beginnings | undefined {
    if (this.horizon === -Infinity && !this.hasMarks) return undefined;
    const last = Math.max(this.horizon, lastMarkIn(this.#parts));
    return { last, of: (key) => Math.max(this.#afterMark(key), this.#baseOf(key)) };
  }

  #afterMark(key: Buffer): number {
    return this.hasMarks ? this.#markOf(key) + 1 : -Infinity;
  }

  /** Of a key, where what can be read since the horizon begins; a tombstone there is let go. */
  #baseOf(key: Buffer): number {
    if (this.horizon === -Infinity) return -Infinity;
    const base = new View(this.#parts).find(key, this.horizon);
    if (base === undefined) return -Infinity;
    return base.kind === Kind.tombstone ? base.timestamp + 1 : base.timestamp;
  }

  #markOf(key: Buffer): number {
    const seqMax = this.#parts.pinnedSeq ?? Infinity;
    const { horizon } = this;
    const mark = markOf({ sources: this.#parts, seqMax, horizon }, key);
    if (mark === -Infinity || mark >= horizon) return mark;
    // What lies at the horizon tells what was there since, a tombstone too.
    const base = new View(this.#parts).find(key, horizon);
    return base !== undefined && base.timestamp > mark ? -Infinity : mark;
  }

  /** True if what was found cannot lie before any mark of its key: no look at these is needed. */
  #liesBehindNoMark(found: Found | undefined): boolean {
    if (found === undefined) return false;
    const { timestamp, seq } = found;
    if (this.#parts.memtables.some(({ traits }) => traits.marks > 0)) return false;
    return this.#parts.segments.every(({ row: { traits, minSeq, maxSeq } }) => {
      if (traits === undefined || timestamp > traits.lastMark) return true;
      // Where it lies itself, nothing is left before a mark but for snapshots.
      return traits.heldVersions === 0 && seq >= minSeq && seq <= maxSeq;
    });
  }

  release(): void {
    if (!this.#isHeld) return;
    this.#isHeld = false;
    for (const cursor of this.#cursors) cursor.close();
    for (const segment of this.#parts.segments) segment.release();
  }

  /** A frame that cannot be read may have held any key; only a later write at T itself settles it. */
  #requireReadable(timestamp: number, best: Found | undefined): void {
    for (const hole of this.#parts.holes) {
      if (best?.timestamp === timestamp && best.seq > hole.seqMax) continue;
      throw unreadable(hole);
    }
  }
}

function hasErasures({ row }: SegmentHandle): boolean {
  return (row.traits?.erasures ?? 0) > 0;
}

function unreadable(hole: Hole) {
  return damaged(hole.file, hole.offset, 'a frame of the log cannot be read');
}

/** The one that comes first in the order of entries. */
export function better(a: Found | undefined, b: Found | undefined): Found | undefined {
  if (a === undefined) return b;
  if (b === undefined) return a;
  return compareVersions(a.timestamp, a.seq, b.timestamp, b.seq) < 0 ? a : b;
}

/** Goes through the segments, newest first, past those that cannot have a better answer. */
export function findInSegments(
  segments: readonly SegmentHandle[],
  wanted: { key: Buffer; timestamp: number },
  start: Found | undefined,
): Found | undefined {
  let best = start;
  for (const segment of segments) {
    const { minTimestamp, maxTimestamp, maxSeq } = segment.row;
    if (minTimestamp > wanted.timestamp) continue;
    if (best !== undefined) {
      const bound = Math.min(maxTimestamp, wanted.timestamp);
      if (compareVersions(best.timestamp, best.seq, bound, maxSeq) < 0) continue;
    }
    if (!segment.mayHoldKey(wanted.key)) continue;
    best?.keep();
    best = better(segment.reader().find(wanted.key, wanted.timestamp), best);
  }
  return best;
}
