/** Keys are non-empty text of at most 2,048 bytes of UTF-8 without lone surrogates. */
import { describe, expect, test } from 'vitest';
import { expectRefusal } from '../support/expect-refusal.js';
import type { Subject, Suite } from '../support/subject.js';

const bad: [string, unknown][] = [
  ['an empty key', ''],
  ['2,049 bytes', 'k'.repeat(2049)],
  ['2,050 bytes in 1,025 characters', 'é'.repeat(1025)],
  ['a lone high surrogate', 'a\uD83D'],
  ['a lone low surrogate', '\uDE00a'],
  ['surrogates the wrong way round', '\uDE00\uD83D'],
  ['a number', 1],
  ['nothing', undefined],
  ['null', null],
  ['a buffer', Buffer.from('k')],
];

type Call = (store: Subject<string>, key: string) => unknown;

const calls: Record<string, Call> = {
  set: (store, key) => store.set(key, 'v', 1),
  delete: (store, key) => store.delete(key, 1),
  batch: (store, key) =>
    store.batch([
      { type: 'set', key: 'good', value: 'v', at: 1 },
      { type: 'set', key, value: 'v', at: 1 },
    ]),
  'delete in a batch': (store, key) => store.batch([{ type: 'delete', key, at: 1 }]),
  load: (store, key) => store.load([{ key, value: 'v', at: 1 }]),
  get: (store, key) => store.get(key, 1),
  version: (store, key) => store.version(key, 1),
  history: (store, key) => [...store.history(key)],
};

export const refuseKeys: Suite = (makeStore) => {
  if (makeStore.kind === 'model') return;

  describe('keys that are refused', () => {
    test.each(bad)('%s, by every call', async (_, key) => {
      const store = await makeStore();
      for (const call of Object.values(calls)) {
        await expectRefusal('ERR_TIMEKV_INVALID_ARGUMENT', () => call(store, key as string));
      }
      expect([...store.keys({ all: true })]).toEqual([]);
    });

    test('a write that is refused rejects; it does not throw past its promise', async () => {
      const store = await makeStore();
      const promise = store.set('', 'v');
      await expect(promise).rejects.toMatchObject({ code: 'ERR_TIMEKV_INVALID_ARGUMENT' });
    });

    test('bounds of a scan are refused where no key could be like them', async () => {
      const store = await makeStore();
      for (const name of ['prefix', 'start', 'end']) {
        const options = { [name]: 'a\uD83D' };
        await expectRefusal('ERR_TIMEKV_INVALID_ARGUMENT', () => [...store.scan(options)]);
        await expectRefusal('ERR_TIMEKV_INVALID_ARGUMENT', () => [...store.keys(options)]);
      }
    });
  });

  describe('keys that are just allowed', () => {
    test.each([
      ['2,048 bytes', 'k'.repeat(2048)],
      ['2,048 bytes in 1,024 characters', 'é'.repeat(1024)],
      ['2,048 bytes of emoji', '\u{1F600}'.repeat(512)],
      ['a zero byte', '\0'],
      ['a line break', 'a\r\nb'],
      ['the name of a prototype property', '__proto__'],
    ])('%s', async (_, key) => {
      const store = await makeStore();
      await store.set(key, 'v', 1);
      expect(store.get(key, 1)).toBe('v');
      expect([...store.keys({ at: 1 })]).toEqual([key]);
      expect([...store.history(key)]).toHaveLength(1);
    });
  });
};
