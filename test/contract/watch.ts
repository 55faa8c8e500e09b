/** Following what is committed, in the order of seqs. */
import { describe, expect, test } from 'vitest';
import { expectRefusal } from '../support/expect-refusal.js';
import { first, iteratorOf, seqsOf, take } from '../support/following.js';
import type { Subject, Suite } from '../support/subject.js';

/** Eleven operations: of each kind, one by one and together, into the past and the future. */
async function fill(store: Subject<string>): Promise<void> {
  await store.set('a', 'first', 10);
  await store.set('a', 'second', 10);
  await store.delete('b', 5);
  await store.batch([
    { type: 'set', key: 'c', value: '', at: 30 },
    { type: 'delete', key: 'a', at: 20 },
    { type: 'set', key: 'ca', value: 'expires', at: 30, expiresAt: 40 },
  ]);
  await store.load([
    { key: 'a', value: 'past', at: -5 },
    { key: 'C', value: 'ä\n', at: 7 },
    { key: 'cab', value: 'future', at: Number.MAX_SAFE_INTEGER },
  ]);
  await store.set('a', 'again', 10, { onConflict: 'bump' });
  await store.set('b', 'last', 50);
}

const value = { state: 'value' };
const deleted = { state: 'deleted', value: undefined };
const all = [
  { seq: 1, key: 'a', timestamp: 10, value: 'first', ...value },
  { seq: 2, key: 'a', timestamp: 10, value: 'second', ...value },
  { seq: 3, key: 'b', timestamp: 5, ...deleted },
  { seq: 4, key: 'c', timestamp: 30, value: '', ...value },
  { seq: 5, key: 'a', timestamp: 20, ...deleted },
  { seq: 6, key: 'ca', timestamp: 30, value: 'expires', expiresAt: 40, ...value },
  { seq: 7, key: 'a', timestamp: -5, value: 'past', ...value },
  { seq: 8, key: 'C', timestamp: 7, value: 'ä\n', ...value },
  { seq: 9, key: 'cab', timestamp: Number.MAX_SAFE_INTEGER, value: 'future', ...value },
  { seq: 10, key: 'a', timestamp: 11, value: 'again', ...value },
  { seq: 11, key: 'b', timestamp: 50, value: 'last', ...value },
];

const badOptions: object[] = [
  { key: '' },
  { key: 5 },
  { key: 'k', prefix: 'k' },
  { prefix: 5 },
  { prefix: '\ud800' },
  { since: -1 },
  { since: 1.5 },
  { since: NaN },
  { since: '1' },
  { signal: {} },
  { signal: null },
];

