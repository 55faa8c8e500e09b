/** Rule 12: flush and compaction drop nothing that a read could ask for. */
import { describe, expect, test } from 'vitest';
import type { Subject, Suite } from '../support/subject.js';

function everything(store: Subject<string>): unknown {
  return [...store.keys({ all: true })].map((key) => [...store.history(key)]);
}

export const maintenance: Suite = (makeStore) => {
  describe('flush and compaction', () => {
    test.each([
      ['snapshot', (store: Subject<string>) => store.snapshot()],
      ['compact', (store: Subject<string>) => store.compact()],
      ['compact full', (store: Subject<string>) => store.compact({ full: true })],
      [
        'refresh',
        (store: Subject<string>) => {
          store.refresh();
        },
      ],
    ])('%s changes no answer, on an empty store either', async (_, act) => {
      const store = await makeStore();
      await act(store);
      expect(everything(store)).toEqual([]);
      for (let i = 0; i < 60; i += 1) {
        const key = `key ${i % 5}`;
        if (i % 7 === 3) await store.delete(key, i % 20);
        else await store.set(key, `${i}`, (i * 7) % 20, i % 6 === 0 ? { ttl: 3 } : {});
        if (i % 11 === 0) await act(store);
      }
      const before = everything(store);
      await act(store);
      expect(everything(store)).toEqual(before);
      await act(store);
      expect(everything(store)).toEqual(before);
    });

    test('writes go on while they run', async () => {
      if (makeStore.reopens) return;
      const store = await makeStore();
      await store.load(Array.from({ length: 5000 }, (_, at) => ({ key: 'k', value: 'v', at })));
      await Promise.all([
        store.snapshot(),
        store.set('a', 'v', 1),
        store.compact({ full: true }),
        store.set('b', 'v', 1),
        store.snapshot(),
        store.compact(),
        store.set('c', 'v', 1),
      ]);
      expect([...store.keys({ at: 1 })]).toEqual(['a', 'b', 'c', 'k']);
      expect([...store.history('k')]).toHaveLength(5000);
    });
  });
};
