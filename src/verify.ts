/** Checking a store that need not be one that can be opened. */
import { resolve } from 'node:path';
import { busyTimeoutDefaultMs } from './base/limits.js';
import { checkOptions } from './checks.js';
import { ioError } from './disk/file-system.js';
import { requireLocal } from './engine/create.js';
import { systemEnvironment } from './engine/environment.js';
import { quarantineDamage } from './engine/quarantine.js';
import { verifyStore } from './engine/verify.js';
import type { Loss, VerifyOptions, VerifyReport } from './options.js';

/**
 * Checks everything in a store's directory that can be checked, as `store.verify()` does, but also
 * where damage keeps the store from being opened. Changes nothing, and may run while others write.
 * @throws ERR_TIMEKV_NO_STORE, ERR_TIMEKV_UNSUPPORTED_FORMAT, ERR_TIMEKV_REMOTE_FILE_SYSTEM
 */
export async function verify(
  directory: string,
  options: VerifyOptions = {},
): Promise<VerifyReport> {
  const place = placeOf(directory, options);
  const { onProgress } = options;
  try {
    return await verifyStore(place, onProgress === undefined ? {} : { onProgress });
  } catch (error) {
    throw ioError(error, 'check the store in', place.directory);
  }
}

/**
 * Goes on without what is damaged: puts aside, in `quarantine/`, each file that the report names,
 * and writes anew what can be read of it. From then on reads answer from what is left.
 * @param report of `verify`: what has been shown, and only that, is given up
 * @returns what was lost, which the store remembers; empty if nothing was
 * @throws ERR_TIMEKV_DAMAGED if the catalog is damaged, without which no file can be judged;
 *   ERR_TIMEKV_BUSY, ERR_TIMEKV_IO: nothing was given up, and it can be done again
 */
export async function quarantine(
  directory: string,
  report: VerifyReport,
  options: VerifyOptions = {},
): Promise<Loss[]> {
  const place = placeOf(directory, options);
  if (report.damages.length === 0) return [];
  try {
    return await quarantineDamage(place, report);
  } catch (error) {
    throw ioError(error, 'put aside what is damaged in', place.directory);
  }
}

function placeOf(directory: string, options: VerifyOptions) {
  const { busyTimeout = busyTimeoutDefaultMs, allowRemote } = checkOptions(options, 'verify');
  const environment = systemEnvironment();
  const path = resolve(directory);
  if (allowRemote !== true) requireLocal(environment, path);
  return { environment, directory: path, busyTimeoutMs: busyTimeout };
}
