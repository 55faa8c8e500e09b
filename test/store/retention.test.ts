/** Retention where several have the store open, and what it leaves on the disk. */
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { restore, type Store } from '../../src/index.js';
import { expectRefusal } from '../support/expect-refusal.js';
import { ManualClock } from '../support/manual-clock.js';
import { openAs } from '../support/stores.js';
import { removeDirectory, temporaryDirectory } from '../support/temporary-directory.js';

const truncated = 'ERR_TIMEKV_HISTORY_TRUNCATED';
let directory: string;
let clock: ManualClock;
const opened: Store[] = [];

beforeEach(() => {
  directory = temporaryDirectory();
  clock = new ManualClock(0);
});
afterEach(async () => {
  for (const store of opened.splice(0)) await store.close();
  removeDirectory(directory);
});

async function open(of = directory, options: object = {}): Promise<Store> {
  const store = await openAs<string>(of, { clock, ...options });
  opened.push(store);
  return store;
}

async function fill(store: Store): Promise<void> {
  for (let at = 10; at <= 50; at += 10) await store.set('k', `at ${at}`, at);
  clock.time = 100;
  await store.set('other', 'x', 100);
}

const times = (store: Store, key = 'k') =>
  Array.from(store.history(key), ({ timestamp }) => timestamp);

describe('a writer that has had the store open before', () => {
  test.each(['with a log', 'with an empty log'])(
    'does not write before the horizon, %s',
    async (how) => {
      const one = await open();
      await fill(one);
      if (how === 'with an empty log') await one.snapshot();
      const other = await open();
      expect(other.get('k', 5)).toBeUndefined();
      await one.compact({ keepFor: 65 });
      await expectRefusal(truncated, () => other.set('k', 'late', 34));
      expect(await other.set('k', 'in time', 35)).toBe(35);
      await expectRefusal(truncated, () => other.get('k', 34));
      expect(times(one)).toEqual([35, 40, 50]);
    },
  );

  test.each([{ keepVersions: 2 }, { keepFor: 65 }])(
    'does not write before a mark: %o',
    async (how) => {
      const one = await open();
      await fill(one);
      const other = await open();
      expect(other.get('k', 5)).toBeUndefined();
      await one.compact(how);
      if ('keepFor' in how) await one.erase('k', 30);
      await expectRefusal(truncated, () => other.set('k', 'late', 39));
      await expectRefusal(truncated, () => other.batch([{ type: 'delete', key: 'k', at: 39 }]));
      await expectRefusal(truncated, () => other.load([{ key: 'k', value: 'v', at: 39 }]));
      await other.set('k', 'in time', 41);
      expect(times(one)).toEqual([40, 41, 50]);
    },
  );
});

test.each([{ keepVersions: 2 }, { keepFor: 65 }])(
  'a reader that has had the store open looks at what was let go at once, an empty log or not: %o',
  async (how) => {
    const one = await open();
    await fill(one);
    await one.compact({ keepVersions: 4 });
    const other = await open();
    expect(times(other)).toEqual([20, 30, 40, 50]);
    await one.compact(how);
    other.refresh();
    expect(times(other)).toEqual('keepFor' in how ? [30, 40, 50] : [40, 50]);
    await expectRefusal(truncated, () => other.get('k', 25));
  },
);

test('the horizon, marks and the policy outlive closing, flushes and merges, and verify finds no damage', async () => {
  const store = await open();
  await fill(store);
  await store.setRetention({ keepVersions: 2, keepFor: 10 });
  await store.compact();
  await store.compact({ keepFor: 80 });
  await store.close();
  const again = await open();
  expect(await again.retention()).toEqual({ keepVersions: 2, keepFor: 10, horizon: 20 });
  expect(times(again)).toEqual([40, 50]);
  expect(await again.verify()).toMatchObject({ damages: [] });
  await again.set('k', 'v', 60);
  await again.compact({ full: true });
  expect(times(again)).toEqual([50, 60]);
  expect(await again.verify()).toMatchObject({ damages: [] });
});

test('a merge of some segments lets nothing go of which a newer one may erase a part', async () => {
  const store = await open();
  await store.set('k', 'first', 10);
  await store.set('k', 'second', 20);
  await store.snapshot();
  await store.erase('k', 20);
  clock.time = 100;
  await store.set('other', 'x', 100);
  await store.compact({ keepFor: 70 });
  expect(store.get('k', 30)).toBe('first');
  expect(times(store)).toEqual([10]);
});

