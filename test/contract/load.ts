/** Bulk load: committed in order, in parts. */
import { describe, expect, test } from 'vitest';
import type { RowBytes } from '../../src/index.js';
import { expectRefusal } from '../support/expect-refusal.js';
import type { Suite } from '../support/subject.js';

function rowOf(bytes: Uint8Array): RowBytes {
  return { bytes, keyStart: 0, keyEnd: 0, valueStart: 0, valueEnd: 0, at: undefined };
}

export const load: Suite = (makeStore) => {
  describe('load', () => {
    test('writes values, tombstones and expiries in order and counts them', async () => {
      const store = await makeStore();
      const count = await store.load([
        { key: 'a', value: 'first', at: 1 },
        { key: 'a', value: 'second', at: 1 },
        { key: 'b', value: 'short', at: 1, ttl: 5 },
        { key: 'a', state: 'deleted', at: 2 },
        { key: 'c', value: 'free', at: 1, onConflict: 'bump' },
        { key: 'c', value: 'bumped', at: 1, onConflict: 'bump' },
      ]);
      expect(count).toBe(6);
      expect([...store.history('a')].map(({ value, seq }) => [value, seq])).toEqual([
        ['second', 2],
        [undefined, 4],
      ]);
      expect([...store.keys({ at: 5 })]).toEqual(['b', 'c']);
      expect([...store.keys({ at: 6 })]).toEqual(['c']);
      expect(['b', 'c'].map((key) => store.get(key, 1))).toEqual(['short', 'free']);
      expect(store.get('c', 2)).toBe('bumped');
    });

    test('of nothing is nothing', async () => {
      const store = await makeStore();
      expect(await store.load([])).toBe(0);
    });

    if (makeStore.kind === 'model') return;

    test('takes rows as bytes, of which one object is all', async () => {
      const store = await makeStore();
      const bytes = Buffer.from('key/ü=value;');
      const row = rowOf(bytes);
      function* rows(): Generator<RowBytes> {
        Object.assign(row, { keyEnd: 6, valueStart: 7, valueEnd: 12, at: 1 });
        yield row;
        Object.assign(row, { keyEnd: 3, valueEnd: 7, at: 2 });
        yield row;
        bytes.fill('x'); // What has been taken does not change any more.
        row.at = undefined;
        yield row;
      }
      expect(await store.load(rows())).toBe(3);
      expect(store.get('key/ü', 1)).toBe('value');
      expect(store.get('key', 2)).toBe('');
      expect(store.version('xxx')).toMatchObject({ value: '', seq: 3 });
    });

    test.each([
      [{ keyEnd: 0 }, 'the key is empty'],
      [{ keyEnd: 2049 }, 'the key has 2049 bytes; the most is 2048'],
      [{ keyEnd: 5000 }, 'does not lie within the 4096 bytes of its row'],
      [{ keyStart: 2, keyEnd: 1 }, 'does not lie within'],
      [{ keyStart: 0.5 }, 'does not lie within'],
      [{ valueStart: -1 }, 'does not lie within'],
      [{ keyStart: 4095, keyEnd: 4096 }, 'the key is not valid UTF-8'],
      [{ at: 0.5 }, 'the timestamp 0.5 is not an integer'],
      [{ at: 2 ** 53 }, 'the timestamp 9007199254740992 is not an integer'],
    ])('refuses rows as bytes that are wrong: %j', async (wrong, message) => {
      const store = await makeStore();
      const bytes = Buffer.alloc(4096, 'k');
      bytes[4095] = 0xff;
      const row = (fields: Partial<RowBytes>): RowBytes =>
        Object.assign(rowOf(bytes), { keyEnd: 1, at: 1 }, fields);
      const right = row({});
      const refusal = await expectRefusal('ERR_TIMEKV_INVALID_ARGUMENT', () =>
        store.load([right, row(wrong), right]),
      );
      expect(refusal.message).toContain(message);
      expect([...store.history('k')]).toHaveLength(1);
    });

    test('takes any async iterable', async () => {
      const store = await makeStore();
      async function* rows(): AsyncGenerator<{ key: string; value: string; at: number }> {
        for (let at = 0; at < 100; at += 1) {
          if (at % 10 === 0) await new Promise((resolve) => setImmediate(resolve));
          yield { key: 'k', value: `${at}`, at };
        }
      }
      expect(await store.load(rows())).toBe(100);
      expect([...store.history('k')]).toHaveLength(100);
    });

    test('tells its progress, up to the last row', async () => {
      const store = await makeStore();
      const rows = Array.from({ length: 20_000 }, (_, at) => ({
        key: `${at % 7}`,
        value: 'v',
        at,
      }));
      const told: number[] = [];
      const onProgress = (committed: number): void => {
        told.push(committed);
      };
      expect(await store.load(rows, { onProgress })).toBe(20_000);
      expect(told.at(-1)).toBe(20_000);
      expect(told).toEqual([...told].sort((a, b) => a - b));
      expect([...store.history('3')]).toHaveLength(2857);
    });

    test.each(['replace', 'bump'] as const)(
      'ends when onProgress throws, and has written no row twice (%s)',
      async (onConflict) => {
        const store = await makeStore();
        const rows = Array.from({ length: 1093 }, (_, at) => ({
          key: 'k',
          value: 'v'.repeat(1000), // More than one part.
          at,
          onConflict,
        }));
        const onProgress = (): void => {
          throw new RangeError('not interested');
        };
        await expect((async () => store.load(rows, { onProgress }))()).rejects.toThrow(
          'not interested',
        );
        const seqs = [...store.history('k')].map(({ seq }) => seq);
        expect(seqs).toEqual(seqs.map((_, index) => index + 1));
        expect(seqs.length).toBeGreaterThan(0);
      },
    );

    test('what was committed before a bad row stays, and nothing after it', async () => {
      const store = await makeStore();
      const rows = Array.from({ length: 10 }, (_, at) => ({
        key: at === 7 ? '' : 'k',
        value: 'v',
        at,
      }));
      await expectRefusal('ERR_TIMEKV_INVALID_ARGUMENT', () => store.load(rows));
      const kept = [...store.history('k')].map(({ timestamp }) => timestamp);
      expect(kept).toEqual([0, 1, 2, 3, 4, 5, 6].slice(0, kept.length));
    });

    test('an error of the source is passed on', async () => {
      const store = await makeStore();
      function* rows(): Generator<{ key: string; value: string; at: number }> {
        yield { key: 'k', value: 'v', at: 1 };
        throw new RangeError('the source broke');
      }
      await expect((async () => store.load(rows()))()).rejects.toThrow('the source broke');
      await store.set('k', 'v', 2);
    });
  });
};
