/** Copies damaged files into `quarantine/`, so that nothing of them is gone when they are removed. */
import { systemCode } from '../base/errors.js';
import { KiB } from '../base/limits.js';
import type { FileSystem } from '../disk/file-system.js';
import { quarantineDirectory, quarantinePath } from '../disk/names.js';
import type { Environment } from './environment.js';

const pieceBytes = 4 * KiB;

/**
 * Copies files under their names; those that are not there are passed over. Synced when it answers.
 * What the disk does not give back is zeros in the copy.
 */
export function putAside(
  { fileSystem }: Environment,
  directory: string,
  paths: readonly string[],
): void {
  const target = quarantineDirectory(directory);
  fileSystem.makeDirectory(target);
  fileSystem.syncDirectory(directory);
  for (const path of paths) {
    if (fileSystem.status(path) === undefined) continue;
    const copy = quarantinePath(directory, path);
    fileSystem.remove(copy); // Half of one, of an attempt that was cut short.
    copyFile(fileSystem, path, copy);
  }
  fileSystem.syncDirectory(target);
}

function copyFile(fileSystem: FileSystem, from: string, to: string): void {
  const source = fileSystem.open(from, 'read');
  try {
    const copy = fileSystem.create(to);
    try {
      const bytes = fileSystem.size(source);
      const piece = Buffer.alloc(pieceBytes);
      for (let at = 0; at < bytes; at += pieceBytes) {
        const length = Math.min(pieceBytes, bytes - at);
        piece.fill(0);
        try {
          fileSystem.read(source, piece, 0, length, at);
        } catch (error) {
          if (systemCode(error) !== 'EIO') throw error;
        }
        fileSystem.write(copy, piece.subarray(0, length), at);
      }
      fileSystem.syncData(copy);
    } finally {
      fileSystem.close(copy);
    }
  } finally {
    fileSystem.close(source);
  }
}
