/** Flush and merge beside writers, and beside another process that is at the same. */
import { closeSync, openSync, readdirSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { MiB, walSealedLimit } from '../../src/base/limits.js';
import { KernelLock } from '../../src/catalog/lock.js';
import { maintenanceLockPath, segmentDirectory, walDirectory } from '../../src/disk/names.js';
import type { DiskEngine } from '../../src/engine/disk-engine.js';
import { fillLog, get, openEngine, put } from '../support/engines.js';
import { expectRefusal } from '../support/expect-refusal.js';
import { temporaryDirectory } from '../support/temporary-directory.js';

/** Two of them fill a log. */
const value = 'x'.repeat(3 * MiB);

const segmentsIn = (directory: string): string[] => readdirSync(segmentDirectory(directory));

/** Two segments that take many slices to merge. */
async function twoSegments(directory: string): Promise<DiskEngine> {
  const engine = await openEngine(directory, {}, { durability: 'process' });
  for (const part of ['a', 'b']) {
    for (let batch = 0; batch < 40; batch++) {
      const keys = Array.from({ length: 500 }, (_, key) => `${part}${batch}/${key}`);
      await Promise.all(keys.map((key) => put(engine, key, key)));
    }
    await engine.checkpoint();
  }
  return engine;
}

/** Waits until the merge writes a file that is not listed yet; answers its name. */
async function newSegment(directory: string, known: readonly string[]): Promise<string> {
  for (;;) {
    const name = segmentsIn(directory).find((each) => !known.includes(each));
    if (name !== undefined) return name;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

describe('a merge', () => {
  it('lets writers go on, however many logs they fill meanwhile', async () => {
    const directory = join(temporaryDirectory(), 'store');
    const engine = await twoSegments(directory);
    const before = segmentsIn(directory);
    const ended: string[] = [];
    const merge = engine.compact({ full: true, isDeflated: true }).then(() => ended.push('merge'));
    await newSegment(directory, before);
    for (let log = 0; log < 6; log++) await fillLog(engine, `log ${log} `);
    ended.push('writes');
    expect(engine.stats().waiting.flushes).toBeLessThan(5);
    await merge;
    expect(ended).toEqual(['writes', 'merge']);
    expect(get(engine, 'log 0 0')).toHaveLength(256 * 1024);
    expect(get(engine, 'b39/499')).toBe('b39/499');
    await engine.close();
  });

  it('tells how far it is', async () => {
    const engine = await twoSegments(join(temporaryDirectory(), 'store'));
    const told: number[] = [];
    const onProgress = (merged: number, of: number): void => {
      expect(of).toBe(40_000);
      told.push(merged);
    };
    await engine.compact({ full: true, isDeflated: true, onProgress });
    await engine.close();
    expect(told.length).toBeGreaterThan(1);
    expect(told).toEqual([...told].sort((a, b) => a - b));
    expect(told.at(-1)).toBeLessThanOrEqual(40_000);
  });

  it('gives up and changes nothing if whoever is told throws', async () => {
    const directory = join(temporaryDirectory(), 'store');
    const engine = await twoSegments(directory);
    const before = segmentsIn(directory);
    const tell = (): void => {
      throw new Error('enough');
    };
    await expect(
      engine.compact({ full: true, isDeflated: true, onProgress: tell }),
    ).rejects.toThrow('enough');
    expect(segmentsIn(directory)).toEqual(before);
    await engine.compact({ full: true, isDeflated: true });
    expect(segmentsIn(directory)).toHaveLength(1);
    expect(get(engine, 'b39/499')).toBe('b39/499');
    await engine.close();
  });

  it('gives up and changes nothing if its output was swept away', async () => {
    const directory = join(temporaryDirectory(), 'store');
    const engine = await twoSegments(directory);
    const before = segmentsIn(directory);
    const merge = engine.compact({ full: true, isDeflated: true });
    // What another process does that thinks the maintenance lock is free.
    rmSync(join(segmentDirectory(directory), await newSegment(directory, before)));
    await expectRefusal('ERR_TIMEKV_BUSY', () => merge);
    expect(segmentsIn(directory)).toEqual(before);
    expect(get(engine, 'a0/0')).toBe('a0/0');
    await engine.compact({ full: true, isDeflated: true });
    expect(segmentsIn(directory)).toHaveLength(1);
    expect(get(engine, 'b39/499')).toBe('b39/499');
    await engine.close();
  });
});

it('a log that cannot be flushed keeps nobody from writing', async () => {
  const directory = join(temporaryDirectory(), 'store');
  const engine = await openEngine(directory, {}, { durability: 'process' });
  await put(engine, 'k', 'v');
  const lock = KernelLock.open(maintenanceLockPath(directory), 100);
  expect(lock.tryAcquire()).toBe(true);
  await fillLog(engine, 'damaged ');
  const logs = readdirSync(walDirectory(directory)).filter((each) => each.endsWith('.wal'));
  const [name] = logs.sort();
  const file = openSync(join(walDirectory(directory), name!), 'r+');
  writeSync(file, 'damage', 100_000);
  closeSync(file);
  lock.close();
  for (let log = 0; log < 10; log++) await fillLog(engine, `log ${log} `);
  expect(engine.stats().waiting.flushes).toBeGreaterThan(4);
  await expectRefusal('ERR_TIMEKV_DAMAGED', () => engine.checkpoint());
  await engine.close();
});

describe('another process that has merged meanwhile', () => {
  it('leaves nothing to do, and is no reason to fail', async () => {
    const directory = join(temporaryDirectory(), 'store');
    const [one, other] = [await openEngine(directory), await openEngine(directory)];
    for (const key of ['a', 'b']) {
      await put(one, key, key);
      await one.checkpoint();
    }
    await other.compact({ full: true, isDeflated: true }); // What has been swept once is not looked at again.
    await put(one, 'c', 'c');
    await one.checkpoint();
    other.refresh();
    await one.compact({ full: true, isDeflated: true });
    await other.compact({ full: true, isDeflated: true });
    expect(segmentsIn(directory)).toHaveLength(1);
    expect(get(other, 'a')).toBe('a');
    await one.close();
    await other.close();
  });
});

describe('another process that keeps the maintenance lock', () => {
  it('is waited for once the logs have become far too many, and named', async () => {
    const directory = join(temporaryDirectory(), 'store');
    const options = { durability: 'process', busyTimeoutMs: 100 } as const;
    const engine = await openEngine(directory, {}, options);
    await put(engine, 'k', 'v');
    const lock = KernelLock.open(maintenanceLockPath(directory), 100);
    expect(lock.tryAcquire()).toBe(true);
    const refusal = await expectRefusal('ERR_TIMEKV_BUSY', async () => {
      for (let log = 1; log <= 2 * walSealedLimit; log++) await fillLog(engine, `log ${log} `);
    });
    expect(refusal.message).toContain(`process ${process.pid}`);
    expect(engine.stats().waiting.flushes).toBe(walSealedLimit);
    expect(get(engine, 'k')).toBe('v');
    lock.close();
    await put(engine, 'k', 'w');
    expect(engine.stats().waiting.flushes).toBe(0);
    await engine.close();
  });
});

describe('a writer that is quicker than the flushes of its process', () => {
  it.each([
    { memoryMiB: 32, logs: 4 },
    { memoryMiB: 128, logs: 10 },
    { memoryMiB: 1024, logs: walSealedLimit },
  ])('with $memoryMiB MiB waits when $logs logs do', async ({ memoryMiB, logs }) => {
    const directory = join(temporaryDirectory(), 'store');
    let isAllowed = (): void => undefined;
    const allowed = new Promise<undefined>((resolve) => {
      isAllowed = () => {
        resolve(undefined);
      };
    });
    // A thread that makes nothing for a while, and then leaves it to this one.
    const build = () => allowed;
    const makeBuilder = () => ({ start: () => undefined, build, close: () => undefined });
    const options = { durability: 'process', memoryBytes: memoryMiB * MiB } as const;
    const engine = await openEngine(directory, { makeBuilder }, options);
    let written = 0;
    const writing = (async () => {
      for (; written < 2 * walSealedLimit; written++) await put(engine, `k${written}`, value);
    })();
    while (engine.stats().waiting.flushes < logs) await new Promise(setImmediate);
    const before = written;
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(engine.stats().waiting.flushes).toBe(logs);
    expect(written).toBe(before);
    isAllowed();
    await writing;
    expect(get(engine, 'k0')).toBe(value);
    await engine.close();
  });
});
