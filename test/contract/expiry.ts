/** A value with `expiresAt` is valid in [timestamp, expiresAt), and nothing shows through after. */
import { describe, expect, test } from 'vitest';
import { ManualClock } from '../support/manual-clock.js';
import { expectRefusal } from '../support/expect-refusal.js';
import type { Suite } from '../support/subject.js';

export const expiry: Suite = (makeStore) => {
  describe('expiry', () => {
    test('a value is valid up to, not at, expiresAt', async () => {
      const store = await makeStore();
      await store.set('k', 'v', 10, { expiresAt: 20 });
      expect([9, 10, 19, 20, 21].map((time) => store.get('k', time))).toEqual([
        undefined,
        'v',
        'v',
        undefined,
        undefined,
      ]);
    });

    test('ttl counts from the timestamp', async () => {
      const clock = new ManualClock(1000);
      const store = await makeStore({ clock });
      await store.set('k', 'v', 10, { ttl: 5 });
      expect(store.version('k', 10)).toEqual({
        key: 'k',
        timestamp: 10,
        value: 'v',
        seq: 1,
        state: 'value',
        expiresAt: 15,
      });
      await store.set('now', 'v', undefined, { ttl: 5 });
      expect(store.get('now')).toBe('v');
      clock.time = 1004;
      expect(store.get('now')).toBe('v');
      clock.time = 1005;
      expect(store.get('now')).toBeUndefined();
    });

    test('what the value replaced does not come back', async () => {
      const store = await makeStore();
      await store.set('k', 'old', 1);
      await store.set('k', 'short', 10, { ttl: 5 });
      expect([9, 14, 15, 100].map((time) => store.get('k', time))).toEqual([
        'old',
        'short',
        undefined,
        undefined,
      ]);
    });

    test('a later version is not touched by it', async () => {
      const store = await makeStore();
      await store.set('k', 'short', 10, { ttl: 5 });
      await store.set('k', 'next', 12);
      expect([11, 12, 15, 20].map((time) => store.get('k', time))).toEqual([
        'short',
        'next',
        'next',
        'next',
      ]);
    });

    test('history shows expired versions; scan and keys do not', async () => {
      const store = await makeStore();
      await store.set('k', 'short', 10, { ttl: 5 });
      expect([...store.history('k')].map(({ value, expiresAt }) => [value, expiresAt])).toEqual([
        ['short', 15],
      ]);
      expect([...store.scan({ at: 15 })]).toEqual([]);
      expect([...store.keys({ at: 15 })]).toEqual([]);
      expect([...store.keys({ at: 14 })]).toEqual(['k']);
      expect([...store.keys({ all: true })]).toEqual(['k']);
    });

    test('an expiry at or before the timestamp is refused and changes nothing', async () => {
      const store = await makeStore({ clock: new ManualClock(100) });
      const code = 'ERR_TIMEKV_INVALID_ARGUMENT';
      await expectRefusal(code, () => store.set('k', 'v', 10, { expiresAt: 10 }));
      await expectRefusal(code, () => store.set('k', 'v', 10, { expiresAt: 9 }));
      await expectRefusal(code, () => store.set('k', 'v', undefined, { expiresAt: 99 }));
      expect([...store.keys({ all: true })]).toEqual([]);
    });
  });
};
