/** Following committed operations through the files of the log. */
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { KiB, MiB, walKeptBytes, watchPollBlindMs, watchPollMs } from '../../src/base/limits.js';
import { watchDirectory, type WatchDirectory } from '../../src/disk/changes.js';
import { nodeFileSystem } from '../../src/disk/file-system.js';
import { createStore } from '../../src/engine/create.js';
import type { DiskEngine } from '../../src/engine/disk-engine.js';
import type { Follower, Wanted } from '../../src/engine/engine.js';
import { systemEnvironment } from '../../src/engine/environment.js';
import { flip } from '../support/damaged-files.js';
import { fillLog, openEngine, put } from '../support/engines.js';
import { expectRefusal } from '../support/expect-refusal.js';
import { faultyFileSystem } from '../support/faulty-file-system.js';
import { temporaryDirectory } from '../support/temporary-directory.js';

const directories: string[] = [];
const engines: DiskEngine[] = [];
const never = new AbortController().signal;
const all: Wanted = () => true;

function newDirectory(): string {
  const directory = join(temporaryDirectory(), 'store');
  directories.push(directory);
  return directory;
}

async function opened(...args: Parameters<typeof openEngine>): Promise<DiskEngine> {
  const engine = await openEngine(...args);
  engines.push(engine);
  return engine;
}

afterEach(async () => {
  vi.useRealTimers();
  for (const engine of engines.splice(0)) await engine.close();
});

/** What is committed behind the follower's place, as seqs. */
async function rest(follower: Follower): Promise<number[]> {
  const seqs: number[] = [];
  for (let found = await follower.next(); found !== undefined; found = await follower.next()) {
    for (const { seq } of found) seqs.push(seq);
  }
  return seqs;
}

const from = (first: number, last: number) =>
  Array.from({ length: last - first + 1 }, (_, i) => first + i);

async function seqsSince(engine: DiskEngine, since: number): Promise<number[]> {
  const follower = engine.follow(since, all);
  try {
    return await rest(follower);
  } finally {
    follower.close();
  }
}

const walFiles = (directory: string) =>
  readdirSync(join(directory, 'wal'))
    .filter((file) => file.endsWith('.wal'))
    .toSorted()
    .map((file) => join('wal', file));

/** Twelve operations in five files of the log, of which one is live and the rest is kept. */
async function fill(engine: DiskEngine): Promise<void> {
  for (let each = 1; each <= 12; each++) {
    await put(engine, `k${each}`, 'v');
    if (each % 3 === 0) await engine.checkpoint();
  }
}

describe('where the log is in several files', () => {
  it('goes on behind any seq, whoever asks', async () => {
    const directory = newDirectory();
    const engine = await opened(directory);
    await fill(engine);
    await put(engine, 'live', 'v');
    const reader = await opened(directory, {}, { readOnly: true });
    expect(engine.stats().wal).toMatchObject({ files: 1, keptFiles: 4 });
    for (const each of [engine, reader]) {
      for (let since = 0; since <= 13; since++) {
        expect(await seqsSince(each, since)).toEqual(from(since + 1, 13));
      }
    }
  });

  it('waits for a seq of the future', async () => {
    const engine = await opened(newDirectory());
    await put(engine, 'k', 'v');
    const follower = engine.follow(3, all);
    for (let seq = 2; seq <= 5; seq++) {
      await put(engine, 'k', 'v');
      if (seq % 2 === 0) await engine.checkpoint();
      expect(await rest(follower)).toEqual(seq > 3 ? [seq] : []);
    }
    follower.close();
  });

  it('follows into files that are sealed, flushed and merged behind it', async () => {
    const directory = newDirectory();
    const [writer, engine] = [await opened(directory), await opened(directory)];
    const follower = engine.follow(0, all);
    const seen: number[] = [];
    for (let each = 1; each <= 40; each++) {
      await put(writer, `k${each}`, 'v');
      if (each % 4 === 0) await writer.checkpoint();
      if (each % 8 === 0) await writer.compact({ full: false, isDeflated: true });
      if (each % 5 === 0) seen.push(...(await rest(follower)));
    }
    expect(seen).toEqual(from(1, 40));
    follower.close();
  });

  it('is told of values as they were, though the file has gone', async () => {
    const engine = await opened(newDirectory());
    await put(engine, 'k', 'first');
    const follower = engine.follow(0, all);
    const found = [...((await follower.next()) ?? [])];
    await engine.compact({ full: true, isDeflated: true });
    await fillLog(engine, 'x');
    expect(found.map(({ key, value }) => `${key.toString()}=${value.toString()}`)).toEqual([
      'k=first',
    ]);
    follower.close();
  });
});

