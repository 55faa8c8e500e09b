/**
 * Marks: an entry that stands where retention has let a version of its key go, and says that nothing
 * is known of the key up to there. It is the last one of its key in a segment, unless older versions
 * stay behind it for the sake of a snapshot.
 */
import { type Cursor, isAtKey } from '../base/cursor.js';
import { type Entry, isMark, isNote, Kind } from '../base/entry.js';
import { timestampMax } from '../base/limits.js';
import { decodeErased } from './erased.js';
import { erasedBelow, type Sources } from './erasures.js';

/** What a view sees of marks: those of its moment. */
export interface MarkedView {
  sources: Sources;
  /** Marks with a greater seq are not seen… */
  seqMax: number;
  /** …unless they erase what it has seen at or before its horizon: the oldest version in it too. */
  horizon: number;
}

/** The seq of the first write of a version, as far as it is there still. */
export function firstWriteOf(sources: Sources, key: Buffer, timestamp: number): number {
  return leastOf(sources, { key, timestamp }, ({ kind, seq }) => (isNote(kind) ? Infinity : seq));
}

/** The same of a version that was erased, by what the erasures say that mark its key. */
export function firstWriteOfErased(sources: Sources, key: Buffer, timestamp: number): number {
  return leastOf(sources, { key, timestamp }, (cursor) =>
    cursor.kind === Kind.markingErasure ? decodeErased(cursor.value()).firstSeq : Infinity,
  );
}

/** The least that the entries of a version answer; the largest seq there can be if none has one. */
function leastOf(
  { memtables, segments, seq }: Sources,
  { key, timestamp }: Pick<Entry, 'key' | 'timestamp'>,
  answerOf: (entry: Cursor) => number,
): number {
  let least: number = timestampMax;
  const look = (cursor: Cursor): void => {
    cursor.seek(key, timestamp, Infinity);
    for (; isAtKey(cursor, key) && cursor.timestamp === timestamp; cursor.next()) {
      least = Math.min(least, answerOf(cursor));
    }
  };
  for (const memtable of memtables) look(memtable.cursor(seq));
  for (const segment of segments) {
    const reader = segment.reader();
    if (reader.find(key, timestamp)?.timestamp !== timestamp) continue;
    const cursor = reader.cursor();
    look(cursor);
    cursor.close();
  }
  return least;
}

/** True if there is any mark in the sources. */
export function holdMarks({ memtables, segments }: Sources): boolean {
  return (
    memtables.some(({ traits }) => traits.marks > 0) ||
    segments.some(({ row }) => (row.traits?.marks ?? 0) > 0)
  );
}

/** The largest timestamp of any mark in the sources; −Infinity if there is none. */
export function lastMarkIn({ memtables, segments }: Sources): number {
  if (memtables.some(({ traits }) => traits.marks > 0)) return Infinity;
  return Math.max(-Infinity, ...segments.map(({ row }) => row.traits?.lastMark ?? -Infinity));
}

/** What of the key has this timestamp, or an earlier one, was let go; −Infinity: nothing was. */
export function markOf({ sources, seqMax, horizon }: MarkedView, key: Buffer): number {
  const { memtables, segments, seq } = sources;
  let mark = -Infinity;
  let below: number | undefined;
  const counts = (cursor: Cursor): boolean => {
    below ??= erasedBelow(sources, key);
    if (cursor.seq < below) return false;
    if (cursor.kind === Kind.mark) return cursor.seq <= seqMax;
    const { firstSeq, marks } = decodeErased(cursor.value());
    if (cursor.seq <= seqMax && marks !== 'since horizon') return marks === 'all';
    return cursor.timestamp <= horizon && firstSeq <= seqMax;
  };
  for (const memtable of memtables) {
    if (memtable.traits.marks === 0) continue;
    mark = Math.max(mark, lastMark(memtable.cursor(seq), key, { counts, isLast: false }));
  }
  for (const segment of segments) {
    const { traits } = segment.row;
    if (traits === undefined || traits.marks === 0 || traits.lastMark <= mark) continue;
    const reader = segment.reader();
    // Its filter knows of most keys that nothing of them is there.
    if (reader.find(key, timestampMax) === undefined) continue;
    const cursor = reader.cursor();
    const isLast = traits.heldVersions === 0;
    mark = Math.max(mark, lastMark(cursor, key, { counts, isLast }));
    cursor.close();
  }
  return mark;
}

/** @param isLast nothing but marks comes behind a mark */
function lastMark(
  cursor: Cursor,
  key: Buffer,
  { counts, isLast }: { counts: (cursor: Cursor) => boolean; isLast: boolean },
): number {
  let mark = -Infinity;
  cursor.seekBefore(key, -Infinity, -Infinity);
  for (; isAtKey(cursor, key); cursor.previous()) {
    if (isMark(cursor.kind)) {
      if (counts(cursor)) mark = Math.max(mark, cursor.timestamp);
    } else if (isLast) {
      break;
    }
  }
  return mark;
}
