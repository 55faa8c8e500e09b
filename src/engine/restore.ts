/** Makes a store of a backup: the same segments, an identity of its own, and a log that goes on. */
import { TimekvError } from '../base/errors.js';
import { memoryBytesMin } from '../base/limits.js';
import { type ManifestLists, writersOf } from '../catalog/manifest.js';
import { listsUpTo, partsUpTo } from './backup.js';
import { LiveFiles } from './live-files.js';
import { pinSegments } from './pinned-segments.js';
import { type CopyPlace, type CopyReport, copyStore, requireEmpty } from './store-copy.js';

/**
 * @param from the directory of a backup
 * @throws ERR_TIMEKV_EXISTS if there is anything in the directory; ERR_TIMEKV_NO_STORE,
 *   ERR_TIMEKV_INVALID_ARGUMENT if `from` has no backup
 */
export async function restoreStore(from: string, place: CopyPlace): Promise<CopyReport> {
  const { environment, busyTimeoutMs } = place;
  const files = LiveFiles.open({
    environment,
    directory: from,
    isReadOnly: true,
    memoryBytes: memoryBytesMin,
    busyTimeoutMs,
    snapshot: undefined,
  });
  if (files === undefined) {
    const message = `there is no backup in ${from}; name the directory that timekv snapshot --export made`;
    throw new TimekvError('ERR_TIMEKV_NO_STORE', message, { file: from });
  }
  try {
    return await restoreOf(files, place);
  } finally {
    files.close();
  }
}

async function restoreOf(files: LiveFiles, place: CopyPlace): Promise<CopyReport> {
  const { environment } = place;
  requireBackup(files);
  const pinned = pinSegments(files);
  try {
    const { manifest, seq, lastNow, lastCommitTime } = pinned;
    const horizon = manifest.retention[0]?.horizon ?? null;
    const storeId = environment.newIdentity(16);
    const settings = { ...manifest.settings, storeId, createdAt: environment.clock.now() };
    const origins = writersOf(manifest).map((origin) => ({ storeId: origin }));
    const lists: ManifestLists = { ...listsUpTo(manifest, { seq, horizon }), origins };
    const moment = { seq, horizon: horizon ?? -Infinity };
    const parts = await partsUpTo(files.place.directory, place, pinned, moment);
    const copy = { settings, lists, parts, seq, lastNow, lastCommitTime };
    return await copyStore(place, copy, (there) => {
      requireNothing(place, there !== undefined);
    });
  } finally {
    pinned.release();
  }
}

function requireBackup({ isBackup, place: { directory } }: LiveFiles): void {
  if (isBackup) return;
  throw new TimekvError(
    'ERR_TIMEKV_INVALID_ARGUMENT',
    `${directory} is a store, not a backup of one; make a backup of it first: timekv snapshot --export DIR`,
    { file: directory },
  );
}

function requireNothing(place: CopyPlace, isStore: boolean): void {
  const { directory } = place;
  const refuse = (inTheWay: string): TimekvError =>
    new TimekvError(
      'ERR_TIMEKV_EXISTS',
      `${directory} is not empty (${inTheWay}); restore into an empty or new directory`,
      { file: directory },
    );
  if (isStore) throw refuse('there is a store in it');
  requireEmpty(place, refuse);
}
