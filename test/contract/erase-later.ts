/** What is erased stays so, whatever becomes of the files; who began before it keeps what was seen. */
import { describe, expect, test } from 'vitest';
import { first, iteratorOf, take } from '../support/following.js';
import { everything, fillHistories, stages, timesOf } from '../support/histories.js';
import { ManualClock } from '../support/manual-clock.js';
import type { Suite } from '../support/subject.js';

/** A loop over rows, which is yet to be gone on with. */
function beginning(rows: Iterable<unknown>): Iterator<unknown, undefined> {
  return rows[Symbol.iterator]() as Iterator<unknown, undefined>;
}

export const eraseLater: Suite = (makeStore) => {
  if (!makeStore.disturbs) throughFiles();
  if (makeStore.kind !== 'model' && !makeStore.reopens) whatHasBegun();
  if (makeStore.keepsLog) whatIsWatched();

  function throughFiles(): void {
    describe.each(stages)('erase after %s', (_, before) => {
      test.each(stages)('and before %s', async (_name, after) => {
        const store = await makeStore();
        await fillHistories(store);
        await before(store);
        await store.set('b', 'more', 12);
        expect(await store.erase('a', 10)).toBe(1);
        expect(await store.erase('c', 'all')).toBe(1);
        const erased = everything(store);
        expect(timesOf(store, 'a')).toEqual([1, 20]);
        await after(store);
        expect(everything(store)).toEqual(erased);
        await store.set('a', 'new', 10, { onConflict: 'fail' });
        await after(store);
        expect(await store.erase('a', 'all')).toBe(3);
        await store.set('c', 'new', 6);
        await after(store);
        expect([...store.scan({ at: 12 })].map(({ value }) => value)).toEqual(['more', 'new']);
        expect([timesOf(store, 'a'), timesOf(store, 'c')]).toEqual([[], [6]]);
      });
    });
  }

  function whatHasBegun(): void {
    test('iterators that have begun before an erase keep their view', async () => {
      const store = await makeStore();
      const many = Array.from({ length: 100 }, (_, at) => at);
      await store.load(many.map((at) => ({ key: 'k', value: `${at}`, at })));
      await store.load(many.map((at) => ({ key: `key ${at}`, value: 'v', at })));
      const reads = [
        () => store.history('k'),
        () => store.history('k', { reverse: true }),
        () => store.scan({ at: 200 }),
        () => store.keys({ all: true, reverse: true }),
        () => store.diff(0, 200),
      ] as const;
      const whole = reads.map((read) => [...read()]);
      const begun = reads.map((read) => beginning(read()));
      const firsts = begun.map((iterator) => iterator.next().value);
      await store.erase('k', 'all');
      await store.batch(many.map((at) => ({ type: 'erase', key: `key ${at}`, at })));
      const rest = begun.map((iterator) => [...{ [Symbol.iterator]: () => iterator }]);
      expect(rest.map((rows, index) => [firsts[index], ...rows])).toEqual(whole);
      expect([...store.keys({ all: true })]).toEqual([]);
    });

    test('one that has begun before an erase goes on behind a full compaction', async () => {
      const store = await makeStore();
      const many = Array.from({ length: 100 }, (_, at) => at);
      await store.load(many.map((at) => ({ key: 'k', value: `${at}`, at })));
      await store.snapshot();
      const history = store.history('k')[Symbol.iterator]();
      history.next();
      await store.erase('k', 'all');
      await store.compact({ full: true });
      expect([...{ [Symbol.iterator]: () => history }].map(({ timestamp }) => timestamp)).toEqual(
        many.slice(1),
      );
    });
  }

  function whatIsWatched(): void {
    // Over HTTP it is told ahead of what is taken.
    const isTold = makeStore.kind !== 'model' && makeStore.kind !== 'http';
    if (!makeStore.reopens && isTold) whileItIsToldOf();

    test('watch tells what was erased since, in its place and without a value', async () => {
      const store = await makeStore();
      await fillHistories(store);
      await store.erase('a', 10);
      await store.erase('c', 'all');
      await store.set('a', 'new', 10);
      const told = await first(store.watch({ since: 0 }), 10);
      expect(told.map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
      const erased = { value: undefined, state: 'erased' };
      expect(told[1]).toEqual({ key: 'a', timestamp: 10, seq: 2, ...erased });
      expect(told[3]).toEqual({ key: 'a', timestamp: 10, seq: 4, ...erased });
      expect(told[4]).toEqual({ key: 'c', timestamp: 5, seq: 5, ...erased });
      expect(told[7]).toEqual({ key: 'a', timestamp: 10, seq: 8, ...erased });
      expect(told[8]).toEqual({ key: 'c', timestamp: NaN, seq: 9, ...erased });
      expect([0, 2, 5, 6, 9].map((index) => told[index]?.state)).toEqual([
        'value',
        'value',
        'deleted',
        'value',
        'value',
      ]);
      const keyed = await first(store.watch({ since: 4, key: 'c' }), 2);
      expect(keyed.map(({ seq, state }) => [seq, state])).toEqual([
        [5, 'erased'],
        [9, 'erased'],
      ]);
    });
  }

  function whileItIsToldOf(): void {
    test('watch tells what was erased or taken out while it was under way', async () => {
      const store = await makeStore({ clock: new ManualClock(100) });
      await store.batch(
        Array.from({ length: 9 }, (_, at) => ({
          type: 'set',
          key: `${at}`,
          value: 'v',
          at,
          ttl: 9,
        })),
      );
      const watched = iteratorOf(store.watch({ since: 0 }));
      const told = await take(watched, 1);
      await store.erase('1', 1);
      told.push(...(await take(watched, 2)));
      expect(await store.expire({ limit: 5 })).toHaveLength(5);
      await store.erase('6', 'all');
      told.push(...(await take(watched, 6)));
      expect(told.map(({ state, value }) => [state, value])).toEqual([
        ['value', 'v'],
        ['erased', undefined],
        ['value', 'v'],
        ['expired', undefined],
        ['expired', undefined],
        ['expired', undefined],
        ['erased', undefined],
        ['value', 'v'],
        ['value', 'v'],
      ]);
      await watched.return?.();
    });
  }
};