test('what is let go leaves the directory, and what a snapshot needs with the snapshot', async () => {
  const store = await open();
  for (let at = 1; at <= 3; at++) await store.set('k', 'x'.repeat(100_000), at);
  await store.snapshot('then');
  clock.time = 100;
  await store.set('k', 'y', 100);
  await store.compact({ full: true, keepFor: 50, compress: 'off' });
  const held = (await store.stats()).segments.bytes;
  expect(held).toBeGreaterThan(300_000);
  await expectRefusal(truncated, () => store.get('k', 3));
  await store.removeSnapshot('then');
  await store.compact({ compress: 'off' });
  expect((await store.stats()).segments.bytes).toBeLessThan(held - 200_000);
  expect(times(store)).toEqual([3, 100]);
});

test('a merge begins again for a snapshot that is taken meanwhile', async () => {
  const store = await open();
  const rows = Array.from({ length: 60_000 }, (_, at) => ({
    key: `k${at % 20_000}`,
    value: 'v',
    at,
  }));
  await store.load(rows);
  clock.time = 100_000;
  let isTaken = false;
  let starts = 0;
  let last = Infinity;
  const onProgress = (merged: number): void => {
    if (merged < last) starts++;
    last = merged;
    if (isTaken) return;
    isTaken = true;
    void store.snapshot('meanwhile');
  };
  await store.compact({ full: true, keepVersions: 1, onProgress });
  expect(starts).toBe(2);
  const then = await store.atSnapshot('meanwhile');
  expect([times(store, 'k1').length, times(then, 'k1').length]).toEqual([3, 3]);
  await then.close();
  await store.removeSnapshot('meanwhile');
  await store.compact({ keepVersions: 1 });
  expect(times(store, 'k1')).toHaveLength(1);
});

describe('by itself, as logs fill up,', () => {
  /** 30 rounds over 1,000 keys, each value of 1,000 bytes: 30 MB. */
  async function write(store: Store): Promise<void> {
    const value = 'x'.repeat(1000);
    for (let at = 1; at <= 30; at++) {
      const rows = Array.from({ length: 1000 }, (_, key) => ({ key: `key ${key}`, value, at }));
      await store.load(rows);
    }
    for (;;) {
      const { flushes, merges } = (await store.stats()).waiting;
      if (flushes + merges === 0) return;
      await pause();
    }
  }
  const pause = () => new Promise((resolve) => setTimeout(resolve, 20));
  const small = { unit: 'tick', memory: 8 * 1024 * 1024, durability: 'process' };

  test('a policy that counts versions keeps the store small', async () => {
    const store = await open(directory, small);
    await store.setRetention({ keepVersions: 2 });
    await write(store);
    await store.set('key 0', 'last', 31);
    await store.close();
    const again = await open(directory, small);
    const { entries } = await again.stats();
    expect(entries).toBeLessThan(20_000);
    expect(again.get('key 1', 30)).toHaveLength(1000);
    expect(times(again, 'key 0').at(-1)).toBe(31);
    await expectRefusal(truncated, () => again.get('key 1', 5));
    expect((await again.verify()).damages).toEqual([]);
  });

  test('one that counts time moves the horizon', async () => {
    const store = await open(directory, small);
    await store.setRetention({ keepFor: 8 });
    await write(store);
    await store.close();
    const again = await open(directory, small);
    const { horizon = 0 } = await again.retention();
    expect(horizon).toBeGreaterThan(15);
    expect(horizon).toBeLessThanOrEqual(22);
    expect((await again.stats()).entries).toBeLessThan(25_000);
    await expectRefusal(truncated, () => again.get('key 1', horizon - 1));
    expect(times(again, 'key 1')[0]).toBe(horizon);
  });
});

