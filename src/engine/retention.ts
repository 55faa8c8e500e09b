/**
 * Retention on the disk: the stored policy, the horizon, and what a merge may let go. What can no
 * longer be asked for is committed first, under the write lock; only merges that begin later let it go.
 */
import type { SegmentProperties } from '../base/segment-properties.js';
import { laterBytesMax } from '../base/limits.js';
import type { Manifest, RetentionRow } from '../catalog/manifest.js';
import type { Tail } from '../wal/wal-file.js';
import { pickGarbage, sizeOf } from './compaction-pick.js';
import type { LiveFiles } from './live-files.js';
import { horizonFor, type Policy, type Times, timesBy } from './policy.js';
import type { Keep, Retention } from './trimming.js';

/** In the background the horizon is moved in steps of this share of `keepFor`. */
const horizonStep = 1 / 8;

const nothingYet: RetentionRow = {
  keepFor: null,
  keepVersions: null,
  horizon: null,
  seq: 0,
  marksKeys: 0,
};

/** The stored policy; undefined if there is none. */
export function policyOf({ retention: [row] }: Pick<Manifest, 'retention'>): Policy | undefined {
  if (row === undefined || (row.keepFor === null && row.keepVersions === null)) return undefined;
  return { keepFor: row.keepFor ?? undefined, keepVersions: row.keepVersions ?? undefined };
}

/** @param policy undefined: none is stored any more */
export function storePolicy(files: LiveFiles, policy: Policy | undefined): void {
  const { keepFor = null, keepVersions = null } = policy ?? {};
  files.catalog.update(({ retention: [row = nothingYet] }) => ({
    retention: [{ ...row, keepFor, keepVersions }],
  }));
  files.reload();
}

/** @param tail the end of the log */
export function timesOf({ manifest, place, log }: LiveFiles, tail: Tail): Times {
  const { lastNow } = tail;
  const last = { lastNow, lastCommitTime: log.lastCommitTime(tail) };
  return timesBy(manifest.settings.unit, place.environment.clock, last);
}

/**
 * For the holder of the write lock: ends the log, and commits the horizon and that keys may have marks.
 * In this order: whoever writes next goes on in a new file, and so looks into the catalog first.
 */
export function commitLimits(files: LiveFiles, policy: Policy): void {
  const tail = files.catchUp();
  const row = files.manifest.retention[0] ?? nothingYet;
  const before = row.horizon ?? -Infinity;
  const horizon = horizonFor(before, policy, timesOf(files, tail));
  const marksKeys = policy.keepVersions === undefined ? row.marksKeys : 1;
  const isSame = horizon === before && marksKeys === row.marksKeys;
  // Where versions are counted, readers are to look for marks: a log that ends tells them, an empty one too.
  if (isSame && tail.ordinal === 0 && policy.keepVersions === undefined) return;
  files.log.rotate(tail);
  if (isSame) return;
  const limits = { horizon: horizon === -Infinity ? null : horizon, seq: tail.seq, marksKeys };
  files.catalog.update(({ retention: [newest = nothingYet] }) => ({
    retention: [{ ...newest, ...limits }],
  }));
}

/** For the holder of the write lock: from now on writers look whether a key has a mark. */
export function noteMarks(files: LiveFiles): void {
  if (files.marksKeys) return;
  files.catalog.update(({ retention: [row = nothingYet] }) => ({
    retention: [{ ...row, marksKeys: 1 }],
  }));
}

/** True if the stored policy would move the horizon by so much that it is worth a commit. */
export function isHorizonDue(files: LiveFiles): boolean {
  const policy = policyOf(files.manifest);
  if (policy?.keepFor === undefined) return false;
  const before = files.horizon;
  const horizon = horizonFor(before, policy, timesOf(files, files.refresh()));
  return horizon - before >= policy.keepFor * horizonStep;
}

/** Segments that are to be written anew for what retention lets go; undefined if none are. */
export function garbageIn(
  files: LiveFiles,
  rows: readonly SegmentProperties[],
): readonly SegmentProperties[] | undefined {
  const { manifest, horizon } = files;
  // What snapshots hold would be written anew again and again.
  if (manifest.retention.length === 0 || manifest.snapshots.length > 0) return undefined;
  const countsVersions = policyOf(manifest)?.keepVersions !== undefined;
  const picked = pickGarbage(rows, { horizon, countsVersions });
  return picked && retentionOf(files, picked, undefined) ? picked : undefined;
}

/** True if writers are to wait until segments are written anew for what retention lets go. */
export function isCrowded(files: LiveFiles): boolean {
  const [, ...later] = garbageIn(files, files.manifest.segments) ?? [];
  return sizeOf(later) > laterBytesMax;
}

/**
 * What a merge of these segments may let go.
 * @returns undefined if what the newest of them show may be erased elsewhere: then nothing
 */
export function retentionOf(
  { manifest, log }: LiveFiles,
  inputs: readonly SegmentProperties[],
  keep: Keep | undefined,
): Retention | undefined {
  const [row] = manifest.retention;
  if (row === undefined) return undefined;
  const ids = new Set(inputs.map(({ id }) => id));
  const maxSeq = inputs.at(-1)?.maxSeq ?? 0;
  const others = manifest.segments.filter(({ id }) => !ids.has(id));
  const isErasedElsewhere = others.some(
    ({ minSeq, traits }) => minSeq > maxSeq && (traits?.erasures ?? 0) > 0,
  );
  // Whatever was committed before the horizon was has to be in segments.
  const isInSegments = (log.generations[0]?.file.header.baseSeq ?? 0) >= row.seq;
  if (isErasedElsewhere || !isInSegments) return undefined;
  const isWhole = others.every(({ minSeq }) => minSeq > row.seq);
  return { horizon: row.horizon ?? -Infinity, isWhole, keep };
}
