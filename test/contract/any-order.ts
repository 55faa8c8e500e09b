/** Rule 1: timestamps may arrive in any order. */
import { describe, expect, test } from 'vitest';
import type { Suite } from '../support/subject.js';

export const anyOrder: Suite = (makeStore) => {
  describe('timestamps in any order', () => {
    test('a read answers from the largest timestamp at or before it', async () => {
      const store = await makeStore();
      for (const time of [30, 10, 20, -5, 40]) await store.set('k', `at ${time}`, time);
      const asked = [-6, -5, -4, 9, 10, 11, 20, 29, 30, 39, 40, 1000];
      expect(asked.map((time) => store.get('k', time))).toEqual([
        undefined,
        'at -5',
        'at -5',
        'at -5',
        'at 10',
        'at 10',
        'at 20',
        'at 20',
        'at 30',
        'at 30',
        'at 40',
        'at 40',
      ]);
    });

    test('a write into the past does not touch what is later', async () => {
      const store = await makeStore();
      await store.set('k', 'late', 100);
      await store.set('k', 'early', 1);
      expect([store.get('k', 0), store.get('k', 99), store.get('k', 100)]).toEqual([
        undefined,
        'early',
        'late',
      ]);
    });

    test('a write answers with its timestamp', async () => {
      const store = await makeStore();
      expect(await store.set('k', 'v', 7)).toBe(7);
      expect(await store.set('k', 'v', -7)).toBe(-7);
      expect(await store.delete('k', 3)).toBe(3);
    });

    test('the first and the last possible timestamp work', async () => {
      const store = await makeStore();
      await store.set('k', 'last', Number.MAX_SAFE_INTEGER);
      await store.set('k', 'first', Number.MIN_SAFE_INTEGER);
      expect(store.get('k', Number.MIN_SAFE_INTEGER)).toBe('first');
      expect(store.get('k', Number.MAX_SAFE_INTEGER - 1)).toBe('first');
      expect(store.get('k', Number.MAX_SAFE_INTEGER)).toBe('last');
      expect([...store.history('k')].map((version) => version.timestamp)).toEqual([
        Number.MIN_SAFE_INTEGER,
        Number.MAX_SAFE_INTEGER,
      ]);
    });

    test('keys do not see each other', async () => {
      const store = await makeStore();
      await store.set('a', 'of a', 10);
      await store.set('ab', 'of ab', 5);
      await store.set('b', 'of b', 1);
      expect(store.get('a', 7)).toBeUndefined();
      expect(store.get('ab', 7)).toBe('of ab');
      expect(store.get('aa', 100)).toBeUndefined();
    });

    test("LeetCode 981's example", async () => {
      const store = await makeStore();
      await store.set('foo', 'bar', 1);
      expect(store.get('foo', 1)).toBe('bar');
      expect(store.get('foo', 3)).toBe('bar');
      await store.set('foo', 'bar2', 4);
      expect(store.get('foo', 4)).toBe('bar2');
      expect(store.get('foo', 5)).toBe('bar2');
      expect(store.get('foo', 0)).toBeUndefined();
    });
  });
};
