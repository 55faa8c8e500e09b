/** The orders of DESIGN.md, section 3, as the file system sees them. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Catalog } from '../../src/catalog/catalog.js';
import type { DiskEngine } from '../../src/engine/disk-engine.js';
import { openEngine, put } from '../support/engines.js';
import { type FaultyFileSystem, faultyFileSystem } from '../support/faulty-file-system.js';
import { temporaryDirectory } from '../support/temporary-directory.js';

const changing = new Set([
  'create',
  'write',
  'syncData',
  'syncDataAsync',
  'syncDirectory',
  'truncate',
  'remove',
  'removeAsync',
]);
/** What a commit of the catalog looks like among the calls. */
const commit = 'CATALOG';

let directory: string;
let fileSystem: FaultyFileSystem;
let engine: DiskEngine;

beforeEach(async () => {
  const parent = temporaryDirectory();
  directory = join(parent, 'new', 'store');
  fileSystem = faultyFileSystem(directory);
  for (const method of ['initialise', 'update'] as const) {
    const original = Catalog.prototype[method] as (...args: unknown[]) => unknown;
    vi.spyOn(Catalog.prototype, method).mockImplementation(function (
      this: Catalog,
      ...args: unknown[]
    ) {
      const answer = original.apply(this, args) as never;
      fileSystem.calls.push({ name: 'write', path: commit, bytes: 0 });
      return answer;
    });
  }
  engine = await openEngine(directory, { fileSystem });
});

afterEach(async () => {
  await engine.close();
  vi.restoreAllMocks();
});

/** What an action changes on the disk, in order; names that are random are shortened. */
async function changes(action: () => Promise<unknown>): Promise<string[]> {
  const from = fileSystem.calls.length;
  await action();
  return fileSystem.calls
    .slice(from)
    .filter(({ name }) => changing.has(name))
    .map(({ name, path }) => {
      if (path === commit) return commit;
      return `${name} ${path.replace(/-[0-9a-f]{16}/, '').replace(/[0-9a-f]{32}/, '*')}`.trim();
    });
}

describe('a commit', () => {
  beforeEach(() => put(engine, 'k', 'first'));

  it('is one write, a sync, and a byte in the register', async () => {
    expect(await changes(() => put(engine, 'k', 'v'))).toEqual([
      'write wal/00000001.wal',
      'syncData wal/00000001.wal',
      'write wal/00000001.end',
    ]);
  });

  it('does not ask for the status of the log: the sync would take twice as long', async () => {
    await put(engine, 'k', 'v');
    const from = fileSystem.calls.length;
    for (let i = 0; i < 50; i++) await put(engine, 'k', 'v');
    const asked = fileSystem.calls.slice(from).filter(({ name }) => name === 'size');
    expect(asked).toHaveLength(0);
  });

  it('of many at once is the same', async () => {
    const writes = () => Promise.all(Array.from({ length: 50 }, () => put(engine, 'k', 'v')));
    expect(await changes(writes)).toEqual([
      'write wal/00000001.wal',
      'syncDataAsync wal/00000001.wal',
      'write wal/00000001.end',
    ]);
  });

  it('in mode process has no sync', async () => {
    const own = await openEngine(directory, { fileSystem }, { durability: 'process' });
    expect(await changes(() => put(own, 'k', 'v'))).toEqual([
      'write wal/00000001.wal',
      'write wal/00000001.end',
    ]);
    await own.close();
  });

  it('that is refused, and a read, change nothing', async () => {
    const refused = async () => {
      await expect(put(engine, 'k', 'v', { ifSeq: 'none' })).rejects.toThrow('ifSeq');
      engine.find(Buffer.from('k'), undefined);
      engine.stats();
    };
    expect(await changes(refused)).toEqual([]);
  });
});

describe('the first write of all', () => {
  it('syncs files, directories and parents before the catalog says that there is a store', async () => {
    mkdirSync(join(directory, '..', '..'), { recursive: true });
    // Those that were there as well: whoever has made them may not have synced their names.
    const depth = directory.split('/').length - 1;
    const parents = Array.from({ length: depth }, (_, above) =>
      Array(above + 1)
        .fill('..')
        .join('/'),
    );
    expect(await changes(() => put(engine, 'k', 'v'))).toEqual([
      'create wal/00000001.wal',
      'write wal/00000001.wal',
      'syncData wal/00000001.wal',
      'create wal/00000001.end',
      'write wal/00000001.end',
      'syncData wal/00000001.end',
      'syncDirectory wal',
      'syncDirectory',
      ...parents.map((path) => `syncDirectory ${path}`),
      commit,
      'syncDirectory',
      'write wal/00000001.wal',
      'syncData wal/00000001.wal',
      'write wal/00000001.end',
    ]);
  });
});

describe('a flush', () => {
  it('comes after the rotation, and commits a segment that is synced', async () => {
    await put(engine, 'k', 'v');
    const all = await changes(() => engine.checkpoint());
    const rotation = all.slice(0, 11);
    expect(rotation.slice(-4)).toEqual([
      'write wal/00000001.wal',
      'syncData wal/00000001.wal',
      'write wal/00000001.end',
      'truncate wal/00000001.wal',
    ]);
    const flush = all.slice(11);
    const steps = flush.filter((line, index) => line !== flush[index - 1]);
    expect(steps).toEqual([
      'create segments/*.seg',
      'write segments/*.seg',
      expect.stringMatching(/^syncData(Async)? segments\/\*\.seg$/),
      'syncDirectory segments',
      commit,
    ]);
  });
});

describe('a merge', () => {
  it('removes its inputs, and kept logs, only when that is committed', async () => {
    for (const key of ['a', 'b', 'c']) {
      await put(engine, key, key);
      await engine.checkpoint();
    }
    const all = await changes(() => engine.compact({ full: true, isDeflated: true }));
    const steps = all.filter((line, index) => line !== all[index - 1]);
    expect(steps).toEqual([
      'create segments/*.seg',
      'write segments/*.seg',
      expect.stringMatching(/^syncData(Async)? segments\/\*\.seg$/),
      'syncDirectory segments',
      commit,
      'removeAsync segments/*.seg',
      // Nor what is kept of the log for watchers.
      commit,
      ...[1, 2, 3].flatMap((n) => [`remove wal/0000000${n}.wal`, `remove wal/0000000${n}.end`]),
    ]);
    expect(all.filter((line) => line.startsWith('removeAsync segments'))).toHaveLength(3);
  });
});

describe('after a restart of the system', () => {
  it('opening goes on in a new file, once', async () => {
    await put(engine, 'k', 'v');
    const bootId = 'ab'.repeat(16);
    const open = async () => (await openEngine(directory, { fileSystem, bootId })).close();
    const first = await changes(open);
    expect(first.slice(0, 7)).toEqual([
      'create wal/00000002.wal',
      'write wal/00000002.wal',
      'syncData wal/00000002.wal',
      'create wal/00000002.end',
      'write wal/00000002.end',
      'syncData wal/00000002.end',
      'syncDirectory wal',
    ]);
    expect(await changes(open)).toEqual([]);
  });
});
