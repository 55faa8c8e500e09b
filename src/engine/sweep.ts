/** Removes what a crash has left. */
import {
  endPath,
  parseSegmentFile,
  parseWalFile,
  segmentDirectory,
  segmentPath,
  walDirectory,
  walPath,
} from '../disk/names.js';
import type { LiveFiles } from './live-files.js';

/**
 * For the holder of the maintenance lock: removes segments that no catalog lists (nobody else makes
 * any) and logs that come before the first one listed or were never sealed to.
 */
export function sweep({ place, catalog, log }: LiveFiles): void {
  const { environment, directory } = place;
  const { fileSystem } = environment;
  // No file is listed between the look and the removal, even if the maintenance lock were lost.
  catalog.whileUnchanged(({ segments, wals }) => {
    const live = new Set(segments.map((row) => row.id));
    for (const file of fileSystem.list(segmentDirectory(directory))) {
      const id = parseSegmentFile(file);
      if (id !== undefined && !live.has(id)) fileSystem.remove(segmentPath(directory, id));
    }
    const listed = new Set(wals.map((row) => row.suffix));
    const followed = new Set(log.generations.map((each) => each.file.name.suffix));
    const active = log.active.generation;
    for (const file of fileSystem.list(walDirectory(directory))) {
      const name = parseWalFile(file);
      if (name === undefined || name.generation > active) continue;
      if (listed.has(name.suffix) || followed.has(name.suffix)) continue;
      fileSystem.remove(walPath(directory, name));
      fileSystem.remove(endPath(directory, name));
    }
  });
}
