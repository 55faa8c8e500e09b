/** A named snapshot is the whole store as it was, whatever comes later; but for erasures. */
import { describe, expect, test } from 'vitest';
import { expectRefusal } from '../support/expect-refusal.js';
import { ManualClock } from '../support/manual-clock.js';
import type { Suite } from '../support/subject.js';

export const snapshots: Suite = (makeStore) => {
  describe('a named snapshot', () => {
    test('does not see what is written later, at earlier times neither', async () => {
      const store = await makeStore({ clock: new ManualClock(100) });
      await store.set('k', 'old', 10);
      await store.set('gone', 'x', 10);
      await store.snapshot('then');
      await store.set('k', 'replaced', 10);
      await store.set('k', 'earlier', 5);
      await store.set('k', 'later', 20);
      await store.delete('gone', 30);
      await store.set('new', 'v', 10);
      const then = await store.atSnapshot('then');
      expect([4, 5, 10, 20, undefined].map((at) => then.get('k', at))).toEqual([
        undefined,
        undefined,
        'old',
        'old',
        'old',
      ]);
      expect([...then.history('k')].map(({ value }) => value)).toEqual(['old']);
      expect([...then.keys()]).toEqual(['gone', 'k']);
      expect([...then.keys({ all: true, reverse: true })]).toEqual(['k', 'gone']);
      expect([...then.scan({ reverse: true })].map(({ value }) => value)).toEqual(['old', 'x']);
      expect([...then.diff(5, 10)].map(({ key, change }) => `${key} ${change}`)).toEqual([
        'gone added',
        'k added',
      ]);
      expect(store.get('k', 10)).toBe('replaced');
    });

    test('has a now of its own, which stays', async () => {
      const clock = new ManualClock(100);
      const store = await makeStore({ clock });
      await store.set('k', 'v', undefined, { ttl: 50 });
      await store.snapshot('then');
      clock.time = 1000;
      const then = await store.atSnapshot('then');
      expect(then.now()).toBe(100);
      expect([then.get('k'), store.get('k')]).toEqual(['v', undefined]);
      expect(await store.snapshots()).toMatchObject([{ name: 'then', seq: 1, now: 100 }]);
    });

    test('keeps what expires and is taken out later, and not what is erased', async () => {
      const clock = new ManualClock(0);
      const store = await makeStore({ clock });
      await store.set('short', 'v', 10, { ttl: 5 });
      await store.set('secret', 'v', 10);
      await store.set('secret', 'w', 20);
      await store.snapshot('then');
      clock.time = 100;
      await store.expire();
      await store.erase('secret', 20);
      const then = await store.atSnapshot('then');
      expect(then.version('short', 12)).toMatchObject({ value: 'v', seq: 1, state: 'value' });
      await expectRefusal('ERR_TIMEKV_HISTORY_TRUNCATED', () => store.get('short', 12));
      expect([then.get('secret', 20), store.get('secret', 20)]).toEqual(['v', 'v']);
      await store.erase('secret', 'all');
      const again = await store.atSnapshot('then');
      expect([...again.keys({ all: true })]).toEqual(['short']);
    });

    test('of an empty store is empty', async () => {
      const store = await makeStore();
      await store.snapshot('nothing');
      await store.set('k', 'v', 1);
      const then = await store.atSnapshot('nothing');
      expect([...then.keys({ all: true })]).toEqual([]);
      expect(then.get('k', 1)).toBeUndefined();
    });

    test('stands for what was there until it is removed; then its name is free', async () => {
      const store = await makeStore();
      await store.set('k', 'one', 1);
      await store.snapshot('a');
      await store.set('k', 'two', 1);
      await store.snapshot('b');
      await expectRefusal('ERR_TIMEKV_EXISTS', () => store.snapshot('a'));
      expect((await store.snapshots()).map(({ name, seq }) => [name, seq])).toEqual([
        ['a', 1],
        ['b', 2],
      ]);
      await store.removeSnapshot('a');
      await expectRefusal('ERR_TIMEKV_NO_SNAPSHOT', () => store.removeSnapshot('a'));
      await expectRefusal('ERR_TIMEKV_NO_SNAPSHOT', () => store.atSnapshot('a'));
      await store.snapshot('a');
      expect((await store.atSnapshot('a')).get('k', 1)).toBe('two');
      expect((await store.atSnapshot('b')).get('k', 1)).toBe('two');
    });

    test.each(['', '.', '..', '../x', 'a/b', '-x', 'a b', 'é', 'x'.repeat(65)])(
      'has no name that could be taken for something else: %j',
      async (name) => {
        if (makeStore.kind === 'model') return;
        const store = await makeStore();
        await expectRefusal('ERR_TIMEKV_INVALID_ARGUMENT', () => store.snapshot(name));
        expect(await store.snapshots()).toEqual([]);
      },
    );
  });
};
