/** What was taken out stays so, whatever becomes of the files; who watches is told of it. */
import { describe, expect, test } from 'vitest';
import { first } from '../support/following.js';
import { rowsUntilRefused, stages } from '../support/histories.js';
import { ManualClock } from '../support/manual-clock.js';
import type { Subject, Suite } from '../support/subject.js';

/** Histories with values that expired, and reads of them that are refused. */
function shownIn(store: Subject<string>): unknown {
  const refused = Array.from({ length: 31 }, (_, at) =>
    rowsUntilRefused(store.scan({ at })).map((row) => (typeof row === 'string' ? row : row.value)),
  );
  return [refused, ...['a', 'b', 'c'].map((key) => [...store.history(key)])];
}

const timesOf = (versions: readonly { timestamp: number }[]): number[] =>
  versions.map(({ timestamp }) => timestamp);

export const expireLater: Suite = (makeStore) => {
  if (!makeStore.disturbs) throughFiles();
  if (makeStore.kind !== 'model' && !makeStore.reopens) whatHasBegun();
  if (makeStore.keepsLog) whatIsWatched();

  function throughFiles(): void {
    describe.each(stages)('expire after %s', (_, before) => {
      test.each(stages)('and before %s', async (_name, after) => {
        const clock = new ManualClock(12);
        const store = await makeStore({ clock });
        await store.set('a', 'one', 1, { expiresAt: 10 });
        await store.set('b', 'two', 2, { expiresAt: 11 });
        await before(store);
        await store.set('a', 'three', 3, { expiresAt: 12 });
        await store.set('b', 'replaced', 4, { expiresAt: 12 });
        await store.set('c', 'four', 4, { expiresAt: 13 });
        await before(store);
        await store.set('b', 'stays', 4);
        expect(timesOf(await store.expire({ limit: 2 }))).toEqual([1, 2]);
        const shown = shownIn(store);
        await after(store);
        expect(shownIn(store)).toEqual(shown);
        // Into the place of one that was taken out, and before it.
        await store.set('a', 'again', 1, { expiresAt: 10 });
        await store.set('c', 'late', 0, { expiresAt: 5 });
        await before(store);
        expect(timesOf(await store.expire({ limit: 2 }))).toEqual([0, 1]);
        await after(store);
        expect(timesOf(await store.expire())).toEqual([3]);
        await after(store);
        clock.time = 20;
        expect(timesOf(await store.expire())).toEqual([4]);
        await after(store);
        expect(await store.expire()).toEqual([]);
        const states = ['a', 'b', 'c'].map((key) => [...store.history(key)].map((v) => v.state));
        expect(states).toEqual([
          ['expired', 'expired'],
          ['expired', 'value'],
          ['expired', 'expired'],
        ]);
        expect(await store.erase('a', 'all')).toBe(2);
        await after(store);
        await store.set('a', 'new', 1, { expiresAt: 10 });
        await after(store);
        expect(timesOf(await store.expire())).toEqual([1]);
      });
    });
  }

  function whatHasBegun(): void {
    test('an iterator that has begun before an expire keeps its view', async () => {
      const store = await makeStore({ clock: new ManualClock(100) });
      const keys = Array.from({ length: 100 }, (_, index) => `key ${100 + index}`);
      await store.load(keys.map((key) => ({ key, value: key, at: 1, ttl: 5 })));
      const scan = store.scan({ at: 3 })[Symbol.iterator]();
      scan.next();
      expect(await store.expire()).toHaveLength(100);
      await store.compact({ full: true });
      const rest = [...{ [Symbol.iterator]: () => scan }].map(({ value }) => value);
      expect(rest).toEqual(keys.slice(1));
      expect(rowsUntilRefused(store.keys({ at: 3 }))).toEqual(['ERR_TIMEKV_HISTORY_TRUNCATED']);
    });

    test('expire together with other writes takes each out once', async () => {
      const store = await makeStore({ clock: new ManualClock(5000) });
      const rows = Array.from({ length: 900 }, (_, at) => ({ key: 'k', value: 'v', at, ttl: 5 }));
      await store.load(rows);
      const [one, , other] = await Promise.all([
        store.expire(),
        store.set('k', 'lasts', 1000),
        store.expire({ limit: 300 }),
      ]);
      const taken = timesOf([...one, ...other]).sort((a, b) => a - b);
      expect(taken).toEqual(rows.map(({ at }) => at));
      const states = Array.from(store.history('k'), ({ state }) => state);
      expect(states.filter((state) => state === 'expired')).toHaveLength(900);
    });
  }

  function whatIsWatched(): void {
    test('watch tells what was taken out since, in its place and without a value', async () => {
      const store = await makeStore({ clock: new ManualClock(100) });
      await store.set('a', 'short', 10, { ttl: 5 });
      await store.set('a', 'lasts', 20);
      await store.set('b', 'gone', 10, { ttl: 5 });
      await store.delete('c', 10);
      await store.expire();
      await store.erase('b', 10);
      const told = await first(store.watch({ since: 0 }), 7);
      const times = { timestamp: 10, expiresAt: 15 };
      const erased = { timestamp: 10, value: undefined, state: 'erased' };
      expect(told).toEqual([
        { key: 'a', seq: 1, ...times, value: undefined, state: 'expired' },
        { key: 'a', seq: 2, timestamp: 20, value: 'lasts', state: 'value' },
        { key: 'b', seq: 3, ...erased },
        { key: 'c', seq: 4, timestamp: 10, value: undefined, state: 'deleted' },
        { key: 'a', seq: 5, ...times, value: undefined, state: 'expired' },
        { key: 'b', seq: 6, ...erased },
        { key: 'b', seq: 7, ...erased },
      ]);
    });

    test('watch tells a value that was written in its place', async () => {
      const store = await makeStore({ clock: new ManualClock(100) });
      await store.set('k', 'short', 10, { ttl: 5 });
      await store.expire();
      await store.set('k', 'again', 10);
      const told = await first(store.watch({ since: 0 }), 3);
      expect(told.map(({ state, value }) => [state, value])).toEqual([
        ['expired', undefined],
        ['expired', undefined],
        ['value', 'again'],
      ]);
    });
  }
};
