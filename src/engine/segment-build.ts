/**
 * Writes the entries of a cursor into a new segment, in slices: the event loop gets its turn every
 * few milliseconds. The file is synced, then its directory; the catalog's commit is the caller's.
 */
import type { Cursor } from '../base/cursor.js';
import type { Entry } from '../base/entry.js';
import { nextTurn } from '../base/clock.js';
import { TimekvError } from '../base/errors.js';
import { Slices } from '../base/slices.js';
import { segmentDirectory, segmentPath } from '../disk/names.js';
import type { SegmentProperties } from '../base/segment-properties.js';
import { SegmentWriter } from '../segment/segment-writer.js';
import type { BetweenSlices, Builder, Built, Sources } from './build-jobs.js';
import type { Environment } from './environment.js';
import type { LiveFiles } from './live-files.js';

/** So many entries are written between two looks at the clock. */
const entriesPerLook = 64;

/**
 * @param cursor valid on its first entry; at least one
 * @param isDeflated data blocks are deflated where that pays
 * @returns undefined if it was given up; nothing is left behind then, nor after an error
 */
export function buildSegment(
  place: BuildPlace,
  cursor: Cursor,
  isDeflated: boolean,
  betweenSlices: BetweenSlices,
): Promise<SegmentProperties | undefined> {
  return writeSegment(place, isDeflated, async (writer, slices) => {
    for (let count = 1; cursor.valid; cursor.next(), count++) {
      writer.addFrom(cursor, count > 1 && cursor.staysOnKey);
      if (count % entriesPerLook !== 0 || !slices.isOver) continue;
      await slices.next();
      await writer.keepUp();
      if (await betweenSlices(count)) return false;
    }
    return true;
  });
}

/** The same from entries in order; undefined if there are none. */
export function buildSegmentOf(
  place: BuildPlace,
  entries: Iterable<Entry>,
  isDeflated: boolean,
): Promise<SegmentProperties | undefined> {
  return writeSegment(place, isDeflated, async (writer, slices) => {
    for (const entry of entries) {
      writer.add(entry);
      if (!slices.isOver) continue;
      await slices.next();
      await writer.keepUp();
    }
    return writer.entries > 0;
  });
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
  const segmentId = environment.newIdentity(16);
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

/** @param fill answers false if there is to be no segment */
async function writeSegment(
  { environment, directory, storeId }: BuildPlace,
  isDeflated: boolean,
  fill: (writer: SegmentWriter, slices: Slices) => Promise<boolean>,
): Promise<SegmentProperties | undefined> {
  const segmentId = environment.newIdentity(16);
  const path = segmentPath(directory, segmentId);
  const writer = new SegmentWriter(environment.fileSystem, path, {
    storeId,
    segmentId,
    isDeflated,
  });
  try {
    if (!(await fill(writer, new Slices()))) {
      writer.abandon();
      return undefined;
    }
    await nextTurn();
    const properties = await writer.finish();
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
