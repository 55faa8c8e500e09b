/**
 * Merges segments that are neighbours in commit order into one. All versions stay, replaced ones
 * too. The order is that of a flush: output synced, directory synced, catalog, then inputs removed.
 */
import { TimekvError } from '../base/errors.js';
import { MergeCursor } from '../base/merge.js';
import { segmentPath } from '../disk/names.js';
import type { SegmentProperties } from '../base/segment-properties.js';
import type { SegmentCursor } from '../segment/segment-cursor.js';
import type { SegmentReader } from '../segment/segment-reader.js';
import type { BetweenSlices, Builder, Sources } from './build-jobs.js';
import type { LiveFiles } from './live-files.js';
import {
  type BuildPlace,
  buildPlace,
  buildSegment,
  buildThere,
  requireOurs,
} from './segment-build.js';
import type { SegmentHandle } from './segment-set.js';

/** Free space that a merge must find, as a multiple of its inputs. */
const spaceFactor = 1.1;

export interface Merge {
  /** Neighbours in commit order, oldest first. */
  inputs: readonly SegmentHandle[];
  /** Data blocks are deflated where that pays. */
  isDeflated: boolean;
  betweenSlices: BetweenSlices;
  /** Makes the segment, if that is not done in this thread. */
  builder: Builder | undefined;
}

/** @returns false if it was given up */
export async function mergeSegments(files: LiveFiles, merging: Merge): Promise<boolean> {
  const { inputs } = merging;
  requireSpace(files, inputs);
  for (const input of inputs) input.retain();
  try {
    const merged = await merge(files, merging);
    if (merged === undefined) return false;
    const ids = new Set(inputs.map((input) => input.row.id));
    const first = inputs[0]?.row.id;
    files.catalog.update(({ segments, wals }) => {
      const areThere = segments.filter((row) => ids.has(row.id)).length === ids.size;
      requireOurs(files, merged, areThere);
      const next = segments.flatMap((row) =>
        row.id === first ? [merged] : ids.has(row.id) ? [] : [row],
      );
      return { segments: next, wals };
    });
    files.reload();
  } finally {
    for (const input of inputs) input.release();
  }
  const { environment, directory } = files.place;
  for (const input of inputs) {
    await environment.fileSystem.removeAsync(segmentPath(directory, input.row.id));
  }
  return true;
}

async function merge(
  files: LiveFiles,
  { inputs, isDeflated, betweenSlices, builder }: Merge,
): Promise<SegmentProperties | undefined> {
  const rows = inputs.map((input) => input.row);
  const sources: Sources = { kind: 'merge', inputs: rows, isDeflated };
  const built = builder && (await buildThere(files, builder, sources, betweenSlices));
  if (built !== undefined) return built.segment;
  const readers = inputs.map((input) => input.reader());
  return mergeReaders(buildPlace(files), readers, isDeflated, betweenSlices);
}

/** @returns undefined if it was given up */
export async function mergeReaders(
  place: BuildPlace,
  readers: readonly SegmentReader[],
  isDeflated: boolean,
  betweenSlices: BetweenSlices,
): Promise<SegmentProperties | undefined> {
  const cursors: SegmentCursor[] = [];
  try {
    for (const reader of readers) cursors.push(reader.cursor());
    const cursor = new MergeCursor(cursors);
    cursor.first();
    return await buildSegment(place, cursor, isDeflated, betweenSlices);
  } finally {
    for (const cursor of cursors) cursor.close();
  }
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
