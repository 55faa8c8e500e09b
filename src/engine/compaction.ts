/**
 * Merges segments that are neighbours in commit order into one. All versions stay, replaced ones
 * too, but for what was erased, the values that expired and were taken out, and what retention lets
 * go. The order is that of a flush: output synced, directory synced, catalog, then inputs removed.
 */
import { TimekvError } from '../base/errors.js';
import { firstExpiryKey } from '../base/expiry-order.js';
import { MergeCursor } from '../base/merge.js';
import type { SnapshotRow } from '../catalog/manifest.js';
import { segmentPath } from '../disk/names.js';
import type { SegmentProperties } from '../base/segment-properties.js';
import type { SegmentCursor } from '../segment/segment-cursor.js';
import type { SegmentReader } from '../segment/segment-reader.js';
import type { SeqRange, WriterState } from '../segment/segment-writer.js';
import type { BetweenSlices, Builder, MergeSources, Sources, Written } from './build-jobs.js';
import type { LiveFiles } from './live-files.js';
import { passBy, placesOf, takeUpPaused } from './paused-merge.js';
import {
  type BuildPlace,
  buildPlace,
  buildSegment,
  buildThere,
  type Content,
  propertiesOf,
  requireOurs,
} from './segment-build.js';
import type { SegmentHandle } from './segment-set.js';
import { retentionOf } from './retention.js';
import { type Rules, surviving } from './survivors.js';
import type { ExpiredUpTo } from './table-traits.js';
import type { Keep } from './trimming.js';

/** Free space that a merge must find, as a multiple of its inputs. */
const spaceFactor = 1.1;

export interface Merge {
  /** Neighbours in commit order, oldest first. */
  inputs: readonly SegmentHandle[];
  /** Data blocks are deflated where that pays. */
  isDeflated: boolean;
  /** Nothing that any of their erasures hides is left elsewhere, in kept logs neither. */
  dropsErasures: boolean;
  /** How many versions of each key are to stay, if they are counted. */
  keep: Keep | undefined;
  /** The id of a merge of these that was paused, to be gone on with. */
  paused?: string | undefined;
  betweenSlices: BetweenSlices;
  /** Makes the segment, if that is not done in this thread. */
  builder: Builder | undefined;
}

/** @returns false if it was given up */
export async function mergeSegments(files: LiveFiles, merging: Merge): Promise<boolean> {
  const { inputs } = merging;
  requireSpace(files, inputs);
  const rules = rulesFor(files, merging);
  for (const input of inputs) input.retain();
  try {
    const merged = await merge(files, merging, rules);
    if (merged === 'given up') return false;
    const segment = propertiesOf(merged);
    const seqs = seqsOf(inputs.map((input) => input.row));
    const ids = new Set(inputs.map((input) => input.row.id));
    const first = inputs[0]?.row.id;
    const unknown: SnapshotRow[] = [];
    files.catalog.update(({ segments, wals, emptied, snapshots }) => {
      const areThere = segments.filter((row) => ids.has(row.id)).length === ids.size;
      requireOurs(files, segment, areThere);
      // A snapshot was taken meanwhile, of what is let go here.
      if (rules.retention !== undefined) unknown.push(...unknownOf(snapshots, rules));
      if (unknown.length > 0) return {};
      const next = segments.flatMap((row) =>
        row.id === first ? (segment ?? []) : ids.has(row.id) ? [] : [row],
      );
      return {
        segments: next,
        wals,
        emptied: segment === undefined ? [...emptied, seqs] : emptied,
      };
    });
    files.reload();
    if (unknown.length > 0) {
      if (segment !== undefined) removeSegment(files, segment);
      return await mergeSegments(files, merging);
    }
  } finally {
    for (const input of inputs) input.release();
  }
  const { environment, directory } = files.place;
  for (const input of inputs) {
    await environment.fileSystem.removeAsync(segmentPath(directory, input.row.id));
  }
  return true;
}

function rulesFor(files: LiveFiles, { inputs, dropsErasures, keep }: Merge): Rules {
  const rows = inputs.map((input) => input.row);
  return {
    keepsErasures: !dropsErasures,
    expired: expiredBehind(files, rows),
    snapshots: files.manifest.snapshots.map(({ seq }) => seq),
    retention: retentionOf(files, rows, keep),
  };
}

function removeSegment(
  { place: { environment, directory } }: LiveFiles,
  { id }: { id: string },
): void {
  environment.fileSystem.remove(segmentPath(directory, id));
}

/** Those with regard to which the rules were not made. */
function unknownOf(snapshots: readonly SnapshotRow[], rules: Rules): SnapshotRow[] {
  return snapshots.filter(({ seq }) => !rules.snapshots.includes(seq));
}

