import type { Handle } from './data-block.js';
import type { Directory } from './directory.js';

/**
 * The parts that lie around one of them in the file without anything in between, itself among them,
 * in their order. The directory has read its record then, as it had before.
 * @param bytesMax of all together
 */
export function neighboursOf(directory: Directory, record: number, bytesMax: number): Handle[] {
  directory.read(record);
  const parts = [directory.handle];
  let start = directory.offset;
  let end = start + directory.length;
  for (let before = record - 1; before >= 0; before--) {
    directory.read(before);
    if (directory.offset + directory.length !== start) break;
    if (end - directory.offset > bytesMax) break;
    start = directory.offset;
    parts.unshift(directory.handle);
  }
  for (let behind = record + 1; behind < directory.count; behind++) {
    directory.read(behind);
    if (directory.offset !== end || end + directory.length - start > bytesMax) break;
    end += directory.length;
    parts.push(directory.handle);
  }
  directory.read(record);
  return parts;
}
