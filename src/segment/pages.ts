/**
 * Data blocks end where pages of the file do, wherever that takes few bytes: to read one is then to
 * ask for one page of the system's memory, or of the disk, and not for two. (A lookup that has to read
 * a block takes a twentieth less: docs/decisions/0016-finding-by-numbers.md.)
 */
import { blockBytesTarget } from '../base/limits.js';

/** No page of a system is smaller, and a block is as large. */
const pageBytes = blockBytesTarget;
/** More than a sixteenth of a block is not worth it; the next one ends at a page's end then. */
const zerosMax = pageBytes / 16;

/** How many bytes there are from a position in a file to the end of its page: 1 to 4,096. */
export function roomInPage(position: number): number {
  return pageBytes - (position % pageBytes);
}

/** With how many zeros something that ends at a position goes on to the end of a page: 0 to 256. */
export function zerosToPageEnd(position: number): number {
  const left = roomInPage(position) % pageBytes;
  return left <= zerosMax ? left : 0;
}
