/**
 * Writes the entries of a cursor into a new segment, in slices: the event loop gets its turn every
 * few milliseconds. The file is synced, then its directory; the catalog's commit is the caller's.
 */
import type { Entry } from '../base/entry.js';
import { nextTurn } from '../base/clock.js';
import { TimekvError } from '../base/errors.js';
import { entriesPerLook } from '../base/limits.js';
import { Slices } from '../base/slices.js';
import { segmentDirectory, segmentPath } from '../disk/names.js';
import type { SegmentProperties } from '../base/segment-properties.js';
import { SegmentWriter, type SeqRange } from '../segment/segment-writer.js';
import type { BetweenSlices, Builder, Built, Sources, Written } from './build-jobs.js';
import type { Environment } from './environment.js';
import type { LiveFiles } from './live-files.js';
import { type Merge, type PausedMerge, pauseMerge } from './paused-merge.js';
import type { Row } from './survivors.js';

/** What a segment is made of. */
export interface Content {
  /** Stands on its first entry. */
  versions: Row;
  /** The same in the order of expiry, of those that expire. */
  expiries: Row | undefined;
  /** Of all that it was made of, whether that is left or not. */
  seqs: SeqRange;
  /** What is given up is to be gone on with; of what was taken up, the rows stand behind what it has. */
  pausing?: { merge: Merge; paused: PausedMerge | undefined };
}

/**
 * @param isDeflated data blocks are deflated where that pays
 * @returns no segment if it was given up, or nothing was left to be written; no file is left behind
 *   then, nor after an error, but for a merge that is given up: that is paused
 */
export async function buildSegment(
  place: BuildPlace,
  content: Content,
  isDeflated: boolean,
  betweenSlices: BetweenSlices,
): Promise<Written> {
  const { versions, seqs, pausing } = content;
  const from = pausing?.paused;
  if (!versions.valid && from === undefined) return 'empty';
  return writeSegment(place, { isDeflated, seqs, from }, async (writer, slices) => {
    const entries = await writeContent(writer, slices, content, betweenSlices);
    if (entries === undefined) return undefined;
    if (pausing !== undefined && writer.entries > 0) {
      await pauseMerge(place, writer, { ...pausing.merge, entries });
    }
    return 'given up';
  });
}

/** @returns after how many entries it was given up, if it was */
async function writeContent(
  writer: SegmentWriter,
  slices: Slices,
  { versions, expiries, pausing }: Content,
  betweenSlices: BetweenSlices,
): Promise<number | undefined> {
  let count = pausing?.paused?.entries ?? 0;
  for (const row of expiries === undefined ? [versions] : [versions, expiries]) {
    for (let isFirst = true; row.valid; row.next(), isFirst = false) {
      writer.addFrom(row, !isFirst && row.staysOnKey);
      if (++count % entriesPerLook !== 0 || !slices.isOver) continue;
      await slices.next();
      await writer.keepUp();
      if (await betweenSlices(count)) return count;
    }
  }
  return undefined;
}

/** The same from entries in order; undefined if there are none. */
export async function buildSegmentOf(
  place: BuildPlace,
  entries: Iterable<Entry>,
  isDeflated: boolean,
): Promise<SegmentProperties | undefined> {
  const written = await writeSegment(place, { isDeflated }, async (writer, slices) => {
    for (const entry of entries) {
      writer.add(entry);
      if (!slices.isOver) continue;
      await slices.next();
      await writer.keepUp();
    }
    return undefined;
  });
  return propertiesOf(written);
}

/**
 * The same in another thread.
 * @returns undefined if it could not be done there
 */
export async function buildThere(
  { place: { environment, directory } }: LiveFiles,
  builder: Builder,
  sources: Sources,
  betweenSlices?: BetweenSlices,
): Promise<Built | undefined> {
  const paused = sources.kind === 'merge' ? sources.paused : undefined;
  const segmentId = paused ?? environment.newIdentity(16);
  const built = await builder.build({ segmentId, ...sources }, betweenSlices);
  if (built === undefined) environment.fileSystem.remove(segmentPath(directory, segmentId));
  return built;
}

export interface BuildPlace {
  environment: Pick<Environment, 'fileSystem' | 'newIdentity'>;
  directory: string;
  storeId: string;
}

/** Where this thread builds. */
export function buildPlace({ place, manifest }: LiveFiles): BuildPlace {
  return { ...place, storeId: manifest.settings.storeId };
}

export function propertiesOf(written: Written): SegmentProperties | undefined {
  return typeof written === 'string' ? undefined : written;
}

async function writeSegment(
  { environment, directory, storeId }: BuildPlace,
  {
    isDeflated,
    seqs,
    from,
  }: { isDeflated: boolean; seqs?: SeqRange; from?: PausedMerge | undefined },
  fill: (writer: SegmentWriter, slices: Slices) => Promise<'given up' | undefined>,
): Promise<Written> {
  const segmentId = from?.id ?? environment.newIdentity(16);
  const path = segmentPath(directory, segmentId);
  const header = { storeId, segmentId, isDeflated };
  const writer = new SegmentWriter(environment.fileSystem, path, header, from?.writer);
  try {
    const stopped = await fill(writer, new Slices());
    if (stopped !== undefined || writer.entries === 0) {
      writer.abandon();
      return stopped ?? 'empty';
    }
    await nextTurn();
    const properties = await writer.finish(seqs);
    environment.fileSystem.syncDirectory(segmentDirectory(directory));
    return properties;
  } catch (error) {
    writer.abandon();
    throw error;
  }
}

/**
 * Before the catalog's commit: the new segment must still be there, and what it was made of must be
 * listed still. A process loses the maintenance lock without a word when it closes any descriptor of
 * the lock's file (POSIX), as copying the directory of an open store does; then another one sweeps
 * and flushes beside it.
 * @throws ERR_TIMEKV_BUSY: the job was given up, nothing has changed
 */
export function requireOurs(
  { place: { environment, directory } }: LiveFiles,
  segment: SegmentProperties | undefined,
  areInputsListed: boolean,
): void {
  const isThere =
    segment === undefined ||
    environment.fileSystem.status(segmentPath(directory, segment.id))?.bytes === segment.bytes;
  if (isThere && areInputsListed) return;
  throw new TimekvError(
    'ERR_TIMEKV_BUSY',
    `another process did the maintenance of ${directory} at the same time, so this one gave up and changed nothing; try again, and do not copy the files of a store from a process that has it open`,
    { file: directory },
  );
}
