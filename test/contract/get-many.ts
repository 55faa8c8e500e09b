/** Many keys as of one time. */
import { describe, expect, test } from 'vitest';
import { expectRefusal } from '../support/expect-refusal.js';
import { ManualClock } from '../support/manual-clock.js';
import type { Suite } from '../support/subject.js';

export const getMany: Suite = (makeStore) => {
  describe('getMany', () => {
    test('answers in the order of the keys, each as get does', async () => {
      const store = await makeStore({ clock: new ManualClock(100) });
      await store.set('a', 'old', 10);
      await store.set('a', 'new', 20);
      await store.set('b', '', 10);
      await store.set('deleted', 'v', 10);
      await store.delete('deleted', 15);
      await store.set('expired', 'v', 10, { expiresAt: 12 });
      await store.set('future', 'v', 200);
      await store.set('é', 'e', 10);
      const keys = ['future', 'b', 'none', 'a', 'é', 'deleted', 'a', 'expired'];
      expect(store.getMany(keys)).toEqual([u, '', u, 'new', 'e', u, 'new', u]);
      expect(store.getMany(keys, 11)).toEqual([u, '', u, 'old', 'e', 'v', 'old', 'v']);
      expect(store.getMany(keys, 9)).toEqual(keys.map(() => u));
      expect(store.getMany([])).toEqual([]);
    });

    test('answers absent where there is no store yet', async () => {
      const store = await makeStore();
      expect(store.getMany(['a', 'b'])).toEqual([u, u]);
    });

    test('gives each its own value, large ones too', async () => {
      const store = await makeStore<Buffer>({ codec: 'bytes' });
      const keys = Array.from({ length: 40 }, (_, at) => `key ${at}`);
      const values = keys.map((_, at) => Buffer.alloc(at % 3 === 0 ? 20_000 : 8, at));
      await store.load(keys.map((key, at) => ({ key, value: values[at]!, at: 10 })));
      expect(store.getMany(keys, 10)).toEqual(values);
    });

    test('refuses keys that are none', async () => {
      if (makeStore.kind === 'model') return;
      const store = await makeStore();
      await expectRefusal('ERR_TIMEKV_INVALID_ARGUMENT', () => store.getMany(['a', '']));
      await expectRefusal('ERR_TIMEKV_INVALID_ARGUMENT', () => store.getMany(['a'], 0.5));
      const { message } = await expectRefusal('ERR_TIMEKV_INVALID_ARGUMENT', () =>
        store.getMany('ab' as unknown as string[]),
      );
      expect(message).toBe("the keys must be an array, not 'ab'");
    });
  });
};

const u = undefined;
