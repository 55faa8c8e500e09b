/** An option value that is not known is refused, not ignored. */
import { describe, expect, test } from 'vitest';
import { expectRefusal } from '../support/expect-refusal.js';
import type { Subject, Suite } from '../support/subject.js';

const badSetOptions: object[] = [
  { onConflict: 'ignore' },
  { onConflict: 1 },
  { ttl: 0 },
  { ttl: -1 },
  { ttl: 1.5 },
  { ttl: NaN },
  { ttl: '5' },
  { ttl: 5, expiresAt: 50 },
  { maxBump: -1, onConflict: 'bump' },
  { maxBump: 0.5, onConflict: 'bump' },
  { maxBump: NaN, onConflict: 'bump' },
  { ifSeq: 'any' },
  { ifSeq: -1 },
  { ifSeq: 1.5 },
  { ifSeq: NaN },
  { onConflict: 5n },
  { ttl: Object.create(null) as object },
];

const badReads: [string, (store: Subject<string>) => unknown][] = [
  ['history: limit -1', (store) => [...store.history('k', { limit: -1 })]],
  ['history: limit 1.5', (store) => [...store.history('k', { limit: 1.5 })]],
  ['history: limit "1"', (store) => [...store.history('k', { limit: '1' as never })]],
  ['scan: limit -1', (store) => [...store.scan({ limit: -1 })]],
  ['scan: limit NaN', (store) => [...store.scan({ limit: NaN })]],
  ['scan: prefix 1', (store) => [...store.scan({ prefix: 1 as never })]],
  ['scan: start {}', (store) => [...store.scan({ start: {} as never })]],
  ['keys: limit -1', (store) => [...store.keys({ limit: -1 })]],
  ['expire: limit -1', (store) => store.expire({ limit: -1 })],
  ['expire: limit "1"', (store) => store.expire({ limit: '1' as never })],
  ['expire: null', (store) => store.expire(null as never)],
  ['history: null', (store) => [...store.history('k', null as never)]],
  ['scan: null', (store) => [...store.scan(null as never)]],
  ['keys: 5', (store) => [...store.keys(5 as never)]],
  ['keys: end null', (store) => [...store.keys({ end: null as never })]],
];

const badOpenOptions: object[] = [
  { unit: 'ms' },
  { codec: 'xml' },
  { codec: {} },
  { durability: 'none' },
  { memory: 8 * 1024 * 1024 - 1 },
  { memory: NaN },
  { busyTimeout: -1 },
  { busyTimeout: NaN },
  { clock: {} },
  { clock: null },
  { codec: null },
  { busyTimeout: null },
  { durability: 5n },
  { looks: 'always' },
  { looks: null },
];

export const refuseOptions: Suite = (makeStore) => {
  if (makeStore.kind === 'model') return;
  const code = 'ERR_TIMEKV_INVALID_ARGUMENT';

  describe('options that are refused', () => {
    test.each(badSetOptions)('of set: %o', async (options) => {
      const store = await makeStore();
      await expectRefusal(code, () => store.set('k', 'v', 1, options));
      await expectRefusal(code, () =>
        store.batch([{ type: 'set', key: 'k', value: 'v', at: 1, ...options }]),
      );
      expect([...store.keys({ all: true })]).toEqual([]);
    });

    test.each(badReads)('of %s', async (_, read) => {
      const store = await makeStore();
      await expectRefusal(code, () => read(store));
    });

    test.each(badOpenOptions)('of open: %o', async (options) => {
      await expectRefusal(code, () => makeStore(options));
    });

    test('an operation of an unknown type', async () => {
      const store = await makeStore();
      const operation = { type: 'put', key: 'k', value: 'v', at: 1 } as never;
      await expectRefusal(code, () => store.batch([operation]));
      expect([...store.keys({ all: true })]).toEqual([]);
    });

    test.each([null, 5, 'x', 5n])('of a write: %s in place of an object', async (nothing) => {
      const store = await makeStore();
      await expectRefusal(code, () => store.set('k', 'v', 1, nothing as never));
      await expectRefusal(code, () => store.batch([nothing as never]));
      await expectRefusal(code, () => store.load([nothing as never]));
      await expectRefusal(code, () => store.load(nothing as never));
      await expectRefusal(code, () => store.load([], nothing as never));
      await expectRefusal(code, () => store.load([], { onProgress: nothing as never }));
      await expectRefusal(code, () => store.compact(nothing as never));
      await expectRefusal(code, () => store.compact({ onProgress: nothing as never }));
      expect([...store.keys({ all: true })]).toEqual([]);
    });

    test.each<object>([
      { state: 'gone', value: 'v' },
      { state: null, value: 'v' },
      { state: 'deleted', value: 'v' },
      { state: 'deleted', value: '' },
      { state: 'deleted', ttl: 5 },
      { state: 'deleted', expiresAt: 5 },
      { state: 'expired' },
      { state: 'expired', ttl: 5 },
      { state: 'expired', expiresAt: 5, at: undefined },
      { state: 'expired', expiresAt: 1 },
      { state: 'erased', expiresAt: 5 },
    ])('of a row of load: %j', async (row) => {
      const store = await makeStore();
      await expectRefusal(code, () => store.load([{ key: 'k', at: 1, ...row }]));
      expect([...store.keys({ all: true })]).toEqual([]);
    });

    test('operations that are no array', async () => {
      const store = await makeStore();
      await expectRefusal(code, () => store.batch(undefined as never));
    });
  });
};
