/** `erase` among the operations of a batch. */
import { describe, expect, test } from 'vitest';
import { expectRefusal } from '../support/expect-refusal.js';
import { everything, fillHistories } from '../support/histories.js';
import type { Suite } from '../support/subject.js';

export const eraseBatch: Suite = (makeStore) => {
  describe('erase in a batch', () => {
    test('is applied in its place, and answers how many went', async () => {
      const store = await makeStore();
      await store.set('a', 'old', 1);
      await store.set('a', 'old', 2);
      const answers = await store.batch([
        { type: 'erase', key: 'none', at: 1 },
        { type: 'erase', key: 'a', at: 1 },
        { type: 'set', key: 'a', value: 'new', at: 1, onConflict: 'fail' },
        { type: 'set', key: 'b', value: 'gone', at: 7 },
        { type: 'erase', key: 'b', at: 7 },
        { type: 'erase', key: 'b', at: 7 },
        { type: 'delete', key: 'a', at: 3 },
        { type: 'erase', key: 'a', at: 3 },
      ]);
      expect(answers).toEqual([0, 1, 1, 7, 1, 0, 3, 1]);
      expect(Array.from(store.history('a'), ({ value, seq }) => [value, seq])).toEqual([
        ['new', 4],
        ['old', 2],
      ]);
      expect([...store.keys({ all: true })]).toEqual(['a']);
      await store.set('next', 'v', 1);
      expect(store.version('next', 1)?.seq).toBe(9);
    });

    test('of a history counts what is there by then', async () => {
      const store = await makeStore();
      await store.set('a', 'v', 1);
      await store.set('a', 'v', 2);
      const all = { type: 'erase', key: 'a', at: 'all' } as const;
      const answers = await store.batch([
        { type: 'erase', key: 'a', at: 2 },
        { type: 'set', key: 'a', value: 'v', at: 3 },
        { type: 'set', key: 'a', value: 'again', at: 1 },
        all,
        all,
        { type: 'set', key: 'a', value: 'one', at: 2, onConflict: 'bump' },
        { type: 'set', key: 'a', value: 'two', at: 2, onConflict: 'bump' },
        all,
        { type: 'set', key: 'a', value: 'stays', at: 2, onConflict: 'bump' },
      ]);
      expect(answers).toEqual([1, 3, 1, 2, 0, 2, 3, 2, 2]);
      expect([...store.history('a')]).toEqual([
        { key: 'a', timestamp: 2, value: 'stays', seq: 10, state: 'value' },
      ]);
    });

    test('that finds nothing at all writes nothing', async () => {
      const store = await makeStore();
      await store.set('k', 'v', 1);
      expect(await store.batch([{ type: 'erase', key: 'k', at: 2 }])).toEqual([0]);
      await store.set('k', 'v', 3);
      expect(store.version('k', 3)?.seq).toBe(2);
    });

    test('that is refused erases nothing', async () => {
      const store = await makeStore();
      await fillHistories(store);
      const before = everything(store);
      for (const at of [10, 'all'] as const) {
        await expectRefusal('ERR_TIMEKV_CONFLICT', () =>
          store.batch([
            { type: 'erase', key: 'a', at },
            { type: 'set', key: 'b', value: 'v', at: 10, onConflict: 'fail' },
          ]),
        );
      }
      expect(everything(store)).toEqual(before);
      expect(await store.erase('a', 'all')).toBe(3);
    });

    test('many at once', async () => {
      const store = await makeStore();
      const keys = Array.from({ length: 300 }, (_, index) => `key ${index}`);
      await store.load(keys.flatMap((key) => [1, 2].map((at) => ({ key, value: 'v', at }))));
      const gone = keys.filter((_, index) => index % 3 === 0);
      const answers = await store.batch(gone.map((key) => ({ type: 'erase', key, at: 'all' })));
      expect(new Set(answers)).toEqual(new Set([2]));
      const left = keys.filter((_, index) => index % 3 !== 0).sort();
      expect([...store.keys({ all: true })]).toEqual(left);
      expect([...store.keys({ at: 5, reverse: true })]).toEqual(left.reverse());
    });
  });
};
