/**
 * What was in the segments of a store at an earlier moment: those that end before it as they are, those
 * that go on behind it without what came later. Only erasures that came later count: a segment that
 * holds what they erase is written anew without it.
 */
import { type Entry, isErasure, Kind } from '../base/entry.js';
import { EntryOf } from '../base/entry-at.js';
import type { Cursor } from '../base/cursor.js';
import { firstExpiryKey, keyInExpiry } from '../base/expiry-order.js';
import { timestampMax } from '../base/limits.js';
import { Slices } from '../base/slices.js';
import type { SegmentCursor } from '../segment/segment-cursor.js';
import { erasedBelow, isErased, type Sources } from './erasures.js';
import { type BuildPlace, buildSegment } from './segment-build.js';
import type { Written } from './build-jobs.js';
import type { SegmentHandle } from './segment-set.js';
import type { Row } from './survivors.js';

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
  seqMax: number,
  handles: readonly SegmentHandle[],
): Promise<Written> {
  const { row } = handle;
  const from = handle.reader();
  const opened: SegmentCursor[] = [from.cursor()];
  const erasing = { memtables: [], segments: laterErasures(handles, seqMax), seq: Infinity };
  try {
    const [versions] = opened as [SegmentCursor];
    versions.first();
    const expiries = from.expiries();
    if (expiries !== undefined) opened.push(expiries);
    expiries?.seek(firstExpiryKey, Infinity, Infinity);
    const content = earlierOf({ versions, expiries }, seqMax, erasing);
    const seqs = { minSeq: row.minSeq, maxSeq: Math.min(row.maxSeq, seqMax) };
    return await buildSegment(place, { ...content, seqs }, from.isDeflated, () => false);
  } finally {
    for (const cursor of opened) cursor.close();
  }
}

/** @param base cursors on their first entries */
export function earlierOf(
  base: { versions: Cursor; expiries: Cursor | undefined },
  seqMax: number,
  erasing: Sources,
): { versions: Row; expiries: Row | undefined } {
  const wasThere = (entry: Place): boolean => entry.seq <= seqMax && !isErased(erasing, entry);
  return {
    versions: new Chosen(base.versions, (entry) => {
      const { kind, key, seq } = entry;
      if (isErasure(kind)) return seq <= seqMax;
      // A mark is not erased with the version in whose place it stands.
      return kind === Kind.mark
        ? seq <= seqMax && erasedBelow(erasing, key) <= seq
        : wasThere(entry);
    }),
    expiries:
      base.expiries &&
      new Chosen(base.expiries, ({ key, timestamp, seq }) =>
        wasThere({ key: keyInExpiry(key), timestamp, seq }),
      ),
  };
}

type Place = Pick<Entry, 'key' | 'timestamp' | 'seq'>;

/** Some of the entries of a cursor. */
class Chosen extends EntryOf implements Row {
  readonly #isChosen: (entry: Cursor) => boolean;

  staysOnKey = false;

  constructor(base: Cursor, isChosen: (entry: Cursor) => boolean) {
    super(base);
    this.#isChosen = isChosen;
    this.#settle(false);
  }

  get valid(): boolean {
    return this.base.valid;
  }

  next(): void {
    this.base.next();
    this.#settle(this.base.staysOnKey);
  }

  #settle(staysOnKey: boolean): void {
    const { base } = this;
    let stays = staysOnKey;
    while (base.valid && !this.#isChosen(base)) {
      base.next();
      stays &&= base.staysOnKey;
    }
    this.staysOnKey = stays;
  }
}
