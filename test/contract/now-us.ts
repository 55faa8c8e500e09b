/** Rules 3 and 4 in a store with a clock. */
import { describe, expect, test } from 'vitest';
import { ManualClock } from '../support/manual-clock.js';
import type { Suite } from '../support/subject.js';

export const nowInMicroseconds: Suite = (makeStore) => {
  describe('now, in microseconds', () => {
    test('a write without a timestamp takes the clock', async () => {
      const store = await makeStore({ clock: new ManualClock(1000) });
      expect(await store.set('k', 'v')).toBe(1000);
      expect(await store.delete('other')).toBe(1001);
    });

    test('it strictly increases also when the clock stands or steps back', async () => {
      const clock = new ManualClock(1000);
      const store = await makeStore({ clock });
      const times = [];
      for (const time of [1000, 1000, 5, 2000, -3, 2000, 2001, 5000]) {
        clock.time = time;
        times.push(await store.set('k', 'v'));
      }
      expect(times).toEqual([1000, 1001, 1002, 2000, 2001, 2002, 2003, 5000]);
    });

    test('explicit timestamps do not move it', async () => {
      const store = await makeStore({ clock: new ManualClock(1000) });
      await store.set('k', 'future', 9999);
      await store.set('k', 'past', 1);
      expect(store.now()).toBe(1000);
      expect(await store.set('k', 'v')).toBe(1000);
    });

    test('a read without a timestamp is as of the clock or the last now given', async () => {
      const clock = new ManualClock(1000);
      const store = await makeStore({ clock });
      await store.set('k', 'v');
      await store.set('k', 'next year', 9999);
      clock.time = 10;
      expect(store.now()).toBe(1000);
      expect(store.get('k')).toBe('v');
      expect([...store.scan()].map(({ value }) => value)).toEqual(['v']);
      clock.time = 9998;
      expect(store.get('k')).toBe('v');
      clock.time = 9999;
      expect(store.get('k')).toBe('next year');
    });

    test('reads do not advance it', async () => {
      const clock = new ManualClock(1000);
      const store = await makeStore({ clock });
      await store.set('k', 'v');
      clock.time = 5000;
      store.get('k');
      store.now();
      clock.time = 1500;
      expect(store.now()).toBe(1500);
      expect(await store.set('k', 'v')).toBe(1500);
    });

    test("a value set for later is in keys with 'all' only", async () => {
      const store = await makeStore({ clock: new ManualClock(1000) });
      await store.set('k', 'later', 1001);
      expect([...store.keys()]).toEqual([]);
      expect([...store.keys({ all: true })]).toEqual(['k']);
    });

    test('in load every row without a time takes a now of its own, in order', async () => {
      const store = await makeStore({ clock: new ManualClock(1000) });
      const rows = ['a', 'b', 'c'].map((value) => ({ key: 'k', value }));
      expect(await store.load([...rows, { key: 'k', value: 'fixed', at: 5 }])).toBe(4);
      expect([...store.history('k')].map(({ timestamp, value }) => [timestamp, value])).toEqual([
        [5, 'fixed'],
        [1000, 'a'],
        [1001, 'b'],
        [1002, 'c'],
      ]);
    });
  });
};
