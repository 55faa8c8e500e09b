/** `delete` writes a tombstone: from here on there is no value. */
import { describe, expect, test } from 'vitest';
import type { Suite } from '../support/subject.js';

export const tombstones: Suite = (makeStore) => {
  describe('delete', () => {
    test('ends the value from its timestamp on, and no earlier', async () => {
      const store = await makeStore();
      await store.set('k', 'v', 1);
      await store.delete('k', 5);
      expect([4, 5, 6].map((time) => store.get('k', time))).toEqual(['v', undefined, undefined]);
      expect(store.version('k', 5)).toBeUndefined();
    });

    test('is written for a key that does not exist', async () => {
      const store = await makeStore();
      expect(await store.delete('k', 5)).toBe(5);
      expect([...store.history('k')]).toEqual([
        { key: 'k', timestamp: 5, value: undefined, seq: 1, state: 'deleted' },
      ]);
      expect([...store.keys({ all: true })]).toEqual(['k']);
      expect([...store.keys({ at: 5 })]).toEqual([]);
    });

    test('a later value brings the key back', async () => {
      const store = await makeStore();
      await store.set('k', 'v', 1);
      await store.delete('k', 5);
      await store.set('k', 'w', 9);
      expect([5, 8, 9].map((time) => store.get('k', time))).toEqual([undefined, undefined, 'w']);
    });

    test('in the past hides nothing that is later', async () => {
      const store = await makeStore();
      await store.set('k', 'v', 10);
      await store.delete('k', 5);
      expect(store.get('k', 10)).toBe('v');
    });

    test('two one after the other are two versions', async () => {
      const store = await makeStore();
      await store.delete('k', 1);
      await store.delete('k', 2);
      expect([...store.history('k')].map(({ state, seq }) => [state, seq])).toEqual([
        ['deleted', 1],
        ['deleted', 2],
      ]);
    });
  });
};
