/** How values become bytes and come back. */
import { describe, expect, test } from 'vitest';
import type { Codec, Suite } from '../support/subject.js';

const dates: Codec<Date> = {
  encode: (value) => Buffer.from(value.toISOString()),
  decode: (bytes) => new Date(bytes.toString()),
};

export const codecs: Suite = (makeStore) => {
  if (makeStore.kind === 'model') return;

  describe('codecs', () => {
    test('text is the default and keeps every character', async () => {
      const store = await makeStore();
      const value = 'ä\0\r\n\u{1F600}\uFEFF\u2028';
      await store.set('k', value, 1);
      expect(store.get('k', 1)).toBe(value);
      expect(store.version('k', 1)?.value).toBe(value);
      expect([...store.scan({ at: 1 })][0]?.value).toBe(value);
      expect([...store.history('k')][0]?.value).toBe(value);
    });

    test('bytes keeps every byte', async () => {
      const store = await makeStore<Uint8Array>({ codec: 'bytes' });
      const value = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
      await store.set('k', value, 1);
      await store.set('empty', new Uint8Array(0), 1);
      await store.set('array', new Uint8Array([1, 2, 255]), 1);
      expect(value.equals(store.get('k', 1) as Buffer)).toBe(true);
      expect(store.get('empty', 1)).toHaveLength(0);
      expect([...(store.get('array', 1) ?? [])]).toEqual([1, 2, 255]);
    });

    test('bytes: what was handed over, or read, may be changed by the caller', async () => {
      const store = await makeStore<Uint8Array>({ codec: 'bytes' });
      const value = Buffer.from('before');
      const writing = store.set('k', value, 1);
      value.fill('x');
      await writing;
      expect(Buffer.from(store.get('k', 1) ?? []).toString()).toBe('before');
      store.get('k', 1)?.fill(0);
      store.version('k', 1)?.value?.fill(0);
      for (const version of store.history('k')) version.value?.fill(0);
      for (const version of store.scan({ at: 1 })) version.value?.fill(0);
      expect(Buffer.from(store.get('k', 1) ?? []).toString()).toBe('before');
    });

    test.each<[string, (view: Uint8Array) => ArrayBufferView]>([
      ['16-bit elements', ({ buffer }) => new Uint16Array(buffer, 2, 2)],
      ['floats', ({ buffer }) => new Float32Array(buffer, 4, 1)],
      ['a DataView', ({ buffer }) => new DataView(buffer, 3, 4)],
    ])('bytes: a view of %s is stored as its bytes', async (_, viewOf) => {
      const store = await makeStore<ArrayBufferView>({ codec: 'bytes' });
      const view = viewOf(new Uint8Array([0, 1, 2, 255, 4, 5, 6, 7]));
      const expected = Buffer.from(view.buffer, view.byteOffset, view.byteLength);
      expect(expected).toHaveLength(4);
      await store.set('k', view, 1);
      await store.load([{ key: 'l', value: view, at: 1 }]);
      expect([store.get('k', 1), store.get('l', 1)]).toEqual([expected, expected]);
    });

    test('json keeps what JSON can say', async () => {
      const store = await makeStore<unknown>({ codec: 'json' });
      const values = [null, false, 0, -1.5, '', 'text', [], [1, [2]], { a: { b: null } }];
      for (const [at, value] of values.entries()) await store.set('k', value, at);
      expect([...store.history('k')].map(({ value }) => value)).toEqual(values);
      expect(store.get('k', 0)).toBeNull();
      expect(store.version('k', 0)?.state).toBe('value');
    });

    test.each([
      ['undefined', undefined],
      ['a function', () => 1],
      ['a bigint', 1n],
    ])('json: %s is refused', async (_, value) => {
      const store = await makeStore<unknown>({ codec: 'json' });
      await expect((async () => store.set('k', value, 1))()).rejects.toThrow(/JSON|serialize/);
      expect([...store.keys({ all: true })]).toEqual([]);
    });

    test("one's own types the store", async () => {
      const store = await makeStore({ codec: dates });
      const value = new Date('2026-03-29T01:00Z');
      await store.set('k', value, 1);
      expect(store.get('k', 1)).toEqual(value);
      expect([...store.scan({ at: 1 })][0]?.value).toEqual(value);
    });

    test("one's own may use its memory again for the next value", async () => {
      const memory = new Uint8Array(8);
      const store = await makeStore({
        codec: {
          encode(value: string) {
            const { written } = new TextEncoder().encodeInto(value, memory);
            return memory.subarray(0, written);
          },
          decode: (bytes) => bytes.toString(),
        },
      });
      const sets = ['one', 'two', 'three'].map(async (value, at) => {
        await store.set('k', value, at);
      });
      await Promise.all(sets);
      await store.batch(
        ['four', 'five'].map((value, at) => ({ type: 'set', key: 'k', value, at: 3 + at })),
      );
      await store.load(['six', 'seven'].map((value, at) => ({ key: 'k', value, at: 5 + at })));
      const values = [...store.history('k')].map(({ value }) => value);
      expect(values).toEqual(['one', 'two', 'three', 'four', 'five', 'six', 'seven']);
    });

    test('an error of the codec is passed on, and the store goes on', async () => {
      const store = await makeStore({
        codec: {
          encode(value) {
            if (value === 'bad') throw new RangeError('cannot encode');
            return Buffer.from(value);
          },
          decode: (bytes) => bytes.toString(),
        },
      });
      await expect((async () => store.set('k', 'bad', 1))()).rejects.toThrow('cannot encode');
      await store.set('k', 'good', 1);
      expect(store.get('k', 1)).toBe('good');
      expect(store.version('k', 1)?.seq).toBe(1);
    });
  });
};
