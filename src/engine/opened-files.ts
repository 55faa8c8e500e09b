/** What a store that was found may turn out not to be. */
import { TimekvError } from '../base/errors.js';
import type { EngineUnit } from './engine.js';
import type { LiveFiles } from './live-files.js';

/** @throws ERR_TIMEKV_EXISTS if it has another unit than the one that was asked for */
export function requireUnit({ manifest, place }: LiveFiles, wanted: EngineUnit | undefined): void {
  const { unit } = manifest.settings;
  const { directory } = place;
  if (wanted === undefined || wanted === unit) return;
  throw new TimekvError(
    'ERR_TIMEKV_EXISTS',
    `the store in ${directory} has the unit ${unit}, not ${wanted}; open it without a unit`,
    { file: directory },
  );
}

/** @throws ERR_TIMEKV_READ_ONLY if it is a backup, or this user may not write to it */
export function requireWritable({ isBackup, place: { isReadOnly, directory } }: LiveFiles): void {
  if (!isReadOnly) return;
  throw new TimekvError(
    'ERR_TIMEKV_READ_ONLY',
    isBackup
      ? `${directory} is a backup, which is only read; to write, make a store of it: timekv restore ${directory} DIR`
      : `${directory} cannot be written by this user: check its owner and mode`,
    { file: directory },
  );
}

/** @param message with what mends it */
export function noStore(message: string, directory: string): TimekvError {
  return new TimekvError('ERR_TIMEKV_NO_STORE', message, { file: directory });
}
