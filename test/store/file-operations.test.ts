/**
 * What one-shot calls read from the disk, on a store of 10 and of 1,000,000 versions: a set must
 * not pay for the log's length, a get not for the store's size. Rotation and maintenance are not
 * counted: they are what a later close or a fuller log brings.
 */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import type { OpenOptions } from '../../src/options.js';
import { openWith } from '../../src/open.js';
import type { Store } from '../../src/store.js';
import { start } from '../support/child.js';
import {
  countingFileSystem,
  type CountingFileSystem,
  type FileOperation,
} from '../support/counting-file-system.js';
import { diskState } from '../support/disk-state.js';
import { openAs } from '../support/stores.js';
import { temporaryDirectory } from '../support/temporary-directory.js';
import { say } from '../support/say.js';

const KiB = 1024;
const parent = temporaryDirectory();

async function counted(
  directory: string,
  options: OpenOptions,
  act: (store: Store) => unknown,
): Promise<FileOperation[]> {
  const fileSystem: CountingFileSystem = countingFileSystem(directory);
  const store = (await openWith(directory, options, { fileSystem })) as unknown as Store;
  await act(store);
  const operations = [...fileSystem.operations];
  await store.close();
  return operations;
}

const reads = (operations: FileOperation[], folder: string): number =>
  operations
    .filter(({ name, path }) => name === 'read' && path.startsWith(folder))
    .reduce((sum, { bytes }) => sum + bytes, 0);

const opened = (operations: FileOperation[], folder: string): string[] =>
  operations
    .filter(({ name, path }) => name === 'open' && path.startsWith(folder))
    .map(({ path }) => path);

function names(directory: string, folder: string, ending: string): string[] {
  return readdirSync(join(directory, folder)).filter((name) => name.endsWith(ending));
}

describe.each([
  ['10 versions', 10],
  ['1,000,000 versions', 1_000_000],
])('on a store of %s', (name, versions) => {
  const directory = join(parent, name);

  beforeAll(async () => {
    const child = start('million', { directory, versions, keys: Math.min(versions, 50_000) });
    await child.answer();
  }, 120_000);

  test('an unconditional set reads little, and writes one frame', async () => {
    const operations = await counted(directory, {}, (store) => store.set('key/1', 'v', 5));
    expect(reads(operations, 'wal')).toBeLessThanOrEqual(64 * KiB);
    expect(reads(operations, 'segments')).toBe(0);
    expect(opened(operations, 'segments')).toEqual([]);
    const synced = operations.filter(({ name: call }) => call.startsWith('syncData'));
    expect(synced.length).toBeLessThanOrEqual(2);
  });

  test('a get of a key opens no more than it needs', async () => {
    let value: unknown;
    const operations = await counted(directory, {}, (store) => (value = store.get('key/3', 3)));
    expect(value).toBe('value 3');
    // The segments that reach this time cost their footer, parts of index and filter, and a block.
    expect(opened(operations, 'segments').length).toBeLessThanOrEqual(3);
    expect(reads(operations, 'segments')).toBeLessThanOrEqual(128 * KiB);
    // The live log is looked through once, after its last frame, which may be most of it.
    const [log = ''] = names(directory, 'wal', '.wal').sort().reverse();
    const { size } = statSync(join(directory, 'wal', log));
    expect(reads(operations, 'wal')).toBeLessThanOrEqual(2 * size);
    const changes = operations.filter(({ name: call }) => call === 'write' || call === 'create');
    expect(changes).toEqual([]);
  });

  test('a get before all times, or of a key beyond all keys, opens no segment', async () => {
    for (const [key, at] of [
      ['key/3', -1],
      ['zebra', 5],
      ['a', 5],
    ] as const) {
      const operations = await counted(directory, {}, (store) => store.get(key, at));
      expect(opened(operations, 'segments')).toEqual([]);
    }
  });

  test('reads change nothing in the directory', async () => {
    const before = diskState(directory);
    await counted(directory, {}, (store) => {
      store.get('key/1');
      store.get('no such key');
      expect([...store.history('key/1')].length).toBeGreaterThan(0);
      expect([...store.keys({ limit: 100 })].length).toBeGreaterThan(0);
      store.now();
    });
    expect(diskState(directory)).toEqual(before);
  });
});

test.each([
  ['10 frames', 10, 10],
  ['1,000 frames', 1000, 10],
  ['3,900 frames', 3900, 10],
  ['3.5 MiB in 7 frames', 7, 512 * KiB],
])('a one-shot set reads at most 64 KiB of a log of %s', async (name, frames, bytes) => {
  const directory = join(parent, `log of ${name}`);
  const writer = await openAs<string>(directory);
  const value = 'v'.repeat(bytes);
  for (let at = 0; at < frames; at += 1) await writer.set('k', value, at);
  const files = names(directory, 'wal', '.wal');
  const operations = await counted(directory, {}, (store) => store.set('k', 'one-shot', frames));
  say(`log of ${name}: a one-shot set reads ${reads(operations, 'wal')} bytes of it`);
  expect(reads(operations, 'wal')).toBeLessThanOrEqual(64 * KiB);
  expect(names(directory, 'wal', '.wal')).toEqual(files);
  writer.refresh();
  expect(writer.get('k', frames)).toBe('one-shot');
  expect([...writer.history('k')]).toHaveLength(frames + 1);
  await writer.close();
});
