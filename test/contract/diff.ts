/** What differs between two times. */
import { describe, expect, test } from 'vitest';
import type { Subject, Suite } from '../support/subject.js';

async function fill(store: Subject<string>): Promise<void> {
  await store.set('added', 'v', 20);
  await store.set('changed', 'old', 10);
  await store.set('changed', 'new', 20);
  await store.set('deleted', 'v', 10);
  await store.delete('deleted', 20);
  await store.set('expired', 'v', 10, { expiresAt: 20 });
  await store.set('future', 'v', 30);
  await store.set('same', 'v', 10);
  await store.set('same again', 'v', 10);
  await store.set('same again', 'v', 20);
  await store.set('there and back', 'a', 10);
  await store.set('there and back', 'b', 15);
  await store.set('there and back', 'a', 20);
}

const added = { key: 'added', change: 'added', before: undefined, after: 'v' };
const changed = { key: 'changed', change: 'changed', before: 'old', after: 'new' };
const deleted = { key: 'deleted', change: 'removed', before: 'v', after: undefined };
const expired = { key: 'expired', change: 'removed', before: 'v', after: undefined };

export const diff: Suite = (makeStore) => {
  describe('diff', () => {
    test('tells what was added, changed and removed, in key order', async () => {
      const store = await makeStore();
      await fill(store);
      expect([...store.diff(10, 20)]).toEqual([added, changed, deleted, expired]);
    });

    test('goes back in time as well', async () => {
      const store = await makeStore();
      await fill(store);
      expect([...store.diff(20, 10)]).toEqual([
        { ...added, change: 'removed', before: 'v', after: undefined },
        { ...changed, before: 'new', after: 'old' },
        { ...deleted, change: 'added', before: undefined, after: 'v' },
        { ...expired, change: 'added', before: undefined, after: 'v' },
      ]);
    });

    test('ends now unless told when', async () => {
      const store = await makeStore({ unit: 'tick' });
      await fill(store);
      const future = { key: 'future', change: 'added', before: undefined, after: 'v' };
      expect([...store.diff(20)]).toEqual([future]);
      expect([...store.diff(30)]).toEqual([]);
    });

    test('tells nothing from a time to itself, nor before all times', async () => {
      const store = await makeStore();
      await fill(store);
      for (const [from, to] of [
        [10, 10],
        [12, 14],
        [-5, 9],
      ] as const)
        expect([...store.diff(from, to)]).toEqual([]);
    });

    test('takes the newest of what was written again at the same time', async () => {
      const store = await makeStore();
      await store.set('k', 'first', 10);
      await store.set('k', 'second', 10);
      await store.set('k', 'third', 20);
      await store.set('k', 'second', 20);
      expect([...store.diff(10, 20)]).toEqual([]);
      expect([...store.diff(9, 20)]).toEqual([
        { key: 'k', change: 'added', before: undefined, after: 'second' },
      ]);
    });

    test('tells an empty value from none', async () => {
      const store = await makeStore();
      await store.set('k', '', 10);
      expect([...store.diff(9, 10)]).toEqual([
        { key: 'k', change: 'added', before: undefined, after: '' },
      ]);
    });

    test('keeps to a prefix', async () => {
      const store = await makeStore();
      await fill(store);
      expect([...store.diff(10, 20, { prefix: 'd' })]).toEqual([deleted]);
      expect([...store.diff(10, 20, { prefix: 'x' })]).toEqual([]);
      expect([...store.diff(10, 20, { prefix: '' })]).toHaveLength(4);
    });

    test('goes past keys with many versions', async () => {
      const store = await makeStore();
      for (let at = 0; at < 40; at++) await store.set('many', `v${at}`, at);
      await store.set('next', 'v', 5);
      const many = { key: 'many', change: 'changed', before: 'v3', after: 'v30' };
      const next = { key: 'next', change: 'added', before: undefined, after: 'v' };
      expect([...store.diff(3, 30)]).toEqual([many, next]);
    });
  });
};
