/** Copies of stores in which something is not as it was written. */
import {
  closeSync,
  cpSync,
  openSync,
  readdirSync,
  readSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';

/** A change of one file. */
export type Change = (path: string) => void;

/** Copies a store that nobody has open, in place of what was there, and changes one of its files. */
export function copyInto(copy: string, directory: string, change: Change, file: string): string {
  rmSync(copy, { recursive: true, force: true });
  cpSync(directory, copy, { recursive: true });
  change(join(copy, file));
  return copy;
}

/** Turns every bit of some bytes. */
export function flip(offset: number, length = 1): Change {
  return (path) => {
    const file = openSync(path, 'r+');
    const bytes = Buffer.alloc(length);
    readSync(file, bytes, 0, length, offset);
    writeSync(
      file,
      bytes.map((byte) => byte ^ 0xff),
      0,
      length,
      offset,
    );
    closeSync(file);
  };
}

/** The largest file in a folder of a store, by its path from there. */
export function largestFile(directory: string, folder: string, ending: string): string {
  const names = readdirSync(join(directory, folder)).filter((name) => name.endsWith(ending));
  const sizes = names.map((name) => [name, statSync(join(directory, folder, name)).size] as const);
  const [largest] = [...sizes].sort((a, b) => b[1] - a[1]);
  return join(folder, largest?.[0] ?? '');
}

/** Where the last byte stands that is not zero. */
export function lastByte(path: string): number {
  const { size } = statSync(path);
  const bytes = Buffer.alloc(size);
  const file = openSync(path, 'r');
  readSync(file, bytes, 0, size, 0);
  closeSync(file);
  return bytes.findLastIndex((byte) => byte !== 0);
}
