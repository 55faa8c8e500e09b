/** The command line that is measured: the one that was just built. */
import { join } from 'node:path';

const root = join(import.meta.dirname, '../..');
const bin = join(root, 'bin/run.js');

export function timekv(...words) {
  return [process.execPath, bin, ...words];
}
