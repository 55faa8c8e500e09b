/**
 * What tells a store that has lost its catalog from one that is not there, or was only half made:
 * creation leaves an empty first log and nothing else, until the catalog has been committed.
 */
import { damaged, systemCode, type TimekvError } from '../base/errors.js';
import type { FileSystem } from '../disk/file-system.js';
import {
  catalogPath,
  endPath,
  parseSegmentFile,
  parseWalFile,
  segmentDirectory,
  unfinishedPath,
  walDirectory,
  walPath,
  type WalName,
} from '../disk/names.js';
import { holdsFrames } from '../wal/wal-file.js';

/** What to tell where it has. */
export function lostCatalog(directory: string): TimekvError {
  return damaged(catalogPath(directory), 0, 'it is missing or empty, and the store is not');
}

/**
 * True where a backup or a restored store was begun and not finished: the mark is there, and nobody
 * has written to the log yet. (A mark that a crash has left behind means nothing beside a catalog.)
 */
export function isUnfinished(fileSystem: FileSystem, directory: string): boolean {
  if (fileSystem.status(unfinishedPath(directory)) === undefined) return false;
  return !holdsWrittenLog(fileSystem, directory);
}

/** True if there are files that only a store with a catalog can have written. */
export function holdsWrites(fileSystem: FileSystem, directory: string): boolean {
  if (isUnfinished(fileSystem, directory)) return false;
  const segments = namesIn(fileSystem, segmentDirectory(directory));
  if (segments.some((file) => parseSegmentFile(file) !== undefined)) return true;
  return holdsWrittenLog(fileSystem, directory);
}

function holdsWrittenLog(fileSystem: FileSystem, directory: string): boolean {
  return namesIn(fileSystem, walDirectory(directory)).some((file) => {
    const name = parseWalFile(file);
    return name !== undefined && wasWrittenTo(fileSystem, directory, name);
  });
}

function wasWrittenTo(fileSystem: FileSystem, directory: string, name: WalName): boolean {
  if (name.generation > 1) return true;
  const register = fileSystem.status(endPath(directory, name));
  if (register !== undefined && register.bytes > 1) return true;
  return ifThere(() => holdsFrames(fileSystem, walPath(directory, name)), false);
}

function namesIn(fileSystem: FileSystem, directory: string): string[] {
  return ifThere(() => fileSystem.list(directory), []);
}

/** Whoever creates the store removes what an earlier attempt has left, perhaps just now. */
function ifThere<T>(look: () => T, otherwise: T): T {
  try {
    return look();
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return otherwise;
    throw error;
  }
}