async function merge(
  files: LiveFiles,
  { inputs, isDeflated, paused, betweenSlices, builder }: Merge,
  rules: Rules,
): Promise<Written> {
  const rows = inputs.map((input) => input.row);
  const sources: Sources = { kind: 'merge', inputs: rows, isDeflated, rules, paused };
  const built = builder && (await buildThere(files, builder, sources, betweenSlices));
  if (built !== undefined) return built.written;
  const readers = inputs.map((input) => input.reader());
  return mergeReaders(buildPlace(files), { readers, isDeflated, rules, paused }, betweenSlices);
}

/** How far versions of these segments were taken out, as far as these segments and newer ones tell. */
function expiredBehind(
  { manifest }: LiveFiles,
  inputs: readonly SegmentProperties[],
): ExpiredUpTo[] {
  if (inputs.every(({ traits }) => (traits?.expiries ?? 0) === 0)) return [];
  const { minSeq } = seqsOf(inputs);
  return manifest.segments.flatMap((row) => {
    const place = row.traits?.expiredTo;
    return place === undefined || row.minSeq < minSeq
      ? []
      : [{ place, seq: row.minSeq, lastSeq: row.maxSeq }];
  });
}

function seqsOf(rows: readonly SegmentProperties[]): SeqRange {
  return { minSeq: rows[0]?.minSeq ?? 0, maxSeq: rows.at(-1)?.maxSeq ?? 0 };
}

interface Asked {
  readers: readonly SegmentReader[];
  rules: Rules;
}

export async function mergeReaders(
  place: BuildPlace,
  asked: Asked & Pick<MergeSources, 'isDeflated' | 'paused'>,
  betweenSlices: BetweenSlices,
): Promise<Written> {
  const { readers } = asked;
  const cursors: SegmentCursor[] = [];
  const open = (cursor: SegmentCursor | undefined) => {
    if (cursor !== undefined) cursors.push(cursor);
    return cursor;
  };
  const { paused: id } = asked;
  const paused = id === undefined ? undefined : takeUpPaused(place, id, asked.rules);
  const { isDeflated, rules } = paused ?? asked;
  const inputs = readers.map(({ properties }) => properties.id);
  try {
    const content = contentOf({ readers, rules, written: paused?.writer }, open);
    const pausing = { merge: { inputs, isDeflated, rules }, paused };
    return await buildSegment(place, { ...content, pausing }, isDeflated, betweenSlices);
  } finally {
    for (const cursor of cursors) cursor.close();
  }
}

/**
 * @param open told of each cursor, which is closed in the end
 * @param written the rows stand behind the last entry that was
 */
function contentOf(
  { readers, rules, written }: Asked & { written: WriterState | undefined },
  open: (cursor: SegmentCursor | undefined) => SegmentCursor | undefined,
): Content {
  const rows = readers.map(({ properties }) => properties);
  const seqs = seqsOf(rows);
  const versions = new MergeCursor(readers.flatMap((reader) => open(reader.cursor()) ?? []));
  const hidesNothing = rows.every(({ traits }) => traits === undefined);
  const isPlain = hidesNothing && rules.retention === undefined;
  const from = written && placesOf(written);
  if (from === undefined) versions.first();
  // What stays of a key is told by going through it from its first entry on.
  else if (isPlain) versions.seek(from.version.key, from.version.timestamp, from.version.seq);
  else versions.seek(from.version.key, Infinity, Infinity);
  const expiring = readers.flatMap((reader) => open(reader.expiries()) ?? []);
  const firstExpiry = from?.expiry?.key ?? firstExpiryKey;
  for (const cursor of expiring) cursor.seek(firstExpiry, Infinity, Infinity);
  const expiries = expiring.length === 0 ? undefined : new MergeCursor(expiring);
  expiries?.begin();
  const segments = readers.map((reader) => ({ row: reader.properties, reader: () => reader }));
  const sources = { memtables: [], segments, seq: Infinity };
  const both = { versions, expiries };
  const content = isPlain ? both : surviving(both, rules, sources);
  if (from !== undefined) passBy(content.versions, from.version);
  if (from?.expiry !== undefined && content.expiries) passBy(content.expiries, from.expiry);
  return { ...content, seqs };
}

/** What is to be merged, in bytes on the disk. */
export function bytesOf(inputs: readonly Pick<SegmentHandle, 'row'>[]): number {
  return inputs.reduce((sum, input) => sum + input.row.bytes, 0);
}

function requireSpace(files: LiveFiles, inputs: readonly SegmentHandle[]): void {
  const { environment, directory } = files.place;
  const needed = bytesOf(inputs) * spaceFactor;
  const free = environment.fileSystem.freeBytes(directory);
  if (free >= needed) return;
  const mebibytes = (bytes: number) => `${Math.ceil(bytes / 1024 / 1024)} MiB`;
  throw new TimekvError(
    'ERR_TIMEKV_IO',
    `merging needs ${mebibytes(needed)} of free space in ${directory}, and there are ${mebibytes(free)}; free some space and try again`,
    { file: directory },
  );
}
