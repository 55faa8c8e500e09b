/** Rule 4 in a store without a clock. */
import { describe, expect, test } from 'vitest';
import { expectRefusal } from '../support/expect-refusal.js';
import type { Suite } from '../support/subject.js';

export const nowInTicks: Suite = (makeStore) => {
  describe('now, in ticks', () => {
    const tick = { unit: 'tick' } as const;

    test('is 0 before any write, then the largest timestamp ever written', async () => {
      const store = await makeStore(tick);
      expect(store.now()).toBe(0);
      await store.set('k', 'v', 7);
      await store.set('k', 'v', 3);
      expect(store.now()).toBe(7);
      await store.delete('other', 9);
      expect(store.now()).toBe(9);
    });

    test('a write without a timestamp takes it + 1', async () => {
      const store = await makeStore(tick);
      expect(await store.set('k', 'v')).toBe(1);
      await store.set('k', 'v', 41);
      expect(await store.delete('k')).toBe(42);
      expect(await store.set('k', 'v')).toBe(43);
    });

    test('also within a batch, where explicit timestamps count at once', async () => {
      const store = await makeStore(tick);
      const times = await store.batch([
        { type: 'set', key: 'a', value: 'v' },
        { type: 'set', key: 'b', value: 'v', at: 10 },
        { type: 'set', key: 'a', value: 'v' },
        { type: 'delete', key: 'b' },
      ]);
      expect(times).toEqual([1, 10, 11, 12]);
    });

    test('reads without a timestamp are as of it: the future has been reached', async () => {
      const store = await makeStore(tick);
      await store.set('k', 'v', 1_000_000);
      expect(store.get('k')).toBe('v');
      await store.set('other', 'short', 5, { ttl: 10 });
      expect(store.get('other')).toBeUndefined();
      expect(store.get('other', 14)).toBe('short');
    });

    test('where only negative timestamps were written it is negative', async () => {
      const store = await makeStore(tick);
      await store.set('k', 'v', -10);
      expect(store.now()).toBe(-10);
      expect(await store.set('k', 'v')).toBe(-9);
    });

    test('Dates are refused', async () => {
      const store = await makeStore(tick);
      const date = new Date(0);
      await expectRefusal('ERR_TIMEKV_INVALID_ARGUMENT', () => store.set('k', 'v', date));
      await expectRefusal('ERR_TIMEKV_INVALID_ARGUMENT', () => store.get('k', date));
      expect(store.now()).toBe(0);
    });

    test('beyond the last possible timestamp there is no now', async () => {
      if (makeStore.kind === 'model') return;
      const store = await makeStore(tick);
      await store.set('k', 'v', Number.MAX_SAFE_INTEGER);
      await expectRefusal('ERR_TIMEKV_INVALID_ARGUMENT', () => store.set('k', 'v'));
    });
  });
};
