import { closeSync, existsSync, openSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { createApart } from '../../src/disk/apart.js';
import { temporaryDirectory } from '../support/temporary-directory.js';

const blockOf = (path: string) => Math.floor((statSync(path).ino - 1) / 16);

it('gives a file an inode in another block than that of an open one', () => {
  const directory = temporaryDirectory();
  // Neighbours are in one block fifteen times in sixteen.
  for (let pair = 0; pair < 8; pair++) {
    const [log, register] = [join(directory, `${pair}.wal`), join(directory, `${pair}.end`)];
    const file = openSync(log, 'wx+');
    closeSync(createApart(register, file));
    closeSync(file);
    expect(blockOf(register)).not.toBe(blockOf(log));
    expect(statSync(register).mode & 0o777).toBe(0o600);
  }
  expect(readdirSync(directory)).toHaveLength(16);
});

it('takes nobody’s file away', () => {
  const path = join(temporaryDirectory(), 'file');
  writeFileSync(path, 'x');
  const other = openSync(dirname(path), 'r');
  expect(() => createApart(path, other)).toThrow('EEXIST');
  closeSync(other);
  expect(existsSync(path)).toBe(true);
});
