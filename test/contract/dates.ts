/** A time argument is a number in the store's unit or a Date. */
import { describe, expect, test } from 'vitest';
import type { Suite } from '../support/subject.js';

export const dates: Suite = (makeStore) => {
  describe('Dates', () => {
    const time = new Date('2026-03-29T01:00:00.250Z');
    const microseconds = time.getTime() * 1000;

    test('stand for their microseconds wherever a time is asked for', async () => {
      const store = await makeStore();
      expect(await store.set('k', 'v', time)).toBe(microseconds);
      expect(store.get('k', time)).toBe('v');
      expect(store.get('k', new Date(time.getTime() - 1))).toBeUndefined();
      expect(store.version('k', time)?.timestamp).toBe(microseconds);
      expect([...store.history('k', { from: time, to: time })]).toHaveLength(1);
      expect([...store.keys({ at: time })]).toEqual(['k']);
      expect([...store.scan({ at: time })]).toHaveLength(1);
      expect(await store.delete('k', new Date(time.getTime() + 1))).toBe(microseconds + 1000);
    });

    test('name a version that is erased', async () => {
      const store = await makeStore();
      await store.set('k', 'v', time);
      expect(await store.erase('k', new Date(time.getTime() + 1))).toBe(0);
      expect(await store.erase('k', time)).toBe(1);
    });

    test('also as expiry, in batches and in load', async () => {
      const store = await makeStore();
      const later = new Date(time.getTime() + 5);
      await store.set('a', 'v', time, { expiresAt: later });
      expect(store.version('a', time)?.expiresAt).toBe(microseconds + 5000);
      const answers = await store.batch([
        { type: 'set', key: 'b', value: 'v', at: time, expiresAt: later },
        { type: 'delete', key: 'c', at: later },
      ]);
      expect(answers).toEqual([microseconds, microseconds + 5000]);
      await store.load([{ key: 'd', value: 'v', at: time }]);
      expect([...store.keys({ all: true })]).toEqual(['a', 'b', 'c', 'd']);
    });

    test('before 1970 are negative', async () => {
      const store = await makeStore();
      expect(await store.set('k', 'v', new Date('1969-07-20T20:17:40Z'))).toBe(-14182940000000);
    });

    test('without a clock of its own, now is the time of day', async () => {
      const store = await makeStore();
      const before = Date.now() * 1000;
      const written = await store.set('k', 'v');
      const after = (Date.now() + 1) * 1000;
      expect(written).toBeGreaterThanOrEqual(before);
      expect(written).toBeLessThanOrEqual(after);
    });
  });
};
