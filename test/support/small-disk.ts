/** Small file systems of their own, in memory: a tmpfs, which takes root to mount. */
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { temporaryDirectory } from './temporary-directory.js';

const mounts: string[] = [];

/** Answers where it is mounted until the end of the test file; undefined if that is not allowed. */
export function mountSmall(kibibytes: number): string | undefined {
  const path = join(temporaryDirectory(), 'small');
  mkdirSync(path);
  const size = `size=${kibibytes}k`;
  if (spawnSync('mount', ['-t', 'tmpfs', '-o', size, 'tmpfs', path]).status !== 0) return undefined;
  mounts.push(path);
  return path;
}

export function unmount(path: string): void {
  spawnSync('umount', ['-l', path]); // Also where a test that failed left files open.
}

afterAll(() => {
  for (const path of mounts) unmount(path);
});
