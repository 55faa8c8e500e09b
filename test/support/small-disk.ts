/** Small file systems of their own, in memory: a tmpfs, which takes root to mount. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { temporaryDirectory } from './temporary-directory.js';

const mounts: string[] = [];

/**
 * Answers where it is mounted until the end of the test file; undefined if that is not allowed.
 * @param inodes how many files and directories it takes, its own root included; 0: any number
 */
export function mountSmall(kibibytes: number, inodes = 0): string | undefined {
  const path = join(temporaryDirectory(), 'small');
  mkdirSync(path);
  const size = `size=${kibibytes}k,nr_inodes=${inodes}`;
  if (spawnSync('mount', ['-t', 'tmpfs', '-o', size, 'tmpfs', path]).status !== 0) return undefined;
  mounts.push(path);
  return path;
}

/** Makes it larger, or smaller where what is on it still fits. */
export function resize(path: string, kibibytes: number): void {
  const options = `remount,size=${kibibytes}k`;
  const { status, stderr } = spawnSync('mount', ['-o', options, path], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`a tmpfs cannot be resized: ${stderr}`);
}

/** Leaves so many bytes on a disk, by a file that `free` removes. */
export function fill(path: string, leaving: number): { free: () => void } {
  const { bavail, bsize } = statfsSync(path);
  const filler = join(path, 'filler');
  writeFileSync(filler, Buffer.alloc(Math.max(0, bavail * bsize - leaving)));
  return {
    free() {
      rmSync(filler);
    },
  };
}

export function unmount(path: string): void {
  spawnSync('umount', ['-l', path]); // Also where a test that failed left files open.
}

afterAll(() => {
  for (const path of mounts) unmount(path);
});
