/**
 * Writes the entries of a cursor into a new segment, in slices: the event loop gets its turn every
 * few milliseconds. The file is synced, then its directory; the catalog's commit is the caller's.
 */
import { monotonicMs, nextTurn } from '../base/clock.js';
import type { Cursor } from '../base/cursor.js';
import { sliceMs } from '../base/limits.js';
import { segmentDirectory, segmentPath } from '../disk/names.js';
import type { SegmentProperties } from '../base/segment-properties.js';
import { SegmentWriter } from '../segment/segment-writer.js';
import type { LiveFiles } from './live-files.js';

/** So many entries are written between two looks at the clock. */
const entriesPerLook = 64;

/** Answers "stop" where a build that is not worth finishing now shall be given up. */
export type ShouldStop = () => boolean;

/**
 * @param cursor valid on its first entry; at least one
 * @returns undefined if it was given up; nothing is left behind then, nor after an error
 */
export async function buildSegment(
  files: LiveFiles,
  cursor: Cursor,
  shouldStop: ShouldStop,
): Promise<SegmentProperties | undefined> {
  const { environment, directory } = files.place;
  const segmentId = environment.newIdentity(16);
  const { storeId } = files.manifest.settings;
  const path = segmentPath(directory, segmentId);
  const writer = new SegmentWriter(environment.fileSystem, path, { storeId, segmentId });
  try {
    let sliceStart = monotonicMs();
    for (let count = 1; cursor.valid; cursor.next(), count++) {
      writer.add({
        key: cursor.key,
        timestamp: cursor.timestamp,
        seq: cursor.seq,
        kind: cursor.kind,
        expiresAt: cursor.expiresAt,
        value: cursor.value(),
      });
      if (count % entriesPerLook !== 0 || monotonicMs() - sliceStart < sliceMs) continue;
      await nextTurn();
      if (shouldStop()) {
        writer.abandon();
        return undefined;
      }
      sliceStart = monotonicMs();
    }
    const properties = await writer.finish();
    environment.fileSystem.syncDirectory(segmentDirectory(directory));
    return properties;
  } catch (error) {
    writer.abandon();
    throw error;
  }
}
