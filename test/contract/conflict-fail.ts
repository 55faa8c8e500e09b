/** Rule 2: `onConflict: 'fail'`. */
import { describe, expect, test } from 'vitest';
import { expectRefusal } from '../support/expect-refusal.js';
import type { Suite } from '../support/subject.js';

export const conflictFail: Suite = (makeStore) => {
  describe("onConflict 'fail'", () => {
    const fail = { onConflict: 'fail' } as const;

    test('writes where the timestamp is free', async () => {
      const store = await makeStore();
      expect(await store.set('k', 'v', 5, fail)).toBe(5);
      expect(await store.set('k', 'w', 6, fail)).toBe(6);
      expect(await store.set('other', 'v', 5, fail)).toBe(5);
    });

    test.each([
      ['value', {}],
      ['expired value', { expiresAt: 6 }],
    ])('is refused where a %s stands, and changes nothing', async (_, options) => {
      const store = await makeStore();
      await store.set('k', 'first', 5, options);
      await expectRefusal('ERR_TIMEKV_CONFLICT', () => store.set('k', 'second', 5, fail));
      expect(store.get('k', 5)).toBe('first');
      expect([...store.history('k')]).toHaveLength(1);
      await store.set('next', 'v', 5);
      expect(store.version('next', 5)?.seq).toBe(2);
    });

    test('is refused where a tombstone stands', async () => {
      const store = await makeStore();
      await store.delete('k', 5);
      await expectRefusal('ERR_TIMEKV_CONFLICT', () => store.set('k', 'second', 5, fail));
      expect(store.get('k', 5)).toBeUndefined();
    });

    test('without a timestamp it never collides with an earlier now', async () => {
      const store = await makeStore({ clock: { now: () => 100 } });
      for (let i = 0; i < 5; i += 1)
        expect(await store.set('k', 'v', undefined, fail)).toBe(100 + i);
    });
  });
};
