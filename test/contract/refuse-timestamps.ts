/** Timestamps are integers with |t| ≤ 2^53 − 1, or valid Dates. */
import { describe, expect, test } from 'vitest';
import { expectRefusal } from '../support/expect-refusal.js';
import { ManualClock } from '../support/manual-clock.js';
import type { Subject, Suite } from '../support/subject.js';

const bad: [string, unknown][] = [
  ['a fraction', 1.5],
  ['NaN', NaN],
  ['Infinity', Infinity],
  ['-Infinity', -Infinity],
  ['2^53', 2 ** 53],
  ['-2^53', -(2 ** 53)],
  ['a string', '5'],
  ['a bigint', 5n],
  ['null', null],
  ['an object', {}],
  ['an invalid Date', new Date(NaN)],
];

type Call = (store: Subject<string>, time: number) => unknown;

const calls: Record<string, Call> = {
  set: (store, time) => store.set('k', 'v', time),
  delete: (store, time) => store.delete('k', time),
  batch: (store, at) =>
    store.batch([
      { type: 'set', key: 'k', value: 'v', at: 1 },
      { type: 'set', key: 'k', value: 'v', at },
    ]),
  'delete in a batch': (store, at) => store.batch([{ type: 'delete', key: 'k', at }]),
  load: (store, at) => store.load([{ key: 'k', value: 'v', at }]),
  'expiresAt of set': (store, expiresAt) => store.set('k', 'v', 1, { expiresAt }),
  get: (store, time) => store.get('k', time),
  version: (store, time) => store.version('k', time),
  'from of history': (store, from) => [...store.history('k', { from })],
  'to of history': (store, to) => [...store.history('k', { to })],
  'at of scan': (store, at) => [...store.scan({ at })],
  'at of keys': (store, at) => [...store.keys({ at })],
};

export const refuseTimestamps: Suite = (makeStore) => {
  if (makeStore.kind === 'model') return;

  describe('timestamps that are refused', () => {
    test.each(bad)('%s, by every call', async (_, time) => {
      const store = await makeStore();
      for (const call of Object.values(calls)) {
        await expectRefusal('ERR_TIMEKV_INVALID_ARGUMENT', () => call(store, time as number));
      }
      expect([...store.keys({ all: true })]).toEqual([]);
    });

    test('a ttl that ends beyond the last timestamp', async () => {
      const store = await makeStore();
      await expectRefusal('ERR_TIMEKV_INVALID_ARGUMENT', () =>
        store.set('k', 'v', 1, { ttl: Number.MAX_SAFE_INTEGER }),
      );
      expect([...store.keys({ all: true })]).toEqual([]);
    });

    // A clock in another process is told numbers alone.
    const texts = makeStore.kind === 'http' ? [] : ['5'];
    test.each([NaN, Infinity, 2 ** 53, 1000.75, ...texts, undefined])(
      'a clock that says %s',
      async (said) => {
        const clock = new ManualClock(1000);
        const store = await makeStore({ clock });
        await store.set('k', 'v', 1);
        clock.time = said as number;
        await expectRefusal('ERR_TIMEKV_INVALID_ARGUMENT', () => store.set('k', 'w'));
        clock.time = 1001;
        expect(await store.set('k', 'x')).toBe(1001);
        expect([...store.history('k')].map(({ timestamp }) => timestamp)).toEqual([1, 1001]);
      },
    );
  });

  test('-0 is 0', async () => {
    const store = await makeStore();
    expect(Object.is(await store.set('k', 'v', -0), 0)).toBe(true);
    expect(Object.is([...store.history('k')][0]?.timestamp, 0)).toBe(true);
    expect(store.get('k', -0)).toBe('v');
  });
};
