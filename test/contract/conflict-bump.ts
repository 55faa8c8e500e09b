/** Rule 2: `onConflict: 'bump'`. */
import { describe, expect, test } from 'vitest';
import { expectRefusal } from '../support/expect-refusal.js';
import type { Suite } from '../support/subject.js';

export const conflictBump: Suite = (makeStore) => {
  describe("onConflict 'bump'", () => {
    const bump = { onConflict: 'bump' } as const;

    test('takes the next free timestamp and tells which', async () => {
      const store = await makeStore();
      const times = [];
      for (let i = 0; i < 4; i += 1) times.push(await store.set('k', `${i}`, 5, bump));
      expect(times).toEqual([5, 6, 7, 8]);
      expect([...store.history('k')].map((version) => version.value)).toEqual(['0', '1', '2', '3']);
    });

    test('steps over values, tombstones and expired versions alike', async () => {
      const store = await makeStore();
      await store.set('k', 'v', 5);
      await store.delete('k', 6);
      await store.set('k', 'v', 7, { ttl: 1 });
      await store.set('k', 'v', 9);
      expect(await store.set('k', 'bumped', 5, bump)).toBe(8);
      expect(await store.set('k', 'bumped', 5, bump)).toBe(10);
    });

    test('goes at most maxBump further, and changes nothing beyond', async () => {
      const store = await makeStore();
      for (let time = 0; time <= 3; time += 1) await store.set('k', 'v', time);
      await expectRefusal('ERR_TIMEKV_CONFLICT', () =>
        store.set('k', 'w', 0, { ...bump, maxBump: 3 }),
      );
      expect([...store.history('k')]).toHaveLength(4);
      expect(await store.set('k', 'w', 0, { ...bump, maxBump: 4 })).toBe(4);
    });

    test('goes 1,000 further unless told', async () => {
      const store = await makeStore();
      const taken = Array.from({ length: 1000 }, (_, at) => ({
        type: 'set' as const,
        key: 'k',
        value: '',
        at,
      }));
      await store.batch(taken);
      expect(await store.set('k', 'w', 0, bump)).toBe(1000);
      await expectRefusal('ERR_TIMEKV_CONFLICT', () => store.set('k', 'w', 0, bump));
      expect(await store.set('k', 'w', 1, bump)).toBe(1001);
    });

    test('does not go past the last possible timestamp', async () => {
      const store = await makeStore();
      await store.set('k', 'v', Number.MAX_SAFE_INTEGER);
      await expectRefusal('ERR_TIMEKV_CONFLICT', () =>
        store.set('k', 'w', Number.MAX_SAFE_INTEGER, bump),
      );
    });

    test('ttl counts from the timestamp that was found', async () => {
      const store = await makeStore();
      await store.set('k', 'v', 5);
      await store.set('k', 'w', 5, { ...bump, ttl: 2 });
      expect(store.version('k', 6)?.expiresAt).toBe(8);
      expect([store.get('k', 7), store.get('k', 8)]).toEqual(['w', undefined]);
    });

    test('a now that was bumped counts as given at its final value', async () => {
      const store = await makeStore({ clock: { now: () => 10 } });
      await store.set('k', 'planned', 10);
      expect(await store.set('k', 'bumped', undefined, bump)).toBe(11);
      expect(store.now()).toBe(11);
      expect(await store.set('other', 'v')).toBe(12);
    });
  });
};
