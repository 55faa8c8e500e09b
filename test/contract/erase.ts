/** `erase` takes out every write ever made at one version's time, or a whole history. */
import { describe, expect, test } from 'vitest';
import { expectRefusal } from '../support/expect-refusal.js';
import { everything, fillHistories, timesOf } from '../support/histories.js';
import { ManualClock } from '../support/manual-clock.js';
import type { Suite } from '../support/subject.js';

export const erase: Suite = (makeStore) => {
  describe('erase of a version', () => {
    test('leaves no trace of it in any read, of the past neither', async () => {
      const store = await makeStore();
      await fillHistories(store);
      expect(await store.erase('a', 10)).toBe(1);
      expect(timesOf(store, 'a')).toEqual([1, 20]);
      expect([9, 10, 19, 20].map((at) => store.get('a', at))).toEqual([
        'first',
        'first',
        'first',
        undefined,
      ]);
      expect(store.version('a', 15)).toMatchObject({ timestamp: 1, seq: 1 });
      expect(Array.from(store.scan({ at: 15 }), ({ value }) => value)).toEqual(['first', 'only']);
      expect([...store.diff(9, 15)].map(({ key }) => key)).toEqual(['b', 'c']);
      expect([...store.diff(15, 20)]).toEqual([
        { key: 'a', change: 'removed', before: 'first', after: undefined },
      ]);
    });

    test('of the only one ends the key', async () => {
      const store = await makeStore();
      await fillHistories(store);
      expect(await store.erase('b', 10)).toBe(1);
      expect([...store.keys({ all: true })]).toEqual(['a', 'c', 'd']);
      expect([...store.keys({ at: 15 })]).toEqual(['a']);
      expect([...store.history('b')]).toEqual([]);
      expect([...store.scan({ start: 'b', end: 'c', at: 15 })]).toEqual([]);
    });

    test('is of a tombstone too: what it ended comes back', async () => {
      const store = await makeStore();
      await fillHistories(store);
      expect(await store.erase('a', 20)).toBe(1);
      expect(store.get('a', 25)).toBe('second');
      expect([...store.keys({ at: 30 })]).toEqual(['a', 'b', 'd']);
    });

    test('is of one that has expired: what it replaced comes back', async () => {
      const store = await makeStore();
      await store.set('k', 'before', 1);
      await store.set('k', 'short', 5, { ttl: 10 });
      expect(store.get('k', 15)).toBeUndefined();
      expect(await store.erase('k', 5)).toBe(1);
      expect(store.get('k', 15)).toBe('before');
    });

    test('is of one in the future', async () => {
      const store = await makeStore({ clock: new ManualClock(100) });
      await store.set('k', 'planned', Number.MAX_SAFE_INTEGER);
      await store.set('k', 'now', 100);
      expect(await store.erase('k', Number.MAX_SAFE_INTEGER)).toBe(1);
      expect(timesOf(store, 'k')).toEqual([100]);
    });

    test('takes all writes at its time, and counts one', async () => {
      const store = await makeStore();
      await store.set('k', 'one', 5);
      await store.set('k', 'two', 5);
      await store.delete('k', 5);
      expect(await store.erase('k', 5)).toBe(1);
      expect([...store.history('k')]).toEqual([]);
      expect([...store.keys({ all: true })]).toEqual([]);
    });

    test('is exact about the time, and about the key', async () => {
      const store = await makeStore();
      await fillHistories(store);
      const before = everything(store);
      expect(await store.erase('a', 11)).toBe(0);
      expect(await store.erase('a', -10)).toBe(0);
      expect(await store.erase('aa', 10)).toBe(0);
      expect(await store.erase('none', 'all')).toBe(0);
      expect(everything(store)).toEqual(before);
    });

    test('that finds nothing takes no seq; one that does takes one', async () => {
      const store = await makeStore();
      await store.set('k', 'v', 1);
      expect(await store.erase('k', 2)).toBe(0);
      await store.set('k', 'v', 3);
      expect(store.version('k', 3)?.seq).toBe(2);
      expect(await store.erase('k', 1)).toBe(1);
      await store.set('k', 'v', 4);
      expect(store.version('k', 4)?.seq).toBe(4);
    });

    test('a second time finds nothing', async () => {
      const store = await makeStore();
      await fillHistories(store);
      expect(await store.erase('a', 10)).toBe(1);
      expect(await store.erase('a', 10)).toBe(0);
      expect(await store.erase('b', 'all')).toBe(1);
      expect(await store.erase('b', 'all')).toBe(0);
      expect(await store.erase('b', 10)).toBe(0);
    });

    test('makes its time free again', async () => {
      const store = await makeStore();
      await store.set('k', 'old', 5);
      await store.set('k', 'next', 6);
      await store.erase('k', 5);
      expect(await store.set('k', 'bumped', 5, { onConflict: 'bump' })).toBe(5);
      expect(await store.set('k', 'again', 5, { onConflict: 'bump' })).toBe(7);
      await store.erase('k', 5);
      expect(await store.set('k', 'new', 5, { onConflict: 'fail' })).toBe(5);
      await expectRefusal('ERR_TIMEKV_CONFLICT', () =>
        store.set('k', 'newer', 5, { onConflict: 'fail' }),
      );
      expect(Array.from(store.history('k'), ({ value }) => value)).toEqual([
        'new',
        'next',
        'again',
      ]);
    });

    test('is seen by ifSeq', async () => {
      const store = await makeStore();
      await store.set('k', 'old', 1);
      await store.set('k', 'new', 5);
      await store.erase('k', 5);
      await expectRefusal('ERR_TIMEKV_CONFLICT', () => store.set('k', 'v', 9, { ifSeq: 2 }));
      await store.set('k', 'v', 9, { ifSeq: 1 });
      await store.erase('k', 'all');
      await store.set('k', 'w', 9, { ifSeq: 'none' });
      expect(store.get('k', 9)).toBe('w');
    });

    test('what was replaced there does not come back, with what is written there later neither', async () => {
      const store = await makeStore();
      await store.set('k', 'one', 5);
      await store.set('k', 'two', 5);
      await store.erase('k', 5);
      await store.set('k', 'three', 5);
      expect(await store.erase('k', 5)).toBe(1);
      expect(store.get('k', 5)).toBeUndefined();
      expect([...store.history('k')]).toEqual([]);
    });
  });

  describe('erase of a whole history', () => {
    test('counts the versions, replaced ones not', async () => {
      const store = await makeStore();
      await fillHistories(store);
      expect(await store.erase('a', 'all')).toBe(3);
      expect(timesOf(store, 'a')).toEqual([]);
      expect([...store.keys({ all: true })]).toEqual(['b', 'c', 'd']);
      expect([5, 15, 25].map((at) => store.get('a', at))).toEqual([
        undefined,
        undefined,
        undefined,
      ]);
      expect([...store.diff(0, 15)].map(({ key }) => key)).toEqual(['b']);
    });

    test('touches no other key', async () => {
      const store = await makeStore();
      for (const key of ['k', 'k\0', 'kk', 'j']) await store.set(key, key, 5);
      expect(await store.erase('k', 'all')).toBe(1);
      expect([...store.scan({ at: 5 })].map(({ value }) => value)).toEqual(['j', 'k\0', 'kk']);
    });

    test('what is written later stands, at the same times too', async () => {
      const store = await makeStore();
      await fillHistories(store);
      await store.erase('a', 'all');
      await store.set('a', 'new', 10, { onConflict: 'fail' });
      await store.set('a', 'latest', Number.MAX_SAFE_INTEGER);
      expect(timesOf(store, 'a')).toEqual([10, Number.MAX_SAFE_INTEGER]);
      expect([9, 10, 25].map((at) => store.get('a', at))).toEqual([undefined, 'new', 'new']);
      expect(store.get('a', Number.MAX_SAFE_INTEGER)).toBe('latest');
      expect(await store.erase('a', 'all')).toBe(2);
      expect([...store.keys({ all: true })]).toEqual(['b', 'c', 'd']);
    });

    test('reaches the first and the last time there is', async () => {
      const store = await makeStore({ clock: new ManualClock(100) });
      const last = Number.MAX_SAFE_INTEGER;
      await store.set('k', 'first', -last);
      await store.set('k', 'last', last);
      expect(await store.erase('k', 'all')).toBe(2);
      expect([-last, 0, last].map((at) => store.get('k', at))).toEqual([
        undefined,
        undefined,
        undefined,
      ]);
    });
  });

  describe('erase', () => {
    test('leaves now where it was, in ticks', async () => {
      const store = await makeStore({ unit: 'tick' });
      await store.set('k', 'v', 7);
      await store.set('k', 'v', 41);
      await store.erase('k', 41);
      expect(store.now()).toBe(41);
      expect(store.get('k')).toBe('v');
      await store.erase('k', 'all');
      expect(store.now()).toBe(41);
      expect(await store.set('k', 'v')).toBe(42);
    });

    test('takes no now from the clock', async () => {
      const store = await makeStore({ clock: new ManualClock(100) });
      await store.set('k', 'v');
      await store.erase('k', 100);
      expect(await store.set('k', 'v')).toBe(101);
    });
  });

  if (makeStore.kind === 'model') return;

  describe('erase refuses', () => {
    test.each(['', 5, '\ud800', 'k'.repeat(2049)])('the key %o', async (key) => {
      const store = await makeStore();
      await expectRefusal('ERR_TIMEKV_INVALID_ARGUMENT', () => store.erase(key as string, 1));
    });

    test.each([undefined, null, 1.5, NaN, '1', 'everything', 2 ** 53])(
      'the time %o',
      async (at) => {
        const store = await makeStore();
        await store.set('k', 'v', 1);
        await expectRefusal('ERR_TIMEKV_INVALID_ARGUMENT', () => store.erase('k', at as number));
        const operation = { type: 'erase', key: 'k', at: at as number } as const;
        await expectRefusal('ERR_TIMEKV_INVALID_ARGUMENT', () => store.batch([operation]));
        expect(timesOf(store, 'k')).toEqual([1]);
      },
    );
  });
};
