/**
 * What tells a store that has lost its catalog from one that is not there, or was only half made:
 * creation leaves an empty first log and nothing else, until the catalog has been committed.
 */
import { systemCode } from '../base/errors.js';
import type { FileSystem } from '../disk/file-system.js';
import {
  endPath,
  parseSegmentFile,
  parseWalFile,
  segmentDirectory,
  walDirectory,
  walPath,
  type WalName,
} from '../disk/names.js';
import { holdsFrames } from '../wal/wal-file.js';

/** True if there are files that only a store with a catalog can have written. */
export function holdsWrites(fileSystem: FileSystem, directory: string): boolean {
  const segments = namesIn(fileSystem, segmentDirectory(directory));
  if (segments.some((file) => parseSegmentFile(file) !== undefined)) return true;
  return namesIn(fileSystem, walDirectory(directory)).some((file) => {
    const name = parseWalFile(file);
    return name !== undefined && wasWrittenTo(fileSystem, directory, name);
  });
}

function wasWrittenTo(fileSystem: FileSystem, directory: string, name: WalName): boolean {
  if (name.generation > 1) return true;
  const register = fileSystem.status(endPath(directory, name));
  if (register !== undefined && register.bytes > 1) return true;
  const log = walPath(directory, name);
  return fileSystem.status(log) !== undefined && holdsFrames(fileSystem, log);
}

function namesIn(fileSystem: FileSystem, directory: string): string[] {
  try {
    return fileSystem.list(directory);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return [];
    throw error;
  }
}
