/** Copies damaged files into `quarantine/`, so that nothing of them is gone when they are removed. */
import { systemCode } from '../base/errors.js';
import { KiB } from '../base/limits.js';
import { Slices } from '../base/slices.js';
import type { Descriptor, FileSystem } from '../disk/file-system.js';
import { quarantineDirectory, quarantinePath } from '../disk/names.js';
import type { Environment } from './environment.js';

const pieceBytes = 256 * KiB;
/** What a disk gives back or not. */
const sectorBytes = 4 * KiB;

/**
 * Copies files under their names; those that are not there are passed over. Synced when it answers.
 * What the disk does not give back is zeros in the copy.
 */
export async function putAside(
  { fileSystem }: Environment,
  directory: string,
  paths: readonly string[],
): Promise<void> {
  const target = quarantineDirectory(directory);
  fileSystem.makeDirectory(target);
  fileSystem.syncDirectory(directory);
  for (const path of paths) {
    if (fileSystem.status(path) === undefined) continue;
    const copy = quarantinePath(directory, path);
    fileSystem.remove(copy); // Half of one, of an attempt that was cut short.
    await copyFile(fileSystem, path, copy);
  }
  fileSystem.syncDirectory(target);
}

async function copyFile(fileSystem: FileSystem, from: string, to: string): Promise<void> {
  const source = fileSystem.open(from, 'read');
  try {
    const copy = fileSystem.create(to);
    try {
      const bytes = fileSystem.size(source);
      const piece = Buffer.alloc(pieceBytes);
      const slices = new Slices();
      for (let at = 0; at < bytes; at += pieceBytes) {
        const view = piece.subarray(0, Math.min(pieceBytes, bytes - at));
        readReadable(fileSystem, source, view, at);
        fileSystem.write(copy, view, at);
        if (slices.isOver) await slices.next();
      }
      await fileSystem.syncDataAsync(copy, bytes);
    } finally {
      fileSystem.close(copy);
    }
  } finally {
    fileSystem.close(source);
  }
}

/** Reads a piece as a whole, or else each of its sectors that can be read. */
function readReadable(
  fileSystem: FileSystem,
  source: Descriptor,
  into: Buffer,
  position: number,
): void {
  const read = (at: number, length: number) => {
    try {
      fileSystem.read(source, into, at, length, position + at);
      return true;
    } catch (error) {
      if (systemCode(error) !== 'EIO') throw error;
      return false;
    }
  };
  if (read(0, into.length)) return;
  into.fill(0);
  for (let at = 0; at < into.length; at += sectorBytes) {
    read(at, Math.min(sectorBytes, into.length - at));
  }
}
