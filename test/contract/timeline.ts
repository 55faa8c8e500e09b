/** One key's history as a collection. */
import { describe, expect, test } from 'vitest';
import { expectRefusal } from '../support/expect-refusal.js';
import { ManualClock } from '../support/manual-clock.js';
import type { Subject, Suite } from '../support/subject.js';

const timesOf = (rows: Iterable<{ timestamp: number }>): number[] =>
  Array.from(rows, ({ timestamp }) => timestamp);

/** Values at 10, 30 and 50; at 20 a tombstone, at 40 a value that a tombstone has replaced. */
async function fill(store: Subject<string>): Promise<void> {
  for (const time of [30, 10, 50, 40]) await store.set('k', `${time}`, time);
  await store.delete('k', 20);
  await store.delete('k', 40);
  await store.set('j', 'before', 25);
  await store.set('l', 'after', 25);
}

const thirty = { key: 'k', timestamp: 30, value: '30', seq: 1, state: 'value' };

export const timeline: Suite = (makeStore) => {
  if (makeStore.kind === 'model') return;

  describe('timeline', () => {
    test('holds the values of its key, and no tombstones', async () => {
      const store = await makeStore();
      await fill(store);
      const line = store.timeline('k');
      expect(line.key).toBe('k');
      expect([...line.all()][1]).toEqual(thirty);
      expect(timesOf(line.all())).toEqual([10, 30, 50]);
      expect([...line.timestamps()]).toEqual([10, 30, 50]);
      expect(line.size).toBe(3);
      expect(line.isEmpty).toBe(false);
    });

    test('of a key without a history is empty', async () => {
      const store = await makeStore();
      const line = store.timeline('k');
      expect([line.size, line.isEmpty, [...line.all()], [...line.timestamps()]]).toEqual([
        0,
        true,
        [],
        [],
      ]);
      for (const none of [line.earliest(), line.latest(), line.at(1), line.asOf(1)])
        expect(none).toBeUndefined();
      expect(await line.remove(1)).toBe(false);
      expect(await line.clear()).toBe(0);
      await store.delete('k', 10);
      expect(store.timeline('k').isEmpty).toBe(true);
      expect(store.timeline('k').latest()).toBeUndefined();
    });

    test.each([
      [10, 50, [10, 30, 50]],
      [30, 30, [30]],
      [11, 49, [30]],
      [15, 25, []],
      [35, 45, []],
      [50, 10, []],
    ])('from %i to %i', async (from, to, times) => {
      const store = await makeStore();
      await fill(store);
      expect(timesOf(store.timeline('k').range(from, to))).toEqual(times);
    });

    test('of the time up to now', async () => {
      const store = await makeStore({ clock: new ManualClock(49) });
      await fill(store);
      const line = store.timeline('k');
      expect(timesOf(line.last(19))).toEqual([30]);
      expect(timesOf(line.last(18))).toEqual([]);
      expect(timesOf(line.last(0))).toEqual([]);
      expect(timesOf(line.last(Number.MAX_SAFE_INTEGER))).toEqual([10, 30]);
    });

    test('tells one version: exact, as of a time, the first and the last', async () => {
      const store = await makeStore();
      await fill(store);
      const line = store.timeline('k');
      expect(line.at(30)).toEqual(thirty);
      for (const none of [20, 29, 31, 40]) expect(line.at(none)).toBeUndefined();
      expect(line.asOf(35)).toEqual(thirty);
      expect(line.asOf(25)).toBeUndefined();
      expect(line.earliest()?.timestamp).toBe(10);
      expect(line.latest()?.timestamp).toBe(50);
      await store.delete('k', 60);
      expect(store.timeline('k').latest()?.value).toBe('50');
    });

    test('goes past many tombstones, and many values', async () => {
      const store = await makeStore();
      const operations = Array.from({ length: 600 }, (_, at) =>
        at % 5 === 0
          ? { type: 'set' as const, key: 'k', value: `${at}`, at }
          : { type: 'delete' as const, key: 'k', at },
      );
      await store.batch(operations);
      const line = store.timeline('k');
      expect(line.size).toBe(120);
      expect(timesOf(line.all())).toEqual(Array.from({ length: 120 }, (_, at) => 5 * at));
      expect(line.latest()?.timestamp).toBe(595);
    });

    test('shows what was written last at a time, whatever was there', async () => {
      const store = await makeStore();
      await store.delete('k', 10);
      await store.set('k', 'a', 10);
      await store.set('k', 'b', 20);
      await store.delete('k', 20);
      await store.set('k', 'c', 20);
      await store.delete('k', 20);
      await store.set('k', 'd', 30);
      expect(Array.from(store.timeline('k').all(), ({ value }) => value)).toEqual(['a', 'd']);
      expect([...store.timeline('k').timestamps()]).toEqual([10, 30]);
    });

    test('what has expired is there until it is taken out', async () => {
      const clock = new ManualClock(0);
      const store = await makeStore({ clock });
      await store.set('k', 'v', 10, { ttl: 5 });
      clock.time = 100;
      expect(store.timeline('k').at(10)).toMatchObject({ value: 'v', expiresAt: 15 });
      expect(store.timeline('k').asOf(20)).toBeUndefined();
      await store.expire();
      expect(store.timeline('k').at(10)).toBeUndefined();
      expect(store.timeline('k').isEmpty).toBe(true);
    });

    test('add refuses a time that is taken', async () => {
      const store = await makeStore();
      expect(await store.timeline('k').add(10, 'v')).toBe(10);
      await expectRefusal('ERR_TIMEKV_CONFLICT', () => store.timeline('k').add(10, 'w'));
      await store.delete('k', 20);
      await expectRefusal('ERR_TIMEKV_CONFLICT', () => store.timeline('k').add(20, 'w'));
      expect(store.get('k', 15)).toBe('v');
    });

    test('addUnique takes the next free time, but no later one than told', async () => {
      const store = await makeStore();
      const add = (maxOffset?: number) => store.timeline('k').addUnique(10, 'v', maxOffset);
      expect([await add(), await add(), await add(2)]).toEqual([10, 11, 12]);
      await expectRefusal('ERR_TIMEKV_CONFLICT', () => add(2));
      await expectRefusal('ERR_TIMEKV_INVALID_ARGUMENT', () => add(-1));
      expect(store.timeline('k').size).toBe(3);
    });

    test('remove and clear erase', async () => {
      const store = await makeStore();
      await fill(store);
      expect(await store.timeline('k').remove(30)).toBe(true);
      expect(await store.timeline('k').remove(30)).toBe(false);
      expect(timesOf(store.history('k'))).toEqual([10, 20, 40, 50]);
      expect(await store.timeline('k').clear()).toBe(4);
      expect([...store.history('k')]).toEqual([]);
      expect(store.get('j', 25)).toBe('before');
    });

    test('takes Dates, and values of any codec', async () => {
      const store = await makeStore<unknown>({ codec: 'json' });
      const line = store.timeline('k');
      await line.add(new Date(5), { a: 1 });
      expect(line.at(new Date(5))).toMatchObject({ timestamp: 5000, value: { a: 1 } });
      expect(timesOf(line.range(new Date(4), new Date(6)))).toEqual([5000]);
    });

    test('begins where retention has left it', async () => {
      const store = await makeStore({ clock: new ManualClock(100) });
      for (const time of [10, 20, 30, 40]) await store.set('k', `${time}`, time);
      await store.compact({ keepVersions: 2 });
      const line = store.timeline('k');
      expect(timesOf(line.all())).toEqual([30, 40]);
      expect(line.earliest()?.timestamp).toBe(30);
      await expectRefusal('ERR_TIMEKV_HISTORY_TRUNCATED', () => [...line.range(20, 40)]);
      await expectRefusal('ERR_TIMEKV_HISTORY_TRUNCATED', () => line.at(20));
    });

    test('refuses what is no key, no time, no duration', async () => {
      const store = await makeStore();
      await expectRefusal('ERR_TIMEKV_INVALID_ARGUMENT', () => store.timeline(''));
      const line = store.timeline('k');
      await expectRefusal('ERR_TIMEKV_INVALID_ARGUMENT', () => line.range(0.5, 1));
      await expectRefusal('ERR_TIMEKV_INVALID_ARGUMENT', () => line.at(NaN));
      for (const duration of [-1, 0.5, NaN]) {
        await expectRefusal('ERR_TIMEKV_INVALID_ARGUMENT', () => line.last(duration));
      }
      await expectRefusal('ERR_TIMEKV_INVALID_ARGUMENT', () => line.wait({ timeout: -1 }));
    });
  });

  // Where every write reopens the store, waits end.
  if (makeStore.reopens || !makeStore.keepsLog) return;

  describe('timeline, waiting', () => {
    test('until a value is committed, at whatever time', async () => {
      const store = await makeStore();
      await store.set('k', 'before', 10);
      const waiting = store.timeline('k').wait({ timeout: 5000 });
      await store.set('other', 'v', 20);
      await store.delete('k', 20);
      await store.erase('k', 10);
      let isOver = false;
      void waiting.then(() => (isOver = true));
      await new Promise((resolve) => setTimeout(resolve, 20));
      expect(isOver).toBe(false);
      await store.set('k', 'v', 5);
      expect(await waiting).toBe(true);
    });

    test('for so long', async () => {
      const store = await makeStore();
      expect(await store.timeline('k').wait({ timeout: 0 })).toBe(false);
      expect(await store.timeline('k').wait({ timeout: 30 })).toBe(false);
    });

    test('until told to leave it, or closed', async () => {
      const store = await makeStore();
      const reason = new Error('enough');
      const stop = new AbortController();
      const waiting = store.timeline('k').wait({ signal: stop.signal });
      stop.abort(reason);
      await expect(waiting).rejects.toBe(reason);
      await expect(store.timeline('k').wait({ signal: AbortSignal.abort(reason) })).rejects.toBe(
        reason,
      );
      const left = expectRefusal('ERR_TIMEKV_CLOSED', () => store.timeline('k').wait());
      await store.close();
      await left;
    });
  });
};