describe('a backup', () => {
  test('has the horizon and the marks of its moment; so has a store that is restored of it', async () => {
    const store = await open();
    await fill(store);
    await store.compact({ keepVersions: 3 });
    await store.compact({ keepFor: 75 });
    const backup = join(directory, 'backup');
    await store.backup(backup);
    await store.compact({ full: true, keepVersions: 1 });
    const kept = await open(backup);
    expect(times(kept)).toEqual([30, 40, 50]);
    await expectRefusal(truncated, () => kept.get('k', 29));
    await expectRefusal(truncated, () => kept.get('other', 24));
    const made = join(directory, 'made');
    await restore(backup, made);
    const restored = await open(made);
    expect(await restored.retention()).toEqual({ horizon: 25 });
    await expectRefusal(truncated, () => restored.set('k', 'v', 29));
    await expectRefusal(truncated, () => restored.set('new', 'v', 24));
    expect(times(restored)).toEqual([30, 40, 50]);
    // What was committed last is known to it too.
    clock.time = 10_000;
    await restored.compact({ keepFor: 50 });
    expect(await restored.retention()).toEqual({ horizon: 50 });
  });

  test('of a snapshot has those of the snapshot', async () => {
    const store = await open();
    await fill(store);
    await store.compact({ keepVersions: 3 });
    await store.snapshot('then');
    await store.set('k', 'at 60', 60);
    await store.compact({ keepFor: 45 });
    const backup = join(directory, 'backup');
    await store.backup(backup, 'then');
    const kept = await open(backup);
    expect(await kept.retention()).toEqual({});
    expect(times(kept)).toEqual([30, 40, 50]);
    await expectRefusal(truncated, () => kept.get('k', 29));
  });

  type Maintain = (store: Store) => Promise<unknown>;
  const between: [what: string, where: string | undefined, maintain: Maintain][] = [
    ['on disk', undefined, () => Promise.resolve()],
    ['on disk, with flushes', undefined, (store) => store.snapshot()],
    ['on disk, with merges', undefined, (store) => store.compact({ full: true })],
    ['in memory', ':memory:', () => Promise.resolve()],
  ];

  test.each(between)(
    'of a snapshot whose oldest version was erased since refuses what came before the next one: %s',
    async (_, where, maintain) => {
      const store = await open(where);
      await fill(store);
      await store.compact({ keepFor: 75 });
      await store.snapshot('then');
      await store.set('k', 'after', 60);
      await maintain(store);
      await store.erase('k', 20);
      await store.erase('other', 100);
      await maintain(store);
      const backup = join(directory, 'backup');
      await store.backup(backup, 'then');
      const there = await open(backup);
      expect(times(there)).toEqual([30, 40, 50]);
      await expectRefusal(truncated, () => there.get('k', 29));
      expect(there.get('k', 30)).toBe('at 30');
      expect((await there.verify()).damages).toEqual([]);
      const restored = join(directory, 'restored');
      await restore(backup, restored);
      const again = await open(restored);
      await expectRefusal(truncated, () => again.set('k', 'x', 29));
      await again.compact({ full: true });
      await expectRefusal(truncated, () => again.get('k', 29));
      expect(times(again)).toEqual([30, 40, 50]);
      expect(times(again, 'other')).toEqual([]);
    },
  );

  test.each(between)(
    'of a snapshot marks no earlier one in it that knew more, and every one that knew no more: %s',
    async (_, where, maintain) => {
      const store = await open(where);
      await fill(store);
      await store.snapshot('all');
      await maintain(store);
      await store.compact({ keepFor: 80 });
      expect(await store.retention()).toEqual({ horizon: 20 });
      await store.snapshot('first');
      await maintain(store);
      await store.set('k', 'at 20 again', 20);
      await store.snapshot('second');
      await maintain(store);
      await store.erase('k', 20);
      await maintain(store);
      const backup = join(directory, 'backup');
      await store.backup(backup, 'second');
      const restored = join(directory, 'restored');
      await restore(backup, restored);
      const again = await open(restored);
      await again.compact({ full: true });
      for (const one of [store, await open(backup), again]) {
        const all = await one.atSnapshot('all');
        expect(times(all)).toEqual([10, 30, 40, 50]);
        expect(all.get('k', 29)).toBe('at 10');
        for (const name of ['first', 'second']) {
          const marked = await one.atSnapshot(name);
          expect(times(marked)).toEqual([30, 40, 50]);
          await expectRefusal(truncated, () => marked.get('k', 29));
          await marked.close();
        }
        await all.close();
      }
    },
  );

  test.each([['on disk', undefined] as const, ['in memory', ':memory:'] as const])(
    'of a snapshot counts time up to when that was taken, and none where nothing was written: %s',
    async (_, where) => {
      const store = await open(where);
      clock.time = 50;
      await store.snapshot('empty');
      await store.set('k', 'v', 10);
      clock.time = 80;
      await store.snapshot('then');
      clock.time = 100;
      await store.set('k', 'w', 20);
      const horizons: unknown[] = [];
      for (const name of ['empty', 'then']) {
        await store.backup(join(directory, name), name);
        const made = join(directory, `made of ${name}`);
        await restore(join(directory, name), made);
        const restored = await open(made);
        await restored.compact({ keepFor: 5 });
        horizons.push(await restored.retention());
      }
      expect(horizons).toEqual([{}, { horizon: 75 }]);
    },
  );
});
