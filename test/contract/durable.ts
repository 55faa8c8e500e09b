/**
 * The six tests of a durable put/get/delete/snapshot store (put, overwrite, delete, missing, several
 * keys, a value before and after a snapshot), each once more after closing and opening.
 */
import { describe, expect, test } from 'vitest';
import type { Subject, Suite } from '../support/subject.js';

type Script = (store: Subject<string>, check: (look: () => void) => Promise<void>) => Promise<void>;

const scripts: Record<string, Script> = {
  async 'put and get'(store, check) {
    await store.set('key', 'value');
    await check(() => {
      expect(store.get('key')).toBe('value');
    });
  },
  async overwrite(store, check) {
    await store.set('key', 'one');
    await store.set('key', 'two');
    await check(() => {
      expect(store.get('key')).toBe('two');
    });
  },
  async delete(store, check) {
    await store.set('key', 'value');
    await store.delete('key');
    await check(() => {
      expect(store.get('key')).toBeUndefined();
    });
  },
  async 'missing key'(store, check) {
    await store.set('other', 'value');
    await check(() => {
      expect(store.get('key')).toBeUndefined();
    });
  },
  async 'several keys'(store, check) {
    for (let i = 0; i < 100; i += 1) await store.set(`key ${i}`, `value ${i}`);
    await store.delete('key 50');
    await check(() => {
      for (let i = 0; i < 100; i += 1) {
        expect(store.get(`key ${i}`)).toBe(i === 50 ? undefined : `value ${i}`);
      }
    });
  },
  async 'a value before and after a snapshot'(store, check) {
    await store.set('before', 'one');
    await store.set('changed', 'one');
    await store.snapshot();
    await store.set('after', 'two');
    await store.set('changed', 'two');
    await check(() => {
      expect(['before', 'after', 'changed'].map((key) => store.get(key))).toEqual([
        'one',
        'two',
        'two',
      ]);
    });
  },
};

export const durable: Suite = (makeStore) => {
  describe('a durable put/get/delete/snapshot store', () => {
    for (const [name, script] of Object.entries(scripts)) {
      test(`${name}, in the open store`, async () => {
        expect.hasAssertions();
        const store = await makeStore();
        await script(store, (look) => {
          look();
          return Promise.resolve();
        });
      });

      test(`${name}, after closing and opening`, async () => {
        expect.hasAssertions();
        const store = await makeStore();
        await script(store, async (look) => {
          await store.reopen();
          look();
          await store.reopen();
          look();
        });
      });
    }
  });
};
