/** Rule 2: the same (key, timestamp) again replaces. */
import { describe, expect, test } from 'vitest';
import type { Suite } from '../support/subject.js';

export const replace: Suite = (makeStore) => {
  describe('replacing', () => {
    test('the later write at a timestamp wins', async () => {
      const store = await makeStore();
      await store.set('k', 'one', 5);
      await store.set('k', 'two', 5);
      await store.set('k', 'three', 5, { onConflict: 'replace' });
      expect(store.get('k', 5)).toBe('three');
      expect([...store.history('k')]).toEqual([
        { key: 'k', timestamp: 5, value: 'three', seq: 3, state: 'value' },
      ]);
    });

    test('a value replaces a tombstone and a tombstone a value', async () => {
      const store = await makeStore();
      await store.set('k', 'old', 1);
      await store.delete('k', 5);
      await store.set('k', 'back', 5);
      expect(store.get('k', 5)).toBe('back');
      await store.delete('k', 5);
      expect(store.get('k', 5)).toBeUndefined();
      expect(store.get('k', 4)).toBe('old');
    });

    test('a replacement takes the old expiry with it', async () => {
      const store = await makeStore();
      await store.set('k', 'short', 5, { expiresAt: 7 });
      await store.set('k', 'long', 5);
      expect(store.get('k', 8)).toBe('long');
      expect(store.version('k', 8)).not.toHaveProperty('expiresAt');
      await store.set('k', 'short again', 5, { ttl: 1 });
      expect(store.get('k', 6)).toBeUndefined();
    });

    test('replaced versions keep their seq: the next write goes on after them', async () => {
      const store = await makeStore();
      for (let i = 1; i <= 5; i += 1) await store.set('k', `${i}`, 0);
      await store.set('other', 'v', 0);
      expect(store.version('other', 0)?.seq).toBe(6);
    });
  });
};
