/** The versions of one key, oldest first. */
import { describe, expect, test } from 'vitest';
import type { Subject, Suite } from '../support/subject.js';

async function fill(store: Subject<string>): Promise<void> {
  for (const time of [30, 10, 50, 20]) await store.set('k', `${time}`, time);
  await store.delete('k', 40);
  await store.set('j', 'before', 25);
  await store.set('l', 'after', 25);
}

export const history: Suite = (makeStore) => {
  describe('history', () => {
    test('is oldest first, with tombstones, and of this key alone', async () => {
      const store = await makeStore();
      await fill(store);
      expect([...store.history('k')]).toEqual([
        { key: 'k', timestamp: 10, value: '10', seq: 2, state: 'value' },
        { key: 'k', timestamp: 20, value: '20', seq: 4, state: 'value' },
        { key: 'k', timestamp: 30, value: '30', seq: 1, state: 'value' },
        { key: 'k', timestamp: 40, value: undefined, seq: 5, state: 'deleted' },
        { key: 'k', timestamp: 50, value: '50', seq: 3, state: 'value' },
      ]);
    });

    test.each([
      [{ reverse: true }, [50, 40, 30, 20, 10]],
      [{ from: 20 }, [20, 30, 40, 50]],
      [{ to: 20 }, [10, 20]],
      [{ from: 20, to: 40 }, [20, 30, 40]],
      [{ from: 21, to: 39 }, [30]],
      [{ from: 41, to: 49 }, []],
      [{ from: 40, to: 20 }, []],
      [{ limit: 2 }, [10, 20]],
      [{ limit: 2, reverse: true }, [50, 40]],
      [{ from: 20, to: 40, reverse: true, limit: 2 }, [40, 30]],
      [{ limit: 100 }, [10, 20, 30, 40, 50]],
    ])('with %j', async (options, times) => {
      const store = await makeStore();
      await fill(store);
      expect([...store.history('k', options)].map(({ timestamp }) => timestamp)).toEqual(times);
    });

    test('of a key that was never written is empty', async () => {
      const store = await makeStore();
      expect([...store.history('k')]).toEqual([]);
      await fill(store);
      expect([...store.history('kk')]).toEqual([]);
    });

    test('reads as of a time do not limit it: future versions are in it', async () => {
      const store = await makeStore({ clock: { now: () => 0 } });
      await store.set('k', 'later', 1000);
      expect([...store.history('k')]).toHaveLength(1);
    });
  });
};
