/** Compare and set. */
import { describe, expect, test } from 'vitest';
import { expectRefusal } from '../support/expect-refusal.js';
import type { Suite } from '../support/subject.js';

export const ifSeq: Suite = (makeStore) => {
  describe('ifSeq', () => {
    test("'none' writes only where a read would find nothing", async () => {
      const store = await makeStore();
      await store.set('k', 'first', 5, { ifSeq: 'none' });
      await expectRefusal('ERR_TIMEKV_CONFLICT', () =>
        store.set('k', 'second', 6, { ifSeq: 'none' }),
      );
      await store.set('k', 'before', 4, { ifSeq: 'none' });
      expect([store.get('k', 4), store.get('k', 6)]).toEqual(['before', 'first']);
    });

    test("'none' holds after a tombstone and after expiry", async () => {
      const store = await makeStore();
      await store.set('k', 'v', 1, { ttl: 2 });
      await store.set('k', 'w', 3, { ifSeq: 'none' });
      await store.delete('k', 5);
      expect(await store.set('k', 'x', 6, { ifSeq: 'none' })).toBe(6);
    });

    test('a number writes only where a read would answer from that version', async () => {
      const store = await makeStore();
      await store.set('k', 'one', 1);
      await store.set('k', 'two', 10);
      expect(await store.set('k', 'three', 20, { ifSeq: 2 })).toBe(20);
      await expectRefusal('ERR_TIMEKV_CONFLICT', () => store.set('k', 'four', 21, { ifSeq: 2 }));
      expect(await store.set('k', 'between', 5, { ifSeq: 1 })).toBe(5);
      await expectRefusal('ERR_TIMEKV_CONFLICT', () => store.set('k', 'x', 0, { ifSeq: 1 }));
      await expectRefusal('ERR_TIMEKV_CONFLICT', () => store.set('none', 'x', 5, { ifSeq: 1 }));
      expect([...store.history('k')].map(({ timestamp }) => timestamp)).toEqual([1, 5, 10, 20]);
    });

    test("with 'bump' it is held against the time that was found, where the write goes", async () => {
      const store = await makeStore();
      await store.set('k', 'seen', 5);
      await store.set('k', 'not seen', 6);
      const bump = { onConflict: 'bump' } as const;
      await expectRefusal('ERR_TIMEKV_CONFLICT', () =>
        store.set('k', 'lost update', 5, { ...bump, ifSeq: 1 }),
      );
      expect(await store.set('k', 'next', 5, { ...bump, ifSeq: 2 })).toBe(7);
    });

    test('a refused write takes no seq and no now', async () => {
      const store = await makeStore({ clock: { now: () => 50 } });
      await store.set('k', 'v');
      await expectRefusal('ERR_TIMEKV_CONFLICT', () =>
        store.set('k', 'w', undefined, { ifSeq: 99 }),
      );
      await expectRefusal('ERR_TIMEKV_CONFLICT', () =>
        store.set('k', 'w', undefined, { ifSeq: 'none' }),
      );
      expect(store.now()).toBe(50);
      expect(await store.set('k', 'w', undefined, { ifSeq: 1 })).toBe(51);
      expect(store.version('k')?.seq).toBe(2);
    });

    test('of many at once exactly one wins', async () => {
      const store = await makeStore({ clock: { now: () => 50 } });
      await store.set('k', '0', 1);
      if (makeStore.reopens) return;
      const tries = Array.from({ length: 20 }, async (_, i) =>
        store.set('k', `${i}`, undefined, { ifSeq: 1 }),
      );
      const outcomes = await Promise.allSettled(tries);
      expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      expect([...store.history('k')]).toHaveLength(2);
    });
  });
};
