/** Rule 5: atomic and isolated. */
import { describe, expect, test } from 'vitest';
import { ManualClock } from '../support/manual-clock.js';
import { expectRefusal } from '../support/expect-refusal.js';
import type { Suite } from '../support/subject.js';

export const batch: Suite = (makeStore) => {
  describe('batch', () => {
    test('answers what the single calls would answer, in order', async () => {
      const store = await makeStore();
      const answers = await store.batch([
        { type: 'set', key: 'a', value: '1', at: 10 },
        { type: 'set', key: 'a', value: '2', at: 10, onConflict: 'bump' },
        { type: 'delete', key: 'b', at: 5 },
      ]);
      expect(answers).toEqual([10, 11, 5]);
      expect(store.version('a', 11)?.seq).toBe(2);
    });

    test('takes one now for all its operations', async () => {
      const store = await makeStore({ clock: new ManualClock(100) });
      const answers = await store.batch([
        { type: 'set', key: 'a', value: '1' },
        { type: 'delete', key: 'b' },
        { type: 'set', key: 'c', value: '3', at: 7 },
        { type: 'set', key: 'd', value: '4' },
      ]);
      expect(answers).toEqual([100, 100, 7, 100]);
      expect(await store.set('a', 'next')).toBe(101);
    });

    test('its operations apply in order: the later one at a timestamp wins', async () => {
      const store = await makeStore();
      await store.batch([
        { type: 'set', key: 'a', value: 'first', at: 1 },
        { type: 'delete', key: 'a', at: 1 },
        { type: 'set', key: 'a', value: 'last', at: 1 },
        { type: 'set', key: 'b', value: 'first', at: 1 },
        { type: 'delete', key: 'b', at: 1 },
      ]);
      expect([store.get('a', 1), store.get('b', 1)]).toEqual(['last', undefined]);
    });

    test('fail and bump see its earlier operations', async () => {
      const store = await makeStore();
      await expectRefusal('ERR_TIMEKV_CONFLICT', () =>
        store.batch([
          { type: 'set', key: 'a', value: '1', at: 1 },
          { type: 'set', key: 'a', value: '2', at: 1, onConflict: 'fail' },
        ]),
      );
      expect([...store.keys({ all: true })]).toEqual([]);
    });

    test('ifSeq is judged against the state before it', async () => {
      const store = await makeStore();
      await store.set('a', '0', 1);
      await store.batch([
        { type: 'set', key: 'a', value: '1', at: 2 },
        { type: 'set', key: 'a', value: '2', at: 3, ifSeq: 1 },
        { type: 'set', key: 'b', value: '1', at: 2 },
        { type: 'set', key: 'b', value: '2', at: 3, ifSeq: 'none' },
      ]);
      expect([store.get('a', 3), store.get('b', 3)]).toEqual(['2', '2']);
    });

    test('a condition that fails refuses it whole', async () => {
      const store = await makeStore();
      await store.set('taken', 'v', 1);
      for (const condition of [{ onConflict: 'fail' }, { ifSeq: 'none' }] as const) {
        await expectRefusal('ERR_TIMEKV_CONFLICT', () =>
          store.batch([
            { type: 'set', key: 'a', value: '1', at: 1 },
            { type: 'set', key: 'taken', value: '2', at: 1, ...condition },
            { type: 'set', key: 'z', value: '3', at: 1 },
          ]),
        );
      }
      expect([...store.keys({ all: true })]).toEqual(['taken']);
      await store.set('next', 'v', 1);
      expect(store.version('next', 1)?.seq).toBe(2);
    });

    test('of nothing answers nothing', async () => {
      const store = await makeStore();
      expect(await store.batch([])).toEqual([]);
    });

    test('of 5,000 operations is one', async () => {
      const store = await makeStore({ clock: new ManualClock(100) });
      const operations = Array.from({ length: 5000 }, (_, i) => ({
        type: 'set' as const,
        key: `key ${i}`,
        value: `value ${i}`,
      }));
      const answers = await store.batch(operations);
      expect(new Set(answers)).toEqual(new Set([100]));
      expect([...store.keys()]).toHaveLength(5000);
      expect(store.version('key 4999')?.seq).toBe(5000);
    });
  });
};