export const watch: Suite = (makeStore) => {
  // Who looks too late, after full compactions, is refused.
  if (makeStore.keepsLog) whatIsThere();
  // The model cannot wait; where every write reopens the store, watchers end.
  if (makeStore.keepsLog && !makeStore.reopens && makeStore.kind !== 'model') whatComes();

  function whatIsThere(): void {
    describe('watch, from a seq on', () => {
      test('tells each operation once, in order, the replaced ones too', async () => {
        const store = await makeStore();
        await fill(store);
        expect(await first(store.watch({ since: 0 }), 11)).toEqual(all);
      });

      test('goes on behind any seq', async () => {
        const store = await makeStore();
        await fill(store);
        for (let since = 0; since < 11; since++) {
          expect(await first(store.watch({ since }), 11 - since)).toEqual(all.slice(since));
        }
      });

      test('keeps to a key, or to a prefix in bytes', async () => {
        const store = await makeStore();
        await fill(store);
        expect(seqsOf(await first(store.watch({ since: 0, key: 'a' }), 5))).toEqual([
          1, 2, 5, 7, 10,
        ]);
        expect(seqsOf(await first(store.watch({ since: 4, prefix: 'c' }), 2))).toEqual([6, 9]);
        expect(seqsOf(await first(store.watch({ since: 2, prefix: 'ca' }), 2))).toEqual([6, 9]);
        expect(await first(store.watch({ since: 3, prefix: '' }), 8)).toHaveLength(8);
      });

      test('begins anew each time that it is gone through', async () => {
        const store = await makeStore();
        await fill(store);
        const watched = store.watch({ since: 9 });
        expect(seqsOf(await first(watched, 2))).toEqual([10, 11]);
        expect(seqsOf(await first(watched, 2))).toEqual([10, 11]);
      });

      test('takes what is in one frame in parts', async () => {
        const store = await makeStore();
        const rows = Array.from({ length: 5000 }, (_, at) => ({
          key: `${at % 7}`,
          value: 'v',
          at,
        }));
        await store.load(rows);
        const some = await first(store.watch({ since: 2500, key: '3' }), 300);
        expect(some.map(({ timestamp }) => timestamp)).toEqual(
          rows
            .filter(({ key, at }) => key === '3' && at >= 2500)
            .map(({ at }) => at)
            .slice(0, 300),
        );
      });
    });
  }

  function whatComes(): void {
    describe('watch, from now on', () => {
      test('tells what is committed after the call, and nothing that was before', async () => {
        const store = await makeStore();
        await fill(store);
        const iterator = iteratorOf(store.watch());
        await store.set('new', 'v', 1);
        expect(seqsOf(await take(iterator, 1))).toEqual([12]);
        const waiting = take(iterator, 3);
        await store.delete('new', 2);
        await store.batch([
          { type: 'set', key: 'x', value: 'v' },
          { type: 'set', key: 'y', value: 'v' },
        ]);
        expect((await waiting).map(({ key }) => key)).toEqual(['new', 'x', 'y']);
        await iterator.return?.();
      });

      test('waits for a store that is yet to be made', async () => {
        const store = await makeStore();
        const iterator = iteratorOf(store.watch());
        const waiting = take(iterator, 1);
        await store.set('k', 'v', 1);
        expect(await waiting).toEqual([{ seq: 1, key: 'k', timestamp: 1, value: 'v', ...value }]);
        await iterator.return?.();
      });

      test('serves many watchers, each by itself', async () => {
        const store = await makeStore();
        const one = iteratorOf(store.watch());
        const keyed = iteratorOf(store.watch({ key: 'k3' }));
        const read = Promise.all([take(one, 5), take(keyed, 1)]);
        for (let i = 0; i < 5; i++) await store.set(`k${i}`, 'v', i);
        const late = await first(store.watch({ since: 5 - 1 }), 1);
        const [everything, third] = await read;
        expect(seqsOf(everything)).toEqual([1, 2, 3, 4, 5]);
        expect([seqsOf(third), seqsOf(late)]).toEqual([[4], [5]]);
        await one.return?.();
        await keyed.return?.();
      });

      test('nothing that was refused', async () => {
        const store = await makeStore();
        await store.set('k', 'v', 1);
        const iterator = iteratorOf(store.watch());
        const refused = () => store.set('k', 'w', 1, { onConflict: 'fail' });
        await expectRefusal('ERR_TIMEKV_CONFLICT', refused);
        await store.set('k', 'w', 2);
        expect(seqsOf(await take(iterator, 1))).toEqual([2]);
        await iterator.return?.();
      });

      test('answers calls that are made at once in their order', async () => {
        const store = await makeStore();
        const iterator = iteratorOf(store.watch());
        const waiting = Promise.all([iterator.next(), iterator.next(), iterator.next()]);
        for (let i = 0; i < 3; i++) await store.set('k', 'v', i);
        expect((await waiting).map((next) => (next.value as { seq: number }).seq)).toEqual([
          1, 2, 3,
        ]);
        await iterator.return?.();
      });

      test('ends a wait when it is left', async () => {
        const store = await makeStore();
        const iterator = iteratorOf(store.watch());
        const waiting = iterator.next();
        expect(await iterator.return?.()).toEqual({ done: true, value: undefined });
        expect(await waiting).toEqual({ done: true, value: undefined });
        expect(await iterator.next()).toEqual({ done: true, value: undefined });
      });

      test('ends with the reason of its signal, before and during a wait', async () => {
        const store = await makeStore();
        await store.set('k', 'v', 1);
        const reason = new Error('enough');
        const none = iteratorOf(store.watch({ since: 0, signal: AbortSignal.abort(reason) }));
        await expect(none.next()).rejects.toBe(reason);
        const stop = new AbortController();
        const iterator = iteratorOf(store.watch({ signal: stop.signal }));
        const waiting = iterator.next();
        stop.abort(reason);
        await expect(waiting).rejects.toBe(reason);
        expect(await iterator.next()).toEqual({ done: true, value: undefined });
      });

      test('is told when the store is closed', async () => {
        const store = await makeStore();
        await store.set('k', 'v', 1);
        const waiting = expectRefusal('ERR_TIMEKV_CLOSED', () => iteratorOf(store.watch()).next());
        await store.close();
        await waiting;
      });
    });
  }

  if (makeStore.kind === 'model') return;

  test.each(badOptions)('watch refuses %o', async (options) => {
    const store = await makeStore();
    const wait = () => iteratorOf(store.watch(options)).next();
    await expectRefusal('ERR_TIMEKV_INVALID_ARGUMENT', wait);
  });
};