describe('once kept logs are given up', () => {
  it('who asks for them is refused, and told what can be asked for', async () => {
    const engine = await opened(newDirectory());
    await fill(engine);
    await engine.compact({ full: true, isDeflated: true });
    expect(engine.stats().wal).toMatchObject({ files: 1, keptFiles: 0, keptBytes: 0 });
    await put(engine, 'live', 'v');
    for (const since of [0, 5, 11]) {
      const refused = await expectRefusal('ERR_TIMEKV_HISTORY_TRUNCATED', () =>
        seqsSince(engine, since),
      );
      expect(refused.message).toMatch(/the oldest seq that can be asked for is 12$/);
    }
    expect(await seqsSince(engine, 12)).toEqual([13]);
  });

  it('who has the file open still reads it, and goes on if nothing is missing', async () => {
    const directory = newDirectory();
    const [writer, engine] = [await opened(directory), await opened(directory)];
    await put(writer, 'k', 'v');
    const follower = engine.follow(1, all);
    expect(await rest(follower)).toEqual([]);
    for (const seq of [2, 3]) {
      await put(writer, 'k', 'v');
      await writer.compact({ full: true, isDeflated: true });
      expect(await rest(follower)).toEqual([seq]);
    }
    follower.close();
  });

  it('who comes too late is refused rather than led over a gap', async () => {
    const directory = newDirectory();
    const [writer, engine] = [await opened(directory), await opened(directory)];
    await put(writer, 'k', 'v');
    const follower = engine.follow(0, all);
    expect(await rest(follower)).toEqual([1]);
    for (let each = 0; each < 3; each++) {
      await put(writer, 'k', 'v');
      await writer.compact({ full: true, isDeflated: true });
    }
    const refused = await expectRefusal('ERR_TIMEKV_HISTORY_TRUNCATED', () => rest(follower));
    expect(refused.message).toMatch(/after seq 2 .* is 4$/);
    follower.close();
  });

  it('their files have gone, and those that a crash has left go with the next sweep', async () => {
    const directory = newDirectory();
    const fileSystem = faultyFileSystem(directory);
    const engine = await openEngine(directory, { fileSystem });
    await fill(engine);
    fileSystem.failNth(1, ({ name, path }) => name === 'remove' && path.startsWith('wal'), 'EIO');
    await expectRefusal('ERR_TIMEKV_IO', () => engine.compact({ full: true, isDeflated: true }));
    expect(walFiles(directory)).toHaveLength(5);
    expect(engine.stats().wal.keptFiles).toBe(0);
    await put(engine, 'k', 'v');
    await engine.close();
    const next = await opened(directory);
    await next.checkpoint();
    expect(walFiles(directory)).toHaveLength(2);
    expect(await seqsSince(next, 12)).toEqual([13]);
  });
});

it('keeps at least the last 16 MiB of the log', async () => {
  const engine = await opened(newDirectory(), {}, { durability: 'process' });
  const value = 'x'.repeat(256 * KiB);
  const count = (2 * walKeptBytes) / value.length;
  for (let each = 0; each < count; each++) await put(engine, `k${each}`, value);
  await engine.checkpoint();
  const refused = await expectRefusal('ERR_TIMEKV_HISTORY_TRUNCATED', () => seqsSince(engine, 0));
  const oldest = Number(/is (\d+)$/.exec(refused.message)?.[1]);
  const seqs = await seqsSince(engine, oldest);
  expect(seqs).toEqual(from(oldest + 1, count));
  const bytes = seqs.length * value.length;
  expect(bytes).toBeGreaterThanOrEqual(walKeptBytes - MiB);
  expect(engine.stats().wal.keptBytes).toBeGreaterThanOrEqual(walKeptBytes);
  expect(bytes).toBeLessThan(walKeptBytes + 4 * MiB);
});

describe('what is not committed', () => {
  it('is not told, though it lies in the log', async () => {
    const directory = newDirectory();
    let release = () => {};
    const released = new Promise<void>((resolve) => (release = resolve));
    let isHeld = false;
    const fileSystem = {
      ...nodeFileSystem,
      syncDataAsync: async (file: number) => {
        if (isHeld) await released;
        await nodeFileSystem.syncDataAsync(file, 0);
      },
    };
    const writer = await opened(directory, { fileSystem });
    await put(writer, 'k', 'v');
    const engine = await opened(directory);
    const follower = engine.follow(0, all);
    expect(await rest(follower)).toEqual([1]);
    isHeld = true;
    // Two at once, since for one alone the sync is waited for without giving others a turn.
    const writes = [put(writer, 'k', 'w'), put(writer, 'k', 'x')];
    await follower.changed(100, never);
    for (const each of [follower, engine.follow(1, all)]) expect(await rest(each)).toEqual([]);
    release();
    await Promise.all(writes);
    expect(await rest(follower)).toEqual([2, 3]);
  });
});

