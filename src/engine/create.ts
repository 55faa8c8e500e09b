/**
 * Makes an empty store. Of several processes that try at once one does, and the others find it done:
 * 1. the directory, 2. the write lock, and under it 3. the first log, synced with its directories,
 * 4. the catalog's first commit, which is the commit point. A crash before that leaves files that
 * the next attempt replaces.
 */
import { dirname } from 'node:path';
import { systemCode, TimekvError } from '../base/errors.js';
import type { CatalogDoor } from '../catalog/catalog.js';
import { ioError, nearestExisting } from '../disk/file-system.js';
import {
  belongsToStore,
  catalogPath,
  maintenanceLockPath,
  parseWalFile,
  segmentDirectory,
  walDirectory,
  walPath,
  endPath,
  writeLockPath,
} from '../disk/names.js';
import { remoteFileSystemName } from '../disk/system.js';
import type { Environment } from './environment.js';
import { createFirstWal } from './new-wal.js';
import { holdsWrites, isUnfinished, lostCatalog } from './written-files.js';

export interface CreateOptions {
  unit: 'us' | 'tick';
  busyTimeoutMs: number;
}

/** @throws ERR_TIMEKV_REMOTE_FILE_SYSTEM if the directory lies, or would lie, on one */
export function requireLocal(environment: Environment, directory: string): void {
  const { fileSystem } = environment;
  const existing = nearestExisting(fileSystem, directory);
  const remote = remoteFileSystemName(fileSystem.type(existing));
  if (remote === undefined) return;
  throw new TimekvError(
    'ERR_TIMEKV_REMOTE_FILE_SYSTEM',
    `${directory} lies on a network file system (${remote}), where locks and syncs cannot be relied on; use a local disk, or allowRemote (--allow-remote) if you must`,
    { file: directory },
  );
}

/** @throws ERR_TIMEKV_NOT_A_STORE if something that no store makes is in the directory */
function requireEmptyOrOurs(environment: Environment, directory: string): void {
  const status = environment.fileSystem.status(directory);
  if (status === undefined) return;
  const foreign = status.isDirectory
    ? environment.fileSystem.list(directory).find((name) => !belongsToStore(name))
    : directory;
  if (foreign === undefined) return;
  throw new TimekvError(
    'ERR_TIMEKV_NOT_A_STORE',
    status.isDirectory
      ? `${directory} is no timekv store and not empty (there is ${JSON.stringify(foreign)} in it); choose an empty or new directory`
      : `${directory} is a file; choose an empty or new directory`,
    { file: directory },
  );
}

/** Creates the store, unless somebody else does at the same moment. */
export async function createStore(
  environment: Environment,
  directory: string,
  options: CreateOptions,
): Promise<void> {
  requireEmptyOrOurs(environment, directory);
  try {
    const anchor = nearestExisting(environment.fileSystem, directory);
    environment.fileSystem.makeDirectory(directory);
    await createUnderLock(environment, directory, options, anchor);
  } catch (error) {
    throw ioError(error, 'create a store in', directory);
  }
}

async function createUnderLock(
  environment: Environment,
  directory: string,
  { unit, busyTimeoutMs }: CreateOptions,
  anchor: string,
): Promise<void> {
  const { fileSystem, clock, newIdentity, openCatalog, openLock } = environment;
  const lock = openLock(writeLockPath(directory), busyTimeoutMs);
  let catalog: CatalogDoor | undefined;
  try {
    fileSystem.makePrivate(writeLockPath(directory));
    await lock.acquire(busyTimeoutMs);
    catalog = openCatalog(catalogPath(directory), 'create', busyTimeoutMs);
    fileSystem.makePrivate(catalogPath(directory));
    if (catalog.isInitialised()) return;
    if (holdsWrites(fileSystem, directory)) throw lostCatalog(directory);
    if (isUnfinished(fileSystem, directory)) throw unfinished(directory);
    openLock(maintenanceLockPath(directory), busyTimeoutMs).close();
    fileSystem.makePrivate(maintenanceLockPath(directory));
    makeDirectories(environment, directory);
    removeHalfMadeLogs(environment, directory);
    const storeId = newIdentity(16);
    const wal = createFirstWal(environment, directory, storeId);
    fileSystem.syncDirectory(walDirectory(directory));
    fileSystem.syncDirectory(directory);
    syncParents(environment, directory, anchor);
    const settings = { storeId, unit, createdAt: clock.now() };
    catalog.initialise(settings, { ...wal, state: 'live', bytes: 0 });
    fileSystem.syncDirectory(directory);
  } finally {
    catalog?.close();
    lock.close();
  }
}

function unfinished(directory: string): TimekvError {
  return new TimekvError(
    'ERR_TIMEKV_NOT_A_STORE',
    `a backup, or a store that was restored, was begun in ${directory} and not finished; do it once more, or remove the directory`,
    { file: directory },
  );
}

function removeHalfMadeLogs({ fileSystem }: Environment, directory: string): void {
  for (const file of fileSystem.list(walDirectory(directory))) {
    const name = parseWalFile(file);
    if (name === undefined) continue;
    fileSystem.remove(walPath(directory, name));
    fileSystem.remove(endPath(directory, name));
  }
}

/** Those in which a store lies. */
export function makeDirectories({ fileSystem }: Environment, directory: string): void {
  fileSystem.makeDirectory(segmentDirectory(directory));
  fileSystem.makeDirectory(walDirectory(directory));
}

/**
 * Syncs all directories above. Also those from `anchor` on, which were there before: a process that
 * died, or is just at it, may have made them and not synced their names. Where this user may not open
 * one, another has made it.
 */
export function syncParents({ fileSystem }: Environment, directory: string, anchor: string): void {
  let wasThere = directory === anchor;
  for (let path = directory; path !== dirname(path);) {
    path = dirname(path);
    try {
      fileSystem.syncDirectory(path);
    } catch (error) {
      if (!wasThere || systemCode(error) === 'EIO') throw error;
    }
    wasThere ||= path === anchor;
  }
}
