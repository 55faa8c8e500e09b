/**
 * The one consistent state that a read works on: the memtables and segments of one moment, and the
 * last seq that was committed then. Holds its segments until it is released.
 */
import type { Cursor, Found } from '../base/cursor.js';
import { compareVersions } from '../base/entry.js';
import { damaged } from '../base/errors.js';
import { MergeCursor } from '../base/merge.js';
import type { SegmentCursor } from '../segment/segment-cursor.js';
import type { Hole } from './generation.js';
import type { Memtable } from './memtable.js';
import type { SegmentHandle } from './segment-set.js';

export interface ViewParts {
  memtables: readonly Memtable[];
  /** Newest first. */
  segments: readonly SegmentHandle[];
  /** Only entries up to this seq are seen. */
  seq: number;
  /** The last *now* given; −Infinity if none. */
  lastNow: number;
  holes: readonly Hole[];
}

export class View {
  readonly seq: number;
  readonly lastNow: number;
  readonly #parts: ViewParts;
  #isHeld = false;
  #cursors: SegmentCursor[] = [];

  constructor(parts: ViewParts) {
    this.#parts = parts;
    this.seq = parts.seq;
    this.lastNow = parts.lastNow;
  }

  get memtables(): readonly Memtable[] {
    return this.#parts.memtables;
  }

  /** The first entry at or after (key, timestamp) over all sources. */
  find(key: Buffer, timestamp: number): Found | undefined {
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
    return only !== undefined && cursors.length === 1 ? only : new MergeCursor(cursors);
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