describe('what is damaged', () => {
  it.each(['kept', 'live'])(
    'in a %s file is told by its place, and never passed over',
    async (which) => {
      const directory = newDirectory();
      const writer = await openEngine(directory);
      for (const key of ['a', 'b', 'c']) await put(writer, key, 'v');
      if (which === 'kept') await writer.checkpoint();
      await put(writer, 'd', 'v');
      await writer.close();
      const [file = ''] = walFiles(directory);
      const path = join(directory, file);
      // Of the second frame: the first one takes 104 bytes behind the header.
      flip(128 + 104 + 30)(path);
      const engine = await opened(directory, {}, { readOnly: true });
      const follower = engine.follow(0, all);
      const refused = await expectRefusal('ERR_TIMEKV_DAMAGED', () => rest(follower));
      expect(refused).toMatchObject({ file: path, offset: 128 + 104 });
      await expectRefusal('ERR_TIMEKV_DAMAGED', () => rest(follower));
    },
  );

  it('is a kept file whose header cannot be read, or that has gone', async () => {
    const directory = newDirectory();
    const engine = await opened(directory);
    await fill(engine);
    const [first = '', second = ''] = walFiles(directory).map((file) => join(directory, file));
    flip(50)(first);
    expect(await expectRefusal('ERR_TIMEKV_DAMAGED', () => seqsSince(engine, 1))).toMatchObject({
      file: first,
      offset: 0,
    });
    rmSync(second);
    expect(await expectRefusal('ERR_TIMEKV_DAMAGED', () => seqsSince(engine, 4))).toMatchObject({
      file: second,
    });
    expect(await seqsSince(engine, 6)).toEqual(from(7, 12));
  });
});

/** Counts how often the follower of an idle store wakes up and looks, in so many milliseconds. */
async function countLooks(watch: WatchDirectory, milliseconds: number): Promise<number> {
  const directory = newDirectory();
  const fileSystem = faultyFileSystem(directory);
  const engine = await opened(directory, { fileSystem, watchDirectory: watch });
  await put(engine, 'k', 'v');
  const follower = engine.follow(1, all);
  const over = new AbortController();
  let looks = 0;
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const following = (async () => {
    for (; !over.signal.aborted; looks += 1) {
      await follower.next();
      await follower.changed(Infinity, over.signal);
    }
  })();
  await vi.advanceTimersByTimeAsync(milliseconds);
  over.abort();
  await following;
  follower.close();
  vi.useRealTimers();
  return looks;
}

describe('an idle follower', () => {
  it('looks once a second where the system tells of changes', async () => {
    expect(await countLooks(watchDirectory, 10 * watchPollMs)).toBe(11);
  });

  it('looks more often where nobody tells it', async () => {
    expect(await countLooks(() => undefined, 10 * watchPollBlindMs)).toBe(11);
  });

  it('is woken by a commit before any time has passed', async () => {
    const directory = newDirectory();
    const writer = await opened(directory);
    await put(writer, 'k', 'v');
    const engine = await opened(directory);
    const follower = engine.follow(1, all);
    expect(await rest(follower)).toEqual([]);
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const woken = follower.changed(Infinity, never);
    await put(writer, 'k', 'w');
    await woken; // Only the system can have told it.
    expect(await rest(follower)).toEqual([2]);
    follower.close();
  });

  it('finds a store that another process makes', async () => {
    const directory = newDirectory();
    const engine = await opened(directory);
    const follower = engine.follow(0, all);
    expect(await rest(follower)).toEqual([]);
    const writer = await opened(directory);
    await put(writer, 'k', 'v');
    await follower.changed(Infinity, never);
    expect(await rest(follower)).toEqual([1]);
    follower.close();
  });
});

it('closes what it has opened: file and watcher', async () => {
  const directory = newDirectory();
  const fileSystem = faultyFileSystem(directory);
  await createStore(systemEnvironment(), directory, { unit: 'us', busyTimeoutMs: 100 });
  let watchers = 0;
  const counting: WatchDirectory = (path, changed) => {
    const close = watchDirectory(path, changed);
    watchers += 1;
    return () => {
      watchers -= 1;
      close?.();
    };
  };
  const engine = await opened(directory, { fileSystem, watchDirectory: counting });
  await fill(engine);
  const open = fileSystem.openFiles.size;
  const followers = [0, 5, 12].map((since) => engine.follow(since, all));
  for (const follower of followers) await rest(follower);
  expect([fileSystem.openFiles.size, watchers]).toEqual([open + 3, 3]);
  for (const follower of followers) follower.close();
  expect([fileSystem.openFiles.size, watchers]).toEqual([open, 0]);
});
