/** Many that wait at once: for all of them one file is followed, and one timer is set. */
import { readdirSync } from 'node:fs';
import { describe, expect, it, onTestFinished } from 'vitest';
import { open, type Store } from '../../src/index.js';
import { openWith } from '../../src/open.js';
import { countingFileSystem } from '../support/counting-file-system.js';
import { ManualClock } from '../support/manual-clock.js';
import { temporaryDirectory } from '../support/temporary-directory.js';

const many = 2000;
const never = 2 ** 50;
const keys = Array.from({ length: many }, (_, number) => `key ${number}`);
const openFiles = (): number => readdirSync('/proc/self/fd').length;
const pause = (milliseconds: number) =>
  new Promise((resolve) => {
    setTimeout(resolve, milliseconds);
  });

async function stores(): Promise<[waiting: Store, writing: Store]> {
  const directory = temporaryDirectory();
  const options = { clock: new ManualClock(100), durability: 'process' as const };
  const writing = await open(directory, options);
  await writing.set('first', 'v');
  const waiting = await open(directory, options);
  onTestFinished(async () => {
    await waiting.close();
    await writing.close();
  });
  return [waiting, writing];
}

describe('two thousand that wait', () => {
  it('are each answered by their own key, and leave no file open', async () => {
    const [waiting, writing] = await stores();
    expect(await waiting.when('first', 1)).toBeUndefined();
    const before = openFiles();
    const answers = keys.map((key) => waiting.when(key, never));
    await pause(20);
    expect(openFiles() - before).toBeLessThan(10);
    await writing.load(keys.map((key, number) => ({ key, value: `v${number}`, at: 1000 })));
    expect(await Promise.all(answers)).toEqual(keys.map((_, number) => `v${number}`));
    await pause(20);
    expect(openFiles() - before).toBeLessThan(10);
  });

  it('look no more often than one', async () => {
    const counts: number[] = [];
    for (const count of [1, many]) {
      const directory = temporaryDirectory();
      const clock = new ManualClock(100);
      const fileSystem = countingFileSystem(directory);
      const store = await openWith(directory, { clock, durability: 'process' }, { fileSystem });
      await store.set('first', 'v');
      const stop = new AbortController();
      const { signal } = stop;
      const waits = keys.slice(0, count).map((key) => store.when(key, never, { signal }));
      const settled = Promise.allSettled(waits);
      await pause(50);
      fileSystem.operations.length = 0;
      await pause(1500);
      counts.push(fileSystem.operations.length);
      stop.abort();
      await settled;
      await store.close();
    }
    const [one = 0, all = Infinity] = counts;
    expect(one).toBeGreaterThan(0);
    expect(all).toBeLessThanOrEqual(one + 10);
  });

  it('end one by one, as each is due', async () => {
    const store = await open(':memory:', { clock: new ManualClock(100) });
    const waits = keys.map((key, number) => store.when(key, never, { timeout: number % 40 }));
    const settled = await Promise.allSettled(waits);
    expect(settled.every(({ status }) => status === 'rejected')).toBe(true);
    await store.close();
  });
});

describe('one that waits', () => {
  it('is not ended by what others, who came before it, have waited for', async () => {
    const [waiting, writing] = await stores();
    const other = waiting.when('k', 200);
    await writing.set('k', 'planned', 300);
    waiting.refresh();
    const late = waiting.when('k', 400);
    await writing.set('k', 'v', 150);
    expect(await other).toBe('v');
    expect(await late).toBe('planned');
  });

  it('leaves the others waiting when it is told to go', async () => {
    const [waiting, writing] = await stores();
    const stop = new AbortController();
    const reason = new Error('enough');
    const left = waiting.when('k', never, { signal: stop.signal });
    const other = waiting.when('k', never);
    stop.abort(reason);
    await expect(left).rejects.toBe(reason);
    await writing.set('k', 'v', 1000);
    expect(await other).toBe('v');
    // And whoever comes after all have gone is served as well.
    const next = waiting.when('k', never);
    await writing.set('k', 'w', 2000);
    expect(await next).toBe('w');
  });

  it('wakes for its own time though others wait for longer', async () => {
    const store = await open(':memory:');
    const stop = new AbortController();
    const long = store.when('k', store.now() + 3_600_000_000, { signal: stop.signal });
    const settled = Promise.allSettled([long]);
    await pause(20);
    const startedAt = performance.now();
    expect(await store.when('k', store.now() + 30_000)).toBeUndefined();
    expect(performance.now() - startedAt).toBeLessThan(5000);
    stop.abort();
    await settled;
    await store.close();
  });
});
