/** What is erased stays so, whatever becomes of the files; who began before it keeps what was seen. */
import { describe, expect, test } from 'vitest';
import { first } from '../support/following.js';
import { everything, fillHistories, timesOf } from '../support/histories.js';
import type { Subject, Suite } from '../support/subject.js';

const stages: [string, (store: Subject<string>) => unknown][] = [
  ['nothing', () => undefined],
  ['a flush', (store) => store.snapshot()],
  ['a compaction', (store) => store.compact()],
  ['a full compaction', (store) => store.compact({ full: true })],
  ['closing and opening', (store) => store.reopen()],
];

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
    test('an iterator that has begun before an erase keeps its view', async () => {
      const store = await makeStore();
      await fillHistories(store);
      const history = store.history('a')[Symbol.iterator]();
      const scan = store.scan({ at: 10 })[Symbol.iterator]();
      const begun = [history.next(), scan.next()].map(
        ({ value }) => (value as { value: string }).value,
      );
      await store.erase('a', 'all');
      await store.erase('b', 10);
      await store.compact({ full: true });
      const rest = [...{ [Symbol.iterator]: () => history }].map(({ value }) => value);
      const others = [...{ [Symbol.iterator]: () => scan }].map(({ value }) => value);
      expect(begun).toEqual(['first', 'second']);
      expect([rest, others]).toEqual([
        ['second', undefined],
        ['only', 'short'],
      ]);
      expect([...store.keys({ all: true })]).toEqual(['c', 'd']);
    });
  }

  function whatIsWatched(): void {
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
};
