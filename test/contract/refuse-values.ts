/** Values are 0 bytes to 16 MiB of what the codec takes. */
import { describe, expect, test } from 'vitest';
import { expectRefusal } from '../support/expect-refusal.js';
import type { Suite } from '../support/subject.js';

const limit = 16 * 1024 * 1024;

export const refuseValues: Suite = (makeStore) => {
  if (makeStore.kind === 'model') return;
  const code = 'ERR_TIMEKV_INVALID_ARGUMENT';

  describe('values', () => {
    test('of no bytes are values', async () => {
      const store = await makeStore();
      await store.set('k', '', 1);
      expect(store.get('k', 1)).toBe('');
      expect(store.version('k', 1)?.state).toBe('value');
    });

    test('of 16 MiB are taken whole', async () => {
      const store = await makeStore({ codec: 'bytes' });
      const value = Buffer.alloc(limit, 'timekv');
      await store.set('k', value as never, 1);
      const read = store.get('k', 1) as unknown as Buffer;
      expect(value.equals(read)).toBe(true);
    });

    test('of one byte more are refused by every write, and change nothing', async () => {
      const store = await makeStore<Uint8Array>({ codec: 'bytes' });
      const value = Buffer.alloc(limit + 1);
      await expectRefusal(code, () => store.set('k', value, 1));
      await expectRefusal(code, () => store.batch([{ type: 'set', key: 'k', value, at: 1 }]));
      await expectRefusal(code, () => store.load([{ key: 'k', value, at: 1 }]));
      expect([...store.keys({ all: true })]).toEqual([]);
    });

    test.each([
      ['a number', 1],
      ['null', null],
      ['undefined', undefined],
      ['an object', {}],
      ['a buffer', Buffer.from('v')],
    ])('text: %s is refused', async (_, value) => {
      const store = await makeStore();
      await expectRefusal(code, () => store.set('k', value as string, 1));
      await expectRefusal(code, () =>
        store.batch([{ type: 'set', key: 'k', value: value as string, at: 1 }]),
      );
      expect([...store.keys({ all: true })]).toEqual([]);
    });

    test('text: a lone surrogate is refused, for it could not come back', async () => {
      const store = await makeStore();
      await expectRefusal(code, () => store.set('k', 'a\uD83D', 1));
    });

    test('a batch of more than 64 MiB is refused whole', async () => {
      if (makeStore.disturbs) return;
      const store = await makeStore<Uint8Array>({ codec: 'bytes' });
      const value = Buffer.alloc(13 * 1024 * 1024);
      const operations = [1, 2, 3, 4, 5].map((at) => ({
        type: 'set' as const,
        key: 'k',
        value,
        at,
      }));
      await expectRefusal(code, () => store.batch(operations));
      expect([...store.keys({ all: true })]).toEqual([]);
    });

    test('a batch of more than 1,000,000 operations is refused whole', async () => {
      if (makeStore.disturbs) return;
      const store = await makeStore();
      const operation = { type: 'set' as const, key: 'k', value: '', at: 1 };
      const operations = Array.from({ length: 1_000_001 }, () => operation);
      await expectRefusal(code, () => store.batch(operations));
      expect([...store.keys({ all: true })]).toEqual([]);
    });
  });
};
