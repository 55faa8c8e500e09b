/** The trait of every method: on a closed store it says so. */
import { describe, expect, test } from 'vitest';
import { expectRefusal } from '../support/expect-refusal.js';
import type { Subject, Suite } from '../support/subject.js';

const calls: Record<string, (store: Subject<string>) => unknown> = {
  set: (store) => store.set('k', 'v'),
  delete: (store) => store.delete('k'),
  batch: (store) => store.batch([{ type: 'delete', key: 'k' }]),
  load: (store) => store.load([{ key: 'k', value: 'v' }]),
  get: (store) => store.get('k'),
  version: (store) => store.version('k'),
  history: (store) => [...store.history('k')],
  scan: (store) => [...store.scan()],
  keys: (store) => [...store.keys()],
  watch: (store) => store.watch(),
  when: (store) => store.when('k', 0),
  now: (store) => store.now(),
  refresh: (store) => {
    store.refresh();
  },
  snapshot: (store) => store.snapshot(),
  compact: (store) => store.compact(),
  stats: (store) => (store as unknown as { stats(): unknown }).stats(),
};

export const closed: Suite = (makeStore) => {
  if (makeStore.kind === 'model') return;

  describe('a closed store', () => {
    test.each(Object.entries(calls).filter(([name]) => name !== 'stats'))('%s', async (_, call) => {
      const store = await makeStore();
      await store.set('k', 'v', 1);
      await store.close();
      await expectRefusal('ERR_TIMEKV_CLOSED', () => call(store));
    });

    test('closes again without complaint', async () => {
      const store = await makeStore();
      await store.set('k', 'v', 1);
      await store.close();
      expect(await store.close()).toBeUndefined();
    });

    test('an iterator that was begun before goes on with its view, or says so', async () => {
      const store = await makeStore();
      await store.load(Array.from({ length: 100 }, (_, at) => ({ key: `${at}`, value: '', at })));
      const expected = [...store.keys({ all: true })];
      const iterator = store.keys({ all: true })[Symbol.iterator]();
      const read = [iterator.next().value];
      await store.close();
      try {
        for (let next = iterator.next(); next.done !== true; next = iterator.next()) {
          read.push(next.value);
        }
        expect(read).toEqual(expected);
      } catch (error) {
        expect(error).toMatchObject({ code: 'ERR_TIMEKV_CLOSED' });
      }
    });

    test('writes that were begun before close are finished, not lost', async () => {
      if (makeStore.disturbs || makeStore.kind !== 'disk') return;
      const store = await makeStore();
      const writes = Array.from({ length: 50 }, async (_, at) => store.set('k', `${at}`, at));
      await store.reopen();
      await Promise.all(writes);
      expect([...store.history('k')]).toHaveLength(50);
    });
  });
};
