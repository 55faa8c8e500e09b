/** Keys with their values, in key order, as of one time. */
import { describe, expect, test } from 'vitest';
import type { Subject, Suite } from '../support/subject.js';

async function fill(store: Subject<string>): Promise<void> {
  await store.set('apple', 'a1', 10);
  await store.set('apple', 'a2', 20);
  await store.set('apricot', 'r1', 15);
  await store.set('banana', 'b1', 5);
  await store.delete('banana', 12);
  await store.set('cherry', 'c1', 10, { expiresAt: 18 });
  await store.set('date', 'd1', 11);
}

export const scan: Suite = (makeStore) => {
  describe('scan and keys', () => {
    test.each([
      [4, []],
      [5, [['banana', 'b1']]],
      [
        10,
        [
          ['apple', 'a1'],
          ['banana', 'b1'],
          ['cherry', 'c1'],
        ],
      ],
      [
        17,
        [
          ['apple', 'a1'],
          ['apricot', 'r1'],
          ['cherry', 'c1'],
          ['date', 'd1'],
        ],
      ],
      [
        20,
        [
          ['apple', 'a2'],
          ['apricot', 'r1'],
          ['date', 'd1'],
        ],
      ],
    ])('as of %i', async (at, expected) => {
      const store = await makeStore();
      await fill(store);
      expect([...store.scan({ at })].map(({ key, value }) => [key, value])).toEqual(expected);
      expect([...store.keys({ at })]).toEqual(expected.map(([key]) => key));
    });

    test.each([
      [{}, ['apple', 'apricot', 'cherry', 'date']],
      [{ reverse: true }, ['date', 'cherry', 'apricot', 'apple']],
      [{ prefix: 'ap' }, ['apple', 'apricot']],
      [{ prefix: 'ap', reverse: true }, ['apricot', 'apple']],
      [{ prefix: 'apple' }, ['apple']],
      [{ prefix: 'apples' }, []],
      [{ start: 'apricot' }, ['apricot', 'cherry', 'date']],
      [{ start: 'b' }, ['cherry', 'date']],
      [{ end: 'cherry' }, ['apple', 'apricot']],
      [{ start: 'apq', end: 'd', reverse: true }, ['cherry', 'apricot']],
      [{ start: 'd', end: 'b' }, []],
      [{ prefix: 'a', start: 'apr', end: 'zebra' }, ['apricot']],
      [{ prefix: 'b', start: 'a', end: 'c' }, []],
      [{ limit: 2 }, ['apple', 'apricot']],
      [{ limit: 2, reverse: true }, ['date', 'cherry']],
      [{ start: 'b', limit: 1 }, ['cherry']],
      [{ limit: 100 }, ['apple', 'apricot', 'cherry', 'date']],
    ])('with %j', async (options, expected) => {
      const store = await makeStore();
      await fill(store);
      expect([...store.keys({ ...options, at: 17 })]).toEqual(expected);
      expect([...store.scan({ ...options, at: 17 })].map(({ key }) => key)).toEqual(expected);
    });

    test('a row is a whole version', async () => {
      const store = await makeStore();
      await fill(store);
      expect([...store.scan({ at: 17, start: 'b', limit: 1 })]).toEqual([
        { key: 'cherry', timestamp: 10, value: 'c1', seq: 6, state: 'value', expiresAt: 18 },
      ]);
    });

    test("keys with 'all' are all with a history, whatever the time", async () => {
      const store = await makeStore();
      await fill(store);
      const all = ['apple', 'apricot', 'banana', 'cherry', 'date'];
      expect([...store.keys({ all: true })]).toEqual(all);
      expect([...store.keys({ all: true, at: 0, reverse: true })]).toEqual(all.toReversed());
      expect([...store.keys({ all: true, start: 'b', end: 'd' })]).toEqual(['banana', 'cherry']);
      expect([...store.keys({ all: true, prefix: 'ba', limit: 5 })]).toEqual(['banana']);
    });

    test('of an empty store is empty', async () => {
      const store = await makeStore();
      expect([...store.scan()]).toEqual([]);
      expect([...store.keys({ all: true, reverse: true })]).toEqual([]);
    });
  });
};
