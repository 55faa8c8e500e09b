/** `expire` takes out versions that have expired, in the order of expiry; a stub of each stays. */
import { describe, expect, test } from 'vitest';
import { expectRefusal } from '../support/expect-refusal.js';
import { rowsAndRefusal, rowsUntilRefused } from '../support/histories.js';
import { ManualClock } from '../support/manual-clock.js';
import type { Subject, Suite } from '../support/subject.js';

const truncated = 'ERR_TIMEKV_HISTORY_TRUNCATED';

const seqsIn = (store: Subject<string>, key: string): number[] =>
  Array.from(store.history(key), ({ seq }) => seq);

/** What was taken out, in short. */
async function expired(store: Subject<string>, limit?: number): Promise<unknown[]> {
  const taken = await store.expire(limit === undefined ? undefined : { limit });
  return taken.map(({ key, timestamp }) => `${key} ${timestamp}`);
}

export const expire: Suite = (makeStore) => {
  whatGoes();
  whatStays();
  writesThere();

  /** Between a value before it and one after it, `short` was valid in [10, 15). */
  async function withStub(): Promise<Subject<string>> {
    const store = await makeStore({ clock: new ManualClock(100) });
    await store.set('a', 'stays', 1);
    await store.set('k', 'before', 1);
    await store.set('k', 'short', 10, { ttl: 5 });
    await store.set('k', 'after', 20);
    await store.set('z', 'stays', 1);
    expect(await store.expire()).toHaveLength(1);
    return store;
  }

  function whatGoes(): void {
    describe('expire', () => {
      test('answers what it took out, as it was', async () => {
        const store = await makeStore({ clock: new ManualClock(100) });
        await store.set('k', 'short', 10, { ttl: 5 });
        await store.set('k', 'lasts', 20);
        expect(await store.expire()).toEqual([
          { key: 'k', timestamp: 10, expiresAt: 15, value: 'short', seq: 1, state: 'expired' },
        ]);
        expect(await store.expire()).toEqual([]);
      });

      test('goes by expiry, then by key, then from the latest version back', async () => {
        const store = await makeStore({ clock: new ManualClock(100) });
        await store.set('b', 'v', 1, { expiresAt: 50 });
        await store.set('a', 'v', 60, { expiresAt: 70 });
        await store.set('a\0', 'v', 1, { expiresAt: 50 });
        await store.set('a', 'v', 1, { expiresAt: 50 });
        await store.set('a', 'v', 2, { expiresAt: 50 });
        await store.set('z', 'v', -200, { expiresAt: -100 });
        await store.set('é', 'v', 1, { expiresAt: 50 });
        expect(await expired(store)).toEqual([
          'z -200',
          'a 2',
          'a 1',
          'a\0 1',
          'b 1',
          'é 1',
          'a 60',
        ]);
      });

      test.each([-Number.MAX_SAFE_INTEGER + 1, -(2 ** 32), -1, 0, 1, 2 ** 32, 2 ** 33 + 5])(
        'has those that expire at %d before those that do one later',
        async (time) => {
          const store = await makeStore({ clock: new ManualClock(2 ** 40) });
          await store.set('a', 'v', time - 1, { expiresAt: time + 1 });
          await store.set('b', 'v', time - 1, { expiresAt: time });
          expect(await expired(store)).toEqual([`b ${time - 1}`, `a ${time - 1}`]);
        },
      );

      test('takes at most so many, the first ones', async () => {
        const store = await makeStore({ clock: new ManualClock(100) });
        for (const at of [4, 2, 3, 1]) await store.set('k', `${at}`, at, { expiresAt: at + 50 });
        expect(await expired(store, 0)).toEqual([]);
        expect(await expired(store, 1)).toEqual(['k 1']);
        expect(await expired(store, 2)).toEqual(['k 2', 'k 3']);
        expect(store.get('k', 4)).toBe('4');
        expect(await expired(store, 2)).toEqual(['k 4']);
        expect(await expired(store, 2)).toEqual([]);
      });

      test('takes a seq for each, and none where there is nothing', async () => {
        const store = await makeStore({ clock: new ManualClock(100) });
        expect(await store.expire()).toEqual([]);
        await store.set('k', 'v', 1, { ttl: 1 });
        await store.set('l', 'v', 1, { ttl: 1 });
        await store.expire();
        await store.expire();
        await store.set('k', 'v', 5);
        expect([seqsIn(store, 'k'), seqsIn(store, 'l')]).toEqual([[3, 5], [4]]);
      });

      test('takes what is valid up to now, and nothing that still is', async () => {
        const clock = new ManualClock(100);
        const store = await makeStore({ clock });
        await store.set('k', 'ended', 1, { expiresAt: 100 });
        await store.set('k', 'valid', 2, { expiresAt: 101 });
        await store.set('k', 'planned', 150, { expiresAt: 160 });
        expect(await expired(store)).toEqual(['k 1']);
        clock.time = 159;
        expect(await expired(store)).toEqual(['k 2']);
        clock.time = 160;
        expect(await expired(store)).toEqual(['k 150']);
      });

      test('goes by the last now where the clock has gone back', async () => {
        const clock = new ManualClock(100);
        const store = await makeStore({ clock });
        await store.set('k', 'v', 1, { expiresAt: 100 });
        await store.set('other', 'v');
        clock.time = 50;
        expect(await expired(store)).toEqual(['k 1']);
      });

      test('in ticks goes by the largest timestamp ever written', async () => {
        const store = await makeStore({ unit: 'tick' });
        await store.set('k', 'v', 10, { ttl: 5 });
        await store.set('other', 'v', 14);
        expect(await expired(store)).toEqual([]);
        await store.set('other', 'v', 15);
        await store.erase('other', 15);
        expect(await expired(store)).toEqual(['k 10']);
        expect(store.now()).toBe(15);
      });

      test('takes neither what was replaced nor what was erased', async () => {
        const store = await makeStore({ clock: new ManualClock(100) });
        await store.set('longer', 'v', 1, { expiresAt: 10 });
        await store.set('longer', 'v', 1, { expiresAt: 200 });
        await store.set('forever', 'v', 1, { expiresAt: 10 });
        await store.set('forever', 'v', 1);
        await store.set('deleted', 'v', 1, { expiresAt: 10 });
        await store.delete('deleted', 1);
        await store.set('erased', 'v', 1, { expiresAt: 10 });
        await store.erase('erased', 1);
        await store.set('all', 'v', 1, { expiresAt: 10 });
        await store.erase('all', 'all');
        await store.set('shorter', 'v', 1, { expiresAt: 200 });
        await store.set('shorter', 'v', 1, { expiresAt: 10 });
        await store.set('hidden', 'v', 1, { expiresAt: 10 });
        await store.delete('hidden', 5);
        expect(await expired(store)).toEqual(['hidden 1', 'shorter 1']);
        expect(store.get('longer', 50)).toBe('v');
      });

      test('takes what is written later, however long ago it has expired', async () => {
        const store = await makeStore({ clock: new ManualClock(100) });
        await store.set('m', 'v', 1, { expiresAt: 50 });
        expect(await expired(store)).toEqual(['m 1']);
        await store.set('a', 'v', 1, { expiresAt: 20 });
        await store.set('m', 'again', 1, { expiresAt: 50 });
        await store.set('z', 'v', 1, { expiresAt: 60 });
        expect(await expired(store, 2)).toEqual(['a 1', 'm 1']);
        await store.set('a', 'v', 2, { expiresAt: 20 });
        expect(await expired(store)).toEqual(['a 2', 'z 1']);
      });

      test('takes as many as there are', async () => {
        const store = await makeStore({ clock: new ManualClock(5000) });
        await store.load(
          Array.from({ length: 700 }, (_, at) => ({
            key: `${at % 9}`,
            value: 'v'.repeat(at % 2 === 0 ? 1 : 5000),
            at,
            expiresAt: 2000 - at,
          })),
        );
        const taken = await store.expire();
        expect(taken.map(({ timestamp }) => timestamp)).toEqual(
          Array.from({ length: 700 }, (_, index) => 699 - index),
        );
        expect(await store.expire()).toEqual([]);
      });
    });
  }

  function whatStays(): void {
    describe('what was taken out', () => {
      test('is refused as of the times at which it was valid, and no other', async () => {
        const store = await withStub();
        for (const at of [10, 14]) {
          await expectRefusal(truncated, () => store.get('k', at));
          await expectRefusal(truncated, () => store.version('k', at));
        }
        expect([9, 15, 19, 20].map((at) => store.get('k', at))).toEqual([
          'before',
          undefined,
          undefined,
          'after',
        ]);
        expect([15, 19].map((at) => store.version('k', at))).toEqual([undefined, undefined]);
      });

      test('ends keys, scan and diff, which say at which key', async () => {
        const store = await withStub();
        const refusedBehind = (...rows: unknown[]) => rowsAndRefusal(makeStore, rows, truncated);
        expect(rowsUntilRefused(store.keys({ at: 12 }))).toEqual(refusedBehind('a'));
        const reversed = rowsUntilRefused(store.keys({ at: 12, reverse: true }));
        expect(reversed).toEqual(refusedBehind('z'));
        const scanned = rowsUntilRefused(store.scan({ at: 12 }));
        expect(scanned).toEqual(refusedBehind(expect.objectContaining({ key: 'a' })));
        expect(rowsUntilRefused(store.diff(0, 12))).toEqual(
          refusedBehind({ key: 'a', change: 'added', before: undefined, after: 'stays' }),
        );
        expect(rowsUntilRefused(store.diff(12, 20))).toEqual([truncated]);
        const beside = [...store.keys({ at: 12, start: 'l' }), ...store.keys({ at: 12, end: 'k' })];
        expect(beside).toEqual(['z', 'a']);
        expect(rowsUntilRefused(store.keys({ at: 12, limit: 1 }))).toEqual(['a']);
      });

      test('is absent from reads as of later times, and lets nothing older through', async () => {
        const store = await withStub();
        expect([...store.keys({ at: 15 })]).toEqual(['a', 'z']);
        expect([...store.scan({ at: 19 })].map(({ key }) => key)).toEqual(['a', 'z']);
        expect([...store.diff(1, 15)]).toEqual([
          { key: 'k', change: 'removed', before: 'before', after: undefined },
        ]);
        expect([...store.keys({ at: 20 })]).toEqual(['a', 'k', 'z']);
      });

      test('is in its history, without the value', async () => {
        const store = await withStub();
        const stub = {
          key: 'k',
          timestamp: 10,
          expiresAt: 15,
          value: undefined,
          seq: 6,
          state: 'expired',
        };
        expect([...store.history('k')]).toEqual([
          expect.objectContaining({ value: 'before', state: 'value' }),
          stub,
          expect.objectContaining({ value: 'after', state: 'value' }),
        ]);
        expect([...store.history('k', { from: 5, to: 15, reverse: true })]).toEqual([stub]);
      });

      test('keeps its key among all keys', async () => {
        const store = await makeStore({ clock: new ManualClock(100) });
        await store.set('k', 'short', 10, { ttl: 5 });
        await store.expire();
        expect([...store.keys({ all: true })]).toEqual(['k']);
        expect([...store.keys()]).toEqual([]);
      });

      test('keeps its time taken', async () => {
        const store = await withStub();
        await expectRefusal('ERR_TIMEKV_CONFLICT', () =>
          store.set('k', 'v', 10, { onConflict: 'fail' }),
        );
        expect(await store.set('k', 'v', 10, { onConflict: 'bump' })).toBe(11);
      });
    });
  }

  function writesThere(): void {
    describe('writes where a version was taken out', () => {
      test('replace it: reads answer again', async () => {
        const store = await withStub();
        await store.set('k', 'again', 10);
        expect([9, 10, 15, 20].map((at) => store.get('k', at))).toEqual([
          'before',
          'again',
          'again',
          'after',
        ]);
        expect(Array.from(store.history('k'), ({ state }) => state)).toEqual([
          'value',
          'value',
          'value',
        ]);
        await store.delete('k', 10);
        expect(store.get('k', 12)).toBeUndefined();
      });

      test('go on behind it', async () => {
        const store = await withStub();
        await store.set('k', 'next', 12);
        expect([12, 14, 15].map((at) => store.get('k', at))).toEqual(['next', 'next', 'next']);
        await expectRefusal(truncated, () => store.get('k', 11));
      });

      test('with ifSeq are refused as reads are', async () => {
        const store = await withStub();
        for (const ifSeq of [3, 6, 'none'] as const) {
          await expectRefusal(truncated, () => store.set('k', 'v', 12, { ifSeq }));
        }
        await store.set('k', 'v', 15, { ifSeq: 'none' });
        expect(store.get('k', 15)).toBe('v');
      });

      test('erase it: what came before shows again', async () => {
        const store = await withStub();
        expect(await store.erase('k', 10)).toBe(1);
        expect([9, 12, 19, 20].map((at) => store.get('k', at))).toEqual([
          'before',
          'before',
          'before',
          'after',
        ]);
        await store.set('k', 'v', 10, { onConflict: 'fail' });
        expect(await store.erase('k', 'all')).toBe(3);
        expect([...store.keys({ all: true })]).toEqual(['a', 'z']);
      });

      test('load it as it was elsewhere', async () => {
        const store = await makeStore({ clock: new ManualClock(100) });
        await store.load([
          { key: 'a', value: 'short', at: 1, expiresAt: 5 },
          { key: 'k', value: 'before', at: 1 },
          { key: 'k', state: 'expired', at: 10, expiresAt: 15 },
          { key: 'k', state: 'expired', value: 'still there', at: 20, expiresAt: 25 },
        ]);
        await expectRefusal(truncated, () => store.get('k', 12));
        expect([9, 15, 20, 25].map((at) => store.get('k', at))).toEqual([
          'before',
          undefined,
          'still there',
          undefined,
        ]);
        expect(Array.from(store.history('k'), ({ state }) => state)).toEqual([
          'value',
          'expired',
          'value',
        ]);
        // That it was taken out elsewhere says nothing of what is here.
        expect(await expired(store)).toEqual(['a 1', 'k 20']);
      });
    });
  }
};
