/**
 * What was in the segments of a store at an earlier moment: those that end before it as they are, those
 * that go on behind it without what came later. Only erasures that came later count: a segment that
 * holds what they erase is written anew without it.
 */
import { isErasure, Kind } from '../base/entry.js';
import type { Cursor } from '../base/cursor.js';
import { firstExpiryKey } from '../base/expiry-order.js';
import { timestampMax } from '../base/limits.js';
import { Slices } from '../base/slices.js';
import type { SegmentCursor } from '../segment/segment-cursor.js';
import { type Earlier, earlierOf } from './earlier-entries.js';
import { type BuildPlace, buildSegment } from './segment-build.js';
import type { Written } from './build-jobs.js';
import type { SegmentHandle } from './segment-set.js';

export interface EarlierSegment {
  handle: SegmentHandle;
  /** False: some of what it holds is not to be there. */
  isWhole: boolean;
}

/**
 * @param handles oldest first
 * @param seqMax the last operation that was there
 */
export async function segmentsUpTo(
  handles: readonly SegmentHandle[],
  seqMax: number,
): Promise<EarlierSegment[]> {
  const whole = new Set(handles.filter(({ row }) => row.maxSeq <= seqMax));
  const slices = new Slices();
  for (const erasing of laterErasures(handles, seqMax)) {
    await leaveOutErased(whole, erasing, seqMax, slices);
  }
  return handles
    .filter(({ row }) => row.minSeq <= seqMax)
    .map((handle) => ({ handle, isWhole: whole.has(handle) }));
}

/** Those that may hold erasures that came later. */
function laterErasures(handles: readonly SegmentHandle[], seqMax: number): SegmentHandle[] {
  return handles.filter(({ row }) => row.maxSeq > seqMax && (row.traits?.erasures ?? 0) > 0);
}

/** Takes those out of the set that hold anything which is erased later. */
async function leaveOutErased(
  whole: Set<SegmentHandle>,
  erasing: SegmentHandle,
  seqMax: number,
  slices: Slices,
): Promise<void> {
  const cursor = erasing.reader().cursor();
  try {
    for (cursor.first(); cursor.valid && whole.size > 0; cursor.next()) {
      if (slices.isOver) await slices.next();
      if (!isErasure(cursor.kind) || cursor.seq <= seqMax) continue;
      for (const handle of whole) if (mayHold(handle, cursor)) whole.delete(handle);
    }
  } finally {
    cursor.close();
  }
}

/** True if the segment has anything of the version, or the history, that is erased. */
function mayHold(handle: SegmentHandle, { key, timestamp, kind }: Cursor): boolean {
  if (!handle.mayHoldKey(key)) return false;
  const isHistory = kind === Kind.historyErasure;
  const found = handle.reader().find(key, isHistory ? timestampMax : timestamp);
  return found !== undefined && (isHistory || found.timestamp === timestamp);
}

/**
 * Writes a segment without what came later.
 * @param handles all that there are
 */
export async function writeEarlier(
  place: BuildPlace,
  handle: SegmentHandle,
  moment: Earlier,
  handles: readonly SegmentHandle[],
): Promise<Written> {
  const { row } = handle;
  const from = handle.reader();
  const opened: SegmentCursor[] = [from.cursor()];
  const segments = laterErasures(handles, moment.seq);
  const erasing = { memtables: [], segments, seq: Infinity };
  try {
    const [versions] = opened as [SegmentCursor];
    versions.first();
    const expiries = from.expiries();
    if (expiries !== undefined) opened.push(expiries);
    expiries?.seek(firstExpiryKey, Infinity, Infinity);
    const seqs = { minSeq: row.minSeq, maxSeq: Math.min(row.maxSeq, moment.seq) };
    const since = { ...moment, minSeq: row.minSeq };
    const content = earlierOf({ versions, expiries }, since, erasing);
    return await buildSegment(place, { ...content, seqs }, from.isDeflated, () => false);
  } finally {
    for (const cursor of opened) cursor.close();
  }
}
