/** Files that were flushed or merged away before somebody came to read them. */
import { damaged, systemCode, type TimekvError } from '../base/errors.js';
import type { Manifest } from '../catalog/manifest.js';
import { endPath, segmentPath, walPath } from '../disk/names.js';

const attemptsMax = 20;
/** A file is missing if the catalog, read so many times in a row, has not changed. */
const sameCatalogMax = 2;

/**
 * Repeats a read that came too late for a file, each time after finding out which files there are.
 * (A file goes after the catalog has changed; twice, since a renewal may have failed half way.)
 * @param renew reads the catalog again; answers whether it has changed
 */
export function whileFilesVanish<T>(read: () => T, renew: () => boolean): T {
  let unchanged = 0;
  for (let attempt = 1; ; attempt++) {
    try {
      return read();
    } catch (error) {
      if (systemCode(error) !== 'ENOENT') throw error;
      if (attempt === attemptsMax) throw missingFile(error);
      unchanged = renew() ? 0 : unchanged + 1;
      if (unchanged === sameCatalogMax) throw missingFile(error);
    }
  }
}

/** What an ENOENT means once the catalog goes on naming the file. */
export function missingFile(error: unknown): TimekvError {
  return damaged(pathOf(error) ?? 'a file of the store', 0, 'the file is missing');
}

/** The paths of all files that the catalog names. */
export function filesOf(directory: string, { segments, wals }: Manifest): string[] {
  return [
    ...segments.map(({ id }) => segmentPath(directory, id)),
    ...wals.flatMap((wal) => [walPath(directory, wal), endPath(directory, wal)]),
  ];
}

export function pathOf(error: unknown): string | undefined {
  return error instanceof Error && 'path' in error ? String(error.path) : undefined;
}
