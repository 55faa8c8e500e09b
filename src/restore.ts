/** Making a store of a backup. */
import { busyTimeoutDefaultMs } from './base/limits.js';
import { checkOptions } from './checks.js';
import { checkNewDirectory } from './directories.js';
import { ioError } from './disk/file-system.js';
import { requireLocal } from './engine/create.js';
import { type Environment, systemEnvironment } from './engine/environment.js';
import { restoreStore } from './engine/restore.js';
import type { BackupResult, RestoreOptions } from './options.js';

/**
 * Makes a store of what `store.backup` has made, which goes on where that ends, with an identity of
 * its own. The backup stays as it is.
 * @param directory must be empty, or not there yet
 * @throws ERR_TIMEKV_EXISTS if it is not empty; ERR_TIMEKV_NO_STORE, ERR_TIMEKV_INVALID_ARGUMENT if
 *   there is no backup in `from`
 */
export async function restore(
  from: string,
  directory: string,
  options: RestoreOptions = {},
): Promise<BackupResult> {
  return restoreWith(from, directory, options, {});
}

/** `restore` with parts of the world replaced, for tests. */
export async function restoreWith(
  from: string,
  directory: string,
  options: RestoreOptions,
  parts: Partial<Environment>,
): Promise<BackupResult> {
  const { busyTimeout = busyTimeoutDefaultMs, allowRemote } = checkOptions(options, 'restore');
  const backup = checkNewDirectory(from);
  const place = {
    environment: systemEnvironment(parts),
    directory: checkNewDirectory(directory),
    busyTimeoutMs: busyTimeout,
  };
  if (allowRemote !== true) {
    for (const path of [backup, place.directory]) requireLocal(place.environment, path);
  }
  try {
    return await restoreStore(backup, place);
  } catch (error) {
    throw ioError(error, 'restore', backup);
  }
}
