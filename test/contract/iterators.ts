/** An iterator answers from one view, whatever is written, flushed or merged meanwhile. */
import { describe, expect, test } from 'vitest';
import { ManualClock } from '../support/manual-clock.js';
import type { Subject, Suite } from '../support/subject.js';

async function fill(store: Subject<string>): Promise<void> {
  const operations = Array.from({ length: 200 }, (_, i) => ({
    type: 'set' as const,
    key: `key ${String(i).padStart(3, '0')}`,
    value: `before ${i}`,
    at: 10,
  }));
  await store.batch(operations);
  await store.load(Array.from({ length: 100 }, (_, i) => ({ key: 'k', value: `${i}`, at: i * 2 })));
}

/** Everything that could disturb an iterator. */
async function disturb(store: Subject<string>): Promise<void> {
  await store.set('key 000', 'after', 10);
  await store.set('key 100', 'after', 10);
  await store.set('key 100a', 'new', 10);
  await store.delete('key 150', 10);
  await store.set('key 199', 'after', 10);
  await store.delete('k', 101);
  await store.set('k', 'after', 100);
  await store.snapshot();
  await store.set('k', 'after', 2);
  await store.compact({ full: true });
}

export const iterators: Suite = (makeStore) => {
  // The model answers with arrays; where every write reopens the store, iterators end.
  if (makeStore.kind === 'model' || makeStore.reopens) return;

  describe('iterators', () => {
    test.each([false, true])('scan keeps its view, reverse: %s', async (reverse) => {
      const store = await makeStore();
      await fill(store);
      const expected = [...store.scan({ at: 10, reverse })];
      const read = [];
      for (const version of store.scan({ at: 10, reverse })) {
        if (read.length === 50) await disturb(store);
        read.push(version);
      }
      expect(read).toEqual(expected);
      expect(store.get('key 100', 10)).toBe('after');
    });

    test('the same iterable gone through again is a new view', async () => {
      const store = await makeStore();
      await fill(store);
      const scan = store.scan({ at: 10, prefix: 'key 1' });
      expect([...scan].map(({ value }) => value)).not.toContain('after');
      await disturb(store);
      expect([...scan].map(({ value }) => value)).toContain('after');
    });

    test.each([false, true])('history keeps its view, reverse: %s', async (reverse) => {
      const store = await makeStore();
      await fill(store);
      const expected = [...store.history('k', { reverse })];
      const read = [];
      for (const version of store.history('k', { reverse })) {
        if (read.length === 30) await disturb(store);
        read.push(version);
      }
      expect(read).toEqual(expected);
      expect(store.get('k', 100)).toBe('after');
    });

    test('a scan without a time is as of the now at its call', async () => {
      const clock = new ManualClock(1000);
      const store = await makeStore({ clock });
      await store.set('a', 'now');
      await store.set('b', 'soon', 1001);
      const iterator = store.scan()[Symbol.iterator]();
      expect(iterator.next().value).toMatchObject({ key: 'a' });
      clock.time = 2000;
      expect(iterator.next().done).toBe(true);
      expect([...store.keys()]).toEqual(['a', 'b']);
    });

    test('one that is left early lets the store go on and close', async () => {
      const store = await makeStore();
      await fill(store);
      for (const version of store.scan({ at: 10 })) {
        if (version.key === 'key 005') break;
      }
      store.history('k')[Symbol.iterator]().next();
      await disturb(store);
      expect([...store.keys({ at: 10, start: 'key 1', limit: 2 })]).toEqual([
        'key 100',
        'key 100a',
      ]);
    });

    test('many at once do not disturb each other', async () => {
      const store = await makeStore();
      await fill(store);
      const all = [...store.keys({ all: true })];
      const forwards = store.keys({ all: true })[Symbol.iterator]();
      const backwards = store.keys({ all: true, reverse: true })[Symbol.iterator]();
      const read = all.map((key) => {
        store.get(key, 10);
        return [forwards.next().value, backwards.next().value] as unknown[];
      });
      expect(read).toEqual(all.map((key, i) => [key, all.at(-1 - i)]));
      expect([forwards.next().done, backwards.next().done]).toEqual([true, true]);
    });
  });
};
