/**
 * A backup: a store in another directory with everything up to a moment, that is only read. Made of
 * segments alone, which never change: most of it is links.
 */
import { TimekvError } from '../base/errors.js';
import {
  type Manifest,
  type ManifestLists,
  snapshotNamed,
  type SnapshotRow,
} from '../catalog/manifest.js';
import { segmentPath } from '../disk/names.js';
import { noNow } from '../wal/format.js';
import type { Earlier } from './earlier-entries.js';
import { segmentsUpTo, writeEarlier } from './earlier-segments.js';
import type { LiveFiles } from './live-files.js';
import { type PinnedSegments, pinSegments } from './pinned-segments.js';
import { shareSegment } from './shared-segment.js';
import {
  type CopiedPart,
  type CopyPlace,
  type CopyReport,
  copyStore,
  requireEmpty,
} from './store-copy.js';

/** What a backup is to hold. */
interface Moment {
  seq: number;
  lastNow: number;
  lastCommitTime: number;
  /** Reads as of times before it are refused; null: there is none. */
  horizon: number | null;
  /** The name of the snapshot that it is of; empty: of none. */
  snapshot: string;
}

/**
 * Everything that is in segments. Writers go on meanwhile, and so do flushes and merges.
 * @param name of the snapshot that is to be backed up; undefined: what was committed
 * @throws ERR_TIMEKV_EXISTS if the directory holds what must not be replaced; ERR_TIMEKV_NOT_A_STORE;
 *   ERR_TIMEKV_NO_SNAPSHOT
 */
export async function backUp(
  files: LiveFiles,
  place: CopyPlace,
  name: string | undefined,
): Promise<CopyReport> {
  const pinned = pinSegments(files);
  try {
    const { settings } = pinned.manifest;
    const moment = momentOf(pinned, name);
    const madeAt = place.environment.clock.now();
    const { seq, lastNow, lastCommitTime, snapshot } = moment;
    const backups = [{ storeId: settings.storeId, seq, snapshot, madeAt }];
    const lists = { ...listsUpTo(pinned.manifest, moment), backups };
    const earlier = { seq, horizon: moment.horizon ?? -Infinity };
    const parts = await partsUpTo(files.place.directory, place, pinned, earlier);
    const copy = { settings, lists, parts, seq, lastNow, lastCommitTime };
    return await copyStore(place, copy, (there) => {
      requireReplaceable(place, there, { storeId: settings.storeId, seq });
    });
  } finally {
    pinned.release();
  }
}

function momentOf(
  { manifest, seq, lastNow, lastCommitTime }: PinnedSegments,
  name: string | undefined,
): Moment {
  if (name === undefined) {
    const horizon = manifest.retention[0]?.horizon ?? null;
    return { seq, lastNow, lastCommitTime, horizon, snapshot: '' };
  }
  const row = snapshotNamed(manifest, name);
  return { seq: row.seq, ...lastTimesOf(row), horizon: row.horizon, snapshot: name };
}

/**
 * The times that go by commits. Where nothing was written there are none; else what was read as of, and
 * when the snapshot was taken, which is not sooner than the last commit.
 */
export function lastTimesOf({
  seq,
  now,
  createdAt,
}: SnapshotRow): Pick<Moment, 'lastNow' | 'lastCommitTime'> {
  if (seq === 0) return { lastNow: noNow, lastCommitTime: noNow };
  return { lastNow: now, lastCommitTime: createdAt };
}

/** @throws if this is no backup, or not one that the store up to this seq may be put in the place of */
export function requireReplaceable(
  place: CopyPlace,
  there: Manifest | undefined,
  { storeId, seq }: { storeId: string; seq: number },
): void {
  const { directory } = place;
  if (there === undefined) {
    return requireEmpty(place, (inTheWay) => {
      const message = `${directory} is no backup and not empty (${inTheWay}); choose an empty or new directory`;
      return new TimekvError('ERR_TIMEKV_NOT_A_STORE', message, { file: directory });
    });
  }
  const [backup] = there.backups;
  const refuse = (what: string): TimekvError =>
    new TimekvError('ERR_TIMEKV_EXISTS', `${directory} holds ${what}; choose another directory`, {
      file: directory,
    });
  if (backup === undefined) throw refuse('a store that is no backup');
  if (backup.storeId !== storeId) throw refuse('a backup of another store');
  if (backup.seq > seq) {
    throw refuse(`a backup of a later moment (up to seq ${backup.seq}, and this one up to ${seq})`);
  }
}

/** What the catalog remembers beside the files, up to this moment. */
export function listsUpTo(
  { losses, emptied, snapshots, retention, origins }: ManifestLists,
  { seq, horizon }: Pick<Moment, 'seq' | 'horizon'>,
): ManifestLists {
  const cut = <T extends { minSeq: number; maxSeq: number }>(ranges: readonly T[]): T[] =>
    ranges
      .filter(({ minSeq }) => minSeq <= seq)
      .map((range) => ({ ...range, maxSeq: Math.min(range.maxSeq, seq) }));
  return {
    losses: cut(losses),
    emptied: cut(emptied),
    snapshots: snapshots.filter((row) => row.seq <= seq),
    retention: retention.map((row) => ({ ...row, horizon, seq: Math.min(row.seq, seq) })),
    backups: [],
    origins,
  };
}

/** @param directory where the segments lie */
export async function partsUpTo(
  directory: string,
  { environment: { fileSystem } }: CopyPlace,
  { handles }: PinnedSegments,
  moment: Earlier,
): Promise<CopiedPart[]> {
  const { seq } = moment;
  const segments = await segmentsUpTo(handles, seq);
  return segments.map(({ handle, isWhole }): CopiedPart => {
    const { row } = handle;
    if (!isWhole) {
      const seqs = { minSeq: row.minSeq, maxSeq: Math.min(row.maxSeq, seq) };
      return { seqs, write: (place) => writeEarlier(place, handle, moment, handles) };
    }
    const from = { path: segmentPath(directory, row.id), reader: handle.reader() };
    return { row, share: (newPath) => shareSegment(fileSystem, from, newPath) };
  });
}
