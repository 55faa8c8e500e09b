/**
 * The expired versions of a view that are not taken out yet, first ones first. Every source has them
 * in the order of expiry, and whoever took some out has told in the stub up to where: so nothing is
 * gone through twice, however many there were before.
 */
import { copyOf } from '../base/bytes.js';
import type { Cursor } from '../base/cursor.js';
import { type Entry, Kind } from '../base/entry.js';
import { expiryOf, firstExpiryKey, keyInExpiry, laterPlace } from '../base/expiry-order.js';
import { MiB } from '../base/limits.js';
import { MergeCursor } from '../base/merge.js';
import type { SegmentCursor } from '../segment/segment-cursor.js';
import { type ExpiredUpTo, isTakenOut } from './table-traits.js';
import type { View } from './view.js';

/** Of values: they are answered all at once, and taken out in one frame. */
const bytesMax = MiB;

export function expiredIn(view: View, now: number, max: number): Entry[] {
  const opened: SegmentCursor[] = [];
  try {
    const cursor = new MergeCursor(startedCursors(view, opened));
    cursor.begin();
    const found: Entry[] = [];
    const takenOut = view.memtables.flatMap(({ traits }) => traits.expired ?? []);
    let bytes = 0;
    for (; found.length < max && bytes < bytesMax; cursor.next()) {
      if (!cursor.valid || expiryOf(cursor.key) > now) break;
      // A log holds versions together with what took them out.
      if (takenOut.some((each) => isTakenOut(cursor, each))) continue;
      const entry = versionAt(view, cursor);
      if (entry === undefined) continue;
      found.push(entry);
      bytes += entry.value.length;
    }
    return found;
  } finally {
    for (const cursor of opened) cursor.close();
  }
}

/** A cursor for each source that has any, behind what was taken out of it; newest source first. */
function startedCursors({ memtables, segments, seq }: View, opened: SegmentCursor[]): Cursor[] {
  const cursors: Cursor[] = [];
  // What newer sources tell holds for all of an older one.
  let done: ExpiredUpTo['place'] | undefined;
  const start = (cursor: Cursor) => {
    if (done === undefined) cursor.seek(firstExpiryKey, Infinity, Infinity);
    else cursor.seek(done.key, done.timestamp, -Infinity);
    cursors.push(cursor);
  };
  for (const { traits } of [...memtables].reverse()) {
    if (traits.expiries !== undefined) start(traits.expiries.cursor(seq));
    done = laterPlace(done, traits.expired?.place);
  }
  for (const segment of segments) {
    const cursor =
      (segment.row.traits?.expiries ?? 0) > 0 ? segment.reader().expiries() : undefined;
    if (cursor !== undefined) {
      opened.push(cursor);
      start(cursor);
    }
    done = laterPlace(done, segment.row.traits?.expiredTo);
  }
  return cursors;
}

/**
 * The version that an entry in the order of expiry stands for, unless it was replaced, erased, or let
 * go by retention.
 */
function versionAt(view: View, { key: expiryKey, timestamp, seq }: Cursor): Entry | undefined {
  const key = copyOf(keyInExpiry(expiryKey));
  const found = view.find(key, timestamp);
  if (found?.seq !== seq || found.kind !== Kind.value) return undefined;
  const { kind, expiresAt } = found;
  const entry = { key, timestamp, seq, kind, expiresAt, value: copyOf(found.value) };
  return view.wasLetGo(key, timestamp) ? undefined : entry;
}
