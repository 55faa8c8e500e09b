/** Waiting for a value. */
import { describe, expect, test } from 'vitest';
import { expectRefusal } from '../support/expect-refusal.js';
import { ManualClock } from '../support/manual-clock.js';
import type { Subject, Suite } from '../support/subject.js';

const second = 1_000_000;

/** Whether it has resolved or failed, once everybody had a turn. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  const pending = Symbol('pending');
  await new Promise((resolve) => setTimeout(resolve, 20));
  const settled = promise.catch(() => undefined);
  return (await Promise.race([settled, Promise.resolve(pending)])) !== pending;
}

const badOptions: object[] = [
  { timeout: -1 },
  { timeout: NaN },
  { timeout: '1' },
  { signal: 1 },
  { signal: null },
];

export const when: Suite = (makeStore) => {
  // The model cannot wait; where every write reopens or compacts the store, waits end.
  if (makeStore.kind === 'model' || makeStore.reopens || !makeStore.keepsLog) return;

  describe('when', () => {
    test('answers at once what is not in the future', async () => {
      const store = await makeStore({ clock: new ManualClock(100) });
      await store.set('k', 'v', 10);
      await store.set('k', 'w', 100);
      expect(await store.when('k', 50)).toBe('v');
      expect(await store.when('k', 100)).toBe('w');
      expect(await store.when('k', 5)).toBeUndefined();
      expect(await store.when('none', 100, { timeout: 0 })).toBeUndefined();
    });

    test('answers at the first commit of a version up to then', async () => {
      const store = await makeStore({ clock: new ManualClock(100) });
      await store.set('k', 'v', 10);
      const at = 100 + 3600 * second;
      const waiting = store.when('k', at);
      await store.set('other', 'v', 200);
      await store.set('k', 'too late', at + 1);
      await store.set('k', 'past', 99);
      expect(await isSettled(waiting)).toBe(false);
      await store.set('k', 'soon', at - 5);
      expect(await waiting).toBe('soon');
    });

    test('counts a version at the very time, and none at now', async () => {
      const store = await makeStore({ clock: new ManualClock(100) });
      const waiting = store.when('k', 100 + 3600 * second);
      await store.set('k', 'now', 100);
      expect(await isSettled(waiting)).toBe(false);
      await store.set('k', 'then', 100 + 3600 * second);
      expect(await waiting).toBe('then');
    });

    test('what is there for then already does not end it', async () => {
      const store = await makeStore({ clock: new ManualClock(100) });
      await store.set('k', 'planned', 3600 * second);
      const waiting = store.when('k', 3600 * second);
      expect(await isSettled(waiting)).toBe(false);
      await store.set('k', 'earlier', 1800 * second);
      expect(await waiting).toBe('planned');
    });

    test('a tombstone ends it, and there is nothing', async () => {
      const store = await makeStore({ clock: new ManualClock(100) });
      await store.set('k', 'v', 10);
      const waiting = store.when('k', 3600 * second);
      await store.delete('k', 200);
      expect(await waiting).toBeUndefined();
    });

    test('what is erased or taken out does not end it', async () => {
      const clock = new ManualClock(100);
      const store = await makeStore({ clock });
      await store.set('k', 'planned', 200, { ttl: 10 });
      await store.set('k', 'short', 300, { ttl: 10 });
      const waiting = store.when('k', 3600 * second);
      await store.erase('k', 200);
      clock.time = 500;
      expect(await store.expire()).toHaveLength(1);
      expect(await isSettled(waiting)).toBe(false);
      await store.erase('k', 'all');
      expect(await isSettled(waiting)).toBe(false);
      await store.set('k', 'v', 600);
      expect(await waiting).toBe('v');
    });

    test('is one of the operations of a batch', async () => {
      const store = await makeStore({ clock: new ManualClock(100) });
      const waiting = store.when('k', 3600 * second);
      await store.batch([
        { type: 'set', key: 'a', value: '', at: 200 },
        { type: 'set', key: 'k', value: 'v', at: 200 },
        { type: 'set', key: 'z', value: '', at: 200 },
      ]);
      expect(await waiting).toBe('v');
    });

    test('answers when the clock has come so far, and not before', async () => {
      const clock = new ManualClock(100);
      const store = await makeStore({ clock });
      await store.set('k', 'planned', 40_000);
      const waiting = store.when('k', 50_000);
      clock.time = 49_999;
      expect(await isSettled(waiting)).toBe(false);
      clock.time = 50_000;
      expect(await waiting).toBe('planned');
    });

    test('takes a Date', async () => {
      const store = await makeStore();
      expect(await store.when('k', new Date(Date.now() + 30))).toBeUndefined();
    });

    test('in ticks, a commit of any key moves now', async () => {
      const store = await makeStore({ unit: 'tick' });
      await store.set('k', 'v', 10);
      expect(await store.when('k', 10)).toBe('v');
      const waiting = store.when('k', 20);
      await store.set('other', 'v', 19);
      expect(await isSettled(waiting)).toBe(false);
      await store.set('other', 'v', 20);
      expect(await waiting).toBe('v');
      const later = store.when('k', 30);
      await store.set('k', 'w', 29);
      expect(await later).toBe('w');
    });

    test('gives up after a while', async () => {
      const store = await makeStore();
      await store.set('k', 'v');
      const at = new Date(Date.now() + 3_600_000);
      for (const timeout of [0, 30]) {
        const wait = () => store.when('k', at, { timeout });
        const { message } = await expectRefusal('ERR_TIMEKV_TIMEOUT', wait);
        expect(message).toContain(`"k" was committed within ${timeout} ms`);
      }
    });

    test('gives up when told to', async () => {
      const store = await makeStore({ unit: 'tick' });
      const reason = new Error('enough');
      const signal = AbortSignal.abort(reason);
      await expect(store.when('k', 0, { signal })).rejects.toBe(reason);
      const stop = new AbortController();
      const waiting = store.when('k', 5, { signal: stop.signal });
      stop.abort(reason);
      await expect(waiting).rejects.toBe(reason);
    });

    test('is told when the store is closed', async () => {
      const store = await makeStore({ unit: 'tick' });
      await store.set('k', 'v', 1);
      const waiting = expectRefusal('ERR_TIMEKV_CLOSED', () => store.when('k', 5));
      await store.close();
      await waiting;
    });

    test.each(badOptions)('refuses %o', async (options) => {
      const store = await makeStore();
      const wait = () => store.when('k', 0, options);
      await expectRefusal('ERR_TIMEKV_INVALID_ARGUMENT', wait);
    });

    test('refuses what is no key or no time', async () => {
      const store: Subject<string> = await makeStore({ unit: 'tick' });
      for (const [key, at] of [
        ['', 1],
        ['k', 1.5],
        ['k', undefined as never],
        ['k', new Date(0)],
      ] as const) {
        await expectRefusal('ERR_TIMEKV_INVALID_ARGUMENT', () => store.when(key, at));
      }
    });
  });
};
