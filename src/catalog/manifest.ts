/** The truth about live files, as plain values; `catalog.ts` keeps it in SQLite. */
import { crc32 } from '../base/bytes.js';
import { TimekvError } from '../base/errors.js';
import type { SegmentProperties, SegmentTraits } from '../base/segment-properties.js';

export interface WalRow {
  generation: number;
  suffix: string;
  /** `live`: holds what no segment has. `kept`: flushed, kept for watchers. */
  state: 'live' | 'kept';
  /** 0 for the file that is still written. */
  bytes: number;
}

export interface Settings {
  /** 32 hex digits, new for each store. */
  storeId: string;
  unit: 'us' | 'tick';
  /** Microseconds since 1970. */
  createdAt: number;
}

/** What was damaged and put aside: nothing can answer from it any more. */
export interface Loss {
  /** When that was accepted, microseconds since 1970. */
  acceptedAt: number;
  /** The damaged file, which lies in `quarantine/`. */
  file: string;
  /** What was lost lies among these seqs. */
  minSeq: number;
  maxSeq: number;
  /** In words. */
  lost: string;
}

/** A view of one moment that is kept under a name. */
export interface SnapshotRow {
  name: string;
  /** The last operation that is in it; 0: there was none. */
  seq: number;
  /** What its reads without a time are as of, in the store's unit. */
  now: number;
  /** Reads as of times before it are refused in it; null: there was none. */
  horizon: number | null;
  /** When it was taken, microseconds since 1970. */
  createdAt: number;
}

/** What may be let go, and what was. */
export interface RetentionRow {
  /** The stored policy: for how long, in the store's unit, and how many versions of each key. */
  keepFor: number | null;
  keepVersions: number | null;
  /** Nothing can be read or written as of times before it; null: there is none. */
  horizon: number | null;
  /** What was committed later respects the horizon. */
  seq: number;
  /** 1 if keys may have marks, which writers have to look for. */
  marksKeys: number;
}

/** What a backup holds: everything of a store up to a moment. */
export interface BackupRow {
  /** Of that store. */
  storeId: string;
  /** The last operation that is in it; 0: there was none. */
  seq: number;
  /** Of the snapshot that it was made of; empty if it is what was committed then. */
  snapshot: string;
  /** When it was made, microseconds since 1970. */
  madeAt: number;
}

export interface Manifest {
  settings: Settings;
  /** Counts the changes of the catalog. */
  epoch: number;
  /** In commit order: the ranges of seq neither overlap nor go back. */
  segments: SegmentProperties[];
  /** By generation. The first live one is where the log begins; its seals lead to the others. */
  wals: WalRow[];
  /** In the order in which they were accepted. */
  losses: Loss[];
  /** Seqs of which nothing is left: all that had them was erased. In the order in which that was done. */
  emptied: { minSeq: number; maxSeq: number }[];
  /** In the order in which they were taken. */
  snapshots: SnapshotRow[];
  /** One row if there is, or was, anything of the kind. */
  retention: RetentionRow[];
  /** One row in a backup, which is only read; none in any other store. */
  backups: BackupRow[];
  /** The stores whose segments it was restored with, each a backup of the next, if there are any. */
  origins: { storeId: string }[];
}

/** The lists that most stores have nothing in. */
export type ManifestLists = Omit<Manifest, 'settings' | 'epoch' | 'segments' | 'wals'>;

/** What a new store has nothing of. */
export const emptyLists: ManifestLists = {
  losses: [],
  emptied: [],
  snapshots: [],
  retention: [],
  backups: [],
  origins: [],
};

/** The stores that may have written its segments: itself, and those that it was restored from. */
export function writersOf({
  settings,
  origins,
}: Pick<Manifest, 'settings' | 'origins'>): readonly string[] {
  return [settings.storeId, ...origins.map(({ storeId }) => storeId)];
}

/** @throws ERR_TIMEKV_NO_SNAPSHOT */
export function snapshotNamed(
  { snapshots }: { snapshots: readonly SnapshotRow[] },
  name: string,
): SnapshotRow {
  const found = snapshots.find((row) => row.name === name);
  if (found !== undefined) return found;
  throw new TimekvError(
    'ERR_TIMEKV_NO_SNAPSHOT',
    `there is no snapshot ${JSON.stringify(name)}; timekv snapshot --list names those that there are`,
  );
}

/** CRC-32 over everything in the manifest, in one canonical spelling: SQLite's pages have none. */
export function manifestChecksum(manifest: Manifest): number {
  const { settings, epoch, segments, wals, losses, emptied, snapshots } = manifest;
  const { retention, backups, origins } = manifest;
  const canonical = JSON.stringify([
    [settings.storeId, settings.unit, settings.createdAt, epoch],
    segments.map((row) => [
      row.id,
      row.bytes,
      row.entries,
      row.keys,
      hex(row.minKey),
      hex(row.maxKey),
      row.minTimestamp,
      row.maxTimestamp,
      row.minSeq,
      row.maxSeq,
      row.userBytes,
      row.checksum,
      ...(row.traits === undefined ? [] : [traitsRow(row.traits)]),
    ]),
    wals.map((row) => [row.generation, row.suffix, row.state, row.bytes]),
    ...(losses.length === 0 ? [] : [losses.map(lossRow)]),
    ...(emptied.length === 0
      ? []
      : ['emptied', emptied.map(({ minSeq, maxSeq }) => [minSeq, maxSeq])]),
    ...(snapshots.length === 0 ? [] : ['snapshots', snapshots.map(snapshotRow)]),
    ...(retention.length === 0 ? [] : ['retention', retention.map(retentionRow)]),
    ...(backups.length === 0 ? [] : ['backups', backups.map(backupRow)]),
    ...(origins.length === 0 ? [] : ['origins', origins.map(({ storeId }) => storeId)]),
  ]);
  return crc32(Buffer.from(canonical));
}

function lossRow({ acceptedAt, file, minSeq, maxSeq, lost }: Loss): unknown[] {
  return [acceptedAt, file, minSeq, maxSeq, lost];
}

function snapshotRow({ name, seq, now, horizon, createdAt }: SnapshotRow): unknown[] {
  return [name, seq, now, horizon, createdAt];
}

function retentionRow(row: RetentionRow): unknown[] {
  const { keepFor, keepVersions, horizon, seq, marksKeys } = row;
  return [keepFor, keepVersions, horizon, seq, marksKeys];
}

function backupRow({ storeId, seq, snapshot, madeAt }: BackupRow): unknown[] {
  return [storeId, seq, snapshot, madeAt];
}

function traitsRow(traits: SegmentTraits): unknown[] {
  const { erasures, historyErasures, expiries, heldValues, expiredTo } = traits;
  const { marks, lastMark, heldVersions } = traits;
  const markRow = marks === 0 ? [] : [[marks, lastMark, heldVersions]];
  const place = expiredTo && [hex(expiredTo.key), expiredTo.timestamp];
  return [erasures, historyErasures, expiries, heldValues, place ?? null, ...markRow];
}

/** Of a damaged catalog anything may have been read. */
function hex(key: unknown): string | undefined {
  return Buffer.isBuffer(key) ? key.toString('hex') : undefined;
}
