import { closeSync, existsSync, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isRemoving, removeAsync, syncDataAsync } from '../../src/disk/slow-calls.js';
import { temporaryDirectory } from '../support/temporary-directory.js';

const path = () => join(temporaryDirectory(), 'file');

describe('syncDataAsync', () => {
  it.each([1, 1 << 20])('of %i bytes tells what went wrong', async (bytes) => {
    const file = openSync(path(), 'w');
    await syncDataAsync(file, bytes);
    closeSync(file);
    await expect(syncDataAsync(file, bytes)).rejects.toThrow('EBADF');
  });
});

describe('removeAsync', () => {
  it('is told of while it lasts, and passes over what is not there', async () => {
    const file = path();
    writeFileSync(file, 'x');
    const removals = [removeAsync(file), removeAsync(`${file}-missing`)];
    expect(isRemoving()).toBe(true);
    await Promise.all(removals);
    expect(isRemoving()).toBe(false);
    expect(existsSync(file)).toBe(false);
  });

  it('is over when it fails', async () => {
    const file = path();
    writeFileSync(file, 'x');
    await expect(removeAsync(`${file}/below`)).rejects.toThrow('ENOTDIR');
    expect(isRemoving()).toBe(false);
  });
});
