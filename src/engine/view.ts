/**
 * The one consistent state that a read works on: the memtables and segments of one moment, and the
 * last seq that was committed then. Holds its segments until it is released.
 */
import { copyOf, noBytes } from '../base/bytes.js';
import { type Cursor, type Found, isAtKey } from '../base/cursor.js';
import { compareVersions, type Entry, isErasure, Kind } from '../base/entry.js';
import { damaged } from '../base/errors.js';
import { MergeCursor } from '../base/merge.js';
import { erasedBelow, isErased, wasTakenOut } from './erasures.js';
import { FoundInMemory } from './found-in-memory.js';
import type { SegmentCursor } from '../segment/segment-cursor.js';
import type { Hole } from './generation.js';
import type { Memtable } from './memtable.js';
import type { SegmentHandle } from './segment-set.js';
import { VisibleCursor } from './visible-cursor.js';

export interface ViewParts {
  memtables: readonly Memtable[];
  /** Newest first. */
  segments: readonly SegmentHandle[];
  /** Only entries up to this seq are seen. */
  seq: number;
  /** The last *now* given; −Infinity if none. */
  lastNow: number;
  holes: readonly Hole[];
  /** Of a snapshot: what was written later is not seen, but for erasures. */
  pinnedSeq?: number | undefined;
}

export class View {
  readonly seq: number;
  readonly lastNow: number;
  readonly #parts: ViewParts;
  /** Whether anything may hide all that is known of a key. */
  readonly #erasesHistories: boolean;
  #isHeld = false;
  #cursors: SegmentCursor[] = [];

  constructor(parts: ViewParts) {
    this.#parts = parts;
    this.seq = parts.seq;
    this.lastNow = parts.lastNow;
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
    if (first === undefined || (first.seq >= below && !isErasure(first.kind))) return first;
    return this.#findPast(key, timestamp);
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

  /** Of all versions of a key, newest first. */
  *timestampsOf(key: Buffer): Generator<number> {
    const cursor = this.hold({ from: key, to: key });
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
    const cursor = this.hold({ from: key, to: key });
    try {
      cursor.seek(key, timestamp, Infinity);
      if (!isAtKey(cursor, key)) return undefined;
      const { timestamp: found, seq, kind, expiresAt } = cursor;
      const value = copyOf(cursor.value());
      return new FoundInMemory({ timestamp: found, seq, kind, expiresAt, value });
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
  hold(range: { from: Buffer | undefined; to: Buffer | undefined }): Cursor {
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
    if (!hasErasure && pinnedSeq === undefined) return merged;
    const below = (key: Buffer) => erasedBelow(this.#parts, key);
    return new VisibleCursor(merged, below, pinnedSeq ?? Infinity);
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
