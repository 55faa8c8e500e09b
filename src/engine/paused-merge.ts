/**
 * A merge that was broken off between two entries, for the next process that has time for it: a large
 * one is made by many that have little each. Its half-made segment lies in a file that is none of the
 * store's yet. Only the holder of the maintenance lock looks at these, and goes on with one by giving
 * it the name of a segment: whoever has lost that lock finds that it is gone.
 */
import { compareKeys, compareVersions, type Entry } from '../base/entry.js';
import { systemCode } from '../base/errors.js';
import { parsePausedFile, pausedPath, segmentDirectory, segmentPath } from '../disk/names.js';
import { encodePaused, readPaused } from '../segment/paused-file.js';
import type { SegmentWriter, WriterState } from '../segment/segment-writer.js';
import type { Environment } from './environment.js';
import type { Row, Rules } from './survivors.js';

interface Place {
  environment: Pick<Environment, 'fileSystem'>;
  directory: string;
}

/** What is merged, and how: as it was when the merge was begun. */
export interface Merge {
  /** Ids of segments that are neighbours in commit order, oldest first. */
  inputs: readonly string[];
  isDeflated: boolean;
  rules: Rules;
}

/** How far it is. */
export interface PausedMerge extends Merge {
  /** Of the segment that is made. */
  id: string;
  /** So many of its entries were written. */
  entries: number;
  writer: WriterState;
}

function read(
  { environment: { fileSystem }, directory }: Place,
  id: string,
): PausedMerge | undefined {
  const state = readPaused(fileSystem, pausedPath(directory, id)) as PausedMerge | undefined;
  return state?.id === id ? state : undefined;
}

export async function pauseMerge(
  { environment: { fileSystem }, directory }: Place,
  writer: SegmentWriter,
  merge: Merge & { entries: number },
): Promise<void> {
  const { segmentId: id } = writer;
  await writer.pause((state) =>
    encodePaused({ ...merge, id, writer: state } satisfies PausedMerge),
  );
  fileSystem.rename(segmentPath(directory, id), pausedPath(directory, id));
}

/**
 * Takes up what was paused, whose file is named as a segment from then on.
 * @param rules by which it would be begun now
 * @returns undefined if it cannot be gone on with; then nothing of it is left
 */
export function takeUpPaused(place: Place, id: string, rules: Rules): PausedMerge | undefined {
  const {
    environment: { fileSystem },
    directory,
  } = place;
  const paused = read(place, id);
  if (paused === undefined || !mayGoOn(paused.rules, rules)) {
    fileSystem.remove(pausedPath(directory, id));
    return undefined;
  }
  try {
    fileSystem.rename(pausedPath(directory, id), segmentPath(directory, id));
    return paused;
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/**
 * Who lets nothing go does no harm by older rules; but what they let go must be let go still, by the
 * policy, and be seen by no snapshot that was taken since.
 */
function mayGoOn({ retention, snapshots }: Rules, now: Rules): boolean {
  if (retention === undefined) return true;
  if (now.retention === undefined) return false;
  if (!now.snapshots.every((seq) => snapshots.includes(seq))) return false;
  const [then, keep] = [retention.keep, now.retention.keep];
  return then?.versions === keep?.versions && (then?.since ?? 0) <= (keep?.since ?? 0);
}

/** Ids of all that there are. */
function pausedIds({ environment: { fileSystem }, directory }: Place): string[] {
  return fileSystem
    .list(segmentDirectory(directory))
    .flatMap((file) => parsePausedFile(file) ?? []);
}

/**
 * The merges that can be gone on with; what is left of others is removed.
 * @param segments ids of those that are listed, in commit order
 */
export function pausedMerges(place: Place, segments: readonly string[]): PausedMerge[] {
  return pausedIds(place).flatMap((id) => {
    const paused = read(place, id);
    if (paused !== undefined && areNeighbours(paused.inputs, segments)) return paused;
    place.environment.fileSystem.remove(pausedPath(place.directory, id));
    return [];
  });
}

function areNeighbours(ids: readonly string[], segments: readonly string[]): boolean {
  const start = segments.indexOf(ids[0] ?? '');
  return start >= 0 && ids.every((id, at) => segments[start + at] === id);
}

/** Gives all of them up. */
export function dropPausedMerges(place: Place): void {
  for (const id of pausedIds(place))
    place.environment.fileSystem.remove(pausedPath(place.directory, id));
}

type EntryPlace = Pick<Entry, 'key' | 'timestamp' | 'seq'>;

/** Up to where both rows of a segment's entries were written; of those by expiry undefined: none yet. */
export function placesOf({ key, timestamp, seq, lastVersionKey }: WriterState): {
  version: EntryPlace;
  expiry: EntryPlace | undefined;
} {
  const last = { key, timestamp, seq };
  if (lastVersionKey === undefined) return { version: last, expiry: undefined };
  const version = { key: lastVersionKey, timestamp: -Infinity, seq: -Infinity };
  return { version, expiry: last };
}

/** Goes to the first entry behind a place. */
export function passBy(row: Row, { key, timestamp, seq }: EntryPlace): void {
  while (row.valid) {
    const order =
      compareKeys(row.key, key) || compareVersions(row.timestamp, row.seq, timestamp, seq);
    if (order > 0) return;
    row.next();
  }
}
