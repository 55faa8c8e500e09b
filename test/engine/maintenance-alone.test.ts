/** Maintenance that nobody asks for: of processes that end at once, and of those that live on. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { smallFanIn } from '../../src/base/limits.js';
import { KernelLock } from '../../src/catalog/lock.js';
import { maintenanceLockPath, segmentDirectory } from '../../src/disk/names.js';
import type { DiskEngine } from '../../src/engine/disk-engine.js';
import { fillLog, get, openEngine, put } from '../support/engines.js';
import { temporaryDirectory } from '../support/temporary-directory.js';

const newDirectory = (): string => join(temporaryDirectory(), 'store');
const segmentsIn = (directory: string): string[] => readdirSync(segmentDirectory(directory));
const options = { durability: 'process' } as const;

/** As many small segments as are merged, which nobody has had the time for. */
async function withMergeDue(): Promise<string> {
  const directory = newDirectory();
  const engine = await openEngine(directory, {}, options);
  for (let each = 0; each < smallFanIn; each++) {
    await put(engine, `key ${each}`, 'value');
    await engine.checkpoint();
  }
  const lock = KernelLock.open(maintenanceLockPath(directory), 100);
  expect(lock.tryAcquire()).toBe(true);
  await engine.close();
  lock.close();
  expect(segmentsIn(directory)).toHaveLength(smallFanIn);
  return directory;
}

/** What a command is to a store. */
async function asCommand(directory: string, work: (engine: DiskEngine) => Promise<unknown>) {
  const engine = await openEngine(directory, {}, options);
  await work(engine);
  await engine.close();
}

/** Waits until so many segments are left; the time that a test may take ends it otherwise. */
async function untilSegments(directory: string, count: number): Promise<void> {
  while (segmentsIn(directory).length !== count) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

describe('commands that end at once', () => {
  it('keep the segments few, however many logs they fill', async () => {
    const directory = newDirectory();
    let most = 0;
    for (let each = 0; each < 50; each++) {
      await asCommand(directory, (engine) => fillLog(engine, `log ${each} `));
      most = Math.max(most, segmentsIn(directory).length);
    }
    expect(most).toBeLessThan(30);
    await asCommand(directory, (engine) => {
      expect(get(engine, 'log 0 0')).toHaveLength(256 * 1024);
      expect(engine.stats().waiting.flushes).toBe(0);
      return Promise.resolve();
    });
  });

  it('merge nothing if they write little, or nothing', async () => {
    const directory = await withMergeDue();
    await asCommand(directory, (engine) => put(engine, 'little', 'x'));
    await asCommand(directory, (engine) => {
      expect(get(engine, 'little')).toBe('x');
      return Promise.resolve();
    });
    expect(segmentsIn(directory)).toHaveLength(smallFanIn);
  });
});

describe('a process that lives on', () => {
  it('merges what was due when it opened the store', async () => {
    const directory = await withMergeDue();
    const engine = await openEngine(directory, {}, options);
    await untilSegments(directory, 1);
    expect(engine.stats().waiting).toEqual({ flushes: 0, merges: 0 });
    expect(get(engine, 'key 0')).toBe('value');
    await engine.close();
  });

  it('merges what becomes due by others, as it follows them', async () => {
    const directory = newDirectory();
    const engine = await openEngine(directory, {}, options);
    await put(engine, 'key', 'value');
    const stop = new AbortController();
    const follower = engine.follow(0, () => true);
    const following = (async () => {
      while (!stop.signal.aborted) {
        for (const _ of (await follower.next()) ?? []) continue;
        await follower.changed(1000, stop.signal).catch(() => undefined);
      }
    })();
    await asCommand(directory, async (other) => {
      for (let each = 0; each < smallFanIn; each++) {
        await put(other, `key ${each}`, 'value');
        await other.checkpoint();
      }
    });
    await untilSegments(directory, 1);
    expect(get(engine, 'key 0')).toBe('value');
    stop.abort();
    await following;
    follower.close();
    await engine.close();
  });

  it('writes nothing if it has the store open only to read', async () => {
    const directory = await withMergeDue();
    const reader = await openEngine(directory, {}, { readOnly: true });
    const other = await withMergeDue();
    const writer = await openEngine(other, {}, options);
    // The other one, which begins later, shows that there was time enough.
    await untilSegments(other, 1);
    expect(reader.stats().waiting).toEqual({ flushes: 0, merges: 1 });
    expect(segmentsIn(directory)).toHaveLength(smallFanIn);
    await reader.close();
    await writer.close();
  });
});
