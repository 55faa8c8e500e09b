/** What retention lets go is refused, and what it leaves answers as before. */
import { describe, expect, test } from 'vitest';
import type { Store } from '../../src/index.js';
import { expectRefusal } from '../support/expect-refusal.js';
import { rowsAndRefusal, rowsUntilRefused, timesOf } from '../support/histories.js';
import { ManualClock } from '../support/manual-clock.js';
import type { Reading, Subject, SubjectOptions, Suite } from '../support/subject.js';

/** What the model does not tell. */
type Retaining = Omit<Subject<string>, 'compact'> &
  Pick<Store, 'compact' | 'retention' | 'setRetention'>;

type Asked = Pick<Reading<string>, 'get'>;

const truncated = 'ERR_TIMEKV_HISTORY_TRUNCATED';

/** The value as of a time, or the code of its refusal. */
function asked(store: Asked, key: string, at?: number): string | undefined {
  try {
    return store.get(key, at);
  } catch (error) {
    return (error as { code: string }).code;
  }
}

const answers = (store: Asked, key: string, times: number[]) =>
  times.map((at) => asked(store, key, at));

/** Key `k` with values at 10, 20, …, `last`; the clock then says 100. */
async function filled(store: Retaining, clock: ManualClock, last = 50): Promise<void> {
  for (let at = 10; at <= last; at += 10) await store.set('k', `at ${at}`, at);
  clock.time = 100;
  await store.set('other', 'x', 100);
}

const compactions: [string, { full?: boolean }][] = [
  ['a compaction', {}],
  ['a full compaction', { full: true }],
];

export const retention: Suite = (make) => {
  if (make.kind === 'model') return;
  const makeStore = (options?: SubjectOptions<string>) =>
    make(options) as unknown as Promise<Retaining>;

  describe.each(compactions)('keepFor, by %s', (_, how) => {
    test('moves the horizon; the newest version before it stays', async () => {
      const clock = new ManualClock(0);
      const store = await makeStore({ clock });
      await filled(store, clock);
      const result = await store.compact({ ...how, keepFor: 65 });
      expect(result.letGo).toMatchObject({ keys: 1, versions: 2 });
      expect(await store.retention()).toEqual({ horizon: 35 });
      expect(answers(store, 'k', [9, 10, 34, 35, 39, 40, 50])).toEqual([
        truncated,
        truncated,
        truncated,
        'at 30',
        'at 30',
        'at 40',
        'at 50',
      ]);
      expect(timesOf(store, 'k')).toEqual([30, 40, 50]);
      expect([...store.history('k', { reverse: true })].map(({ timestamp }) => timestamp)).toEqual([
        50, 40, 30,
      ]);
      await expectRefusal(truncated, () => [...store.history('k', { from: 34 })]);
      expect([...store.history('k', { from: 35 })]).toHaveLength(2);
      expect(rowsUntilRefused(store.keys({ at: 34 }))).toEqual([truncated]);
      expect(rowsUntilRefused(store.keys({ at: 35 }))).toEqual(['k']);
      expect(rowsUntilRefused(store.diff(34, 50))).toEqual([truncated]);
      await expectRefusal(truncated, () => store.set('k', 'late', 34));
      await expectRefusal(truncated, () => store.delete('new', 34));
      await expectRefusal(truncated, () => store.load([{ key: 'l', value: 'v', at: 34 }]));
      await store.set('k', 'in time', 35);
      expect(answers(store, 'k', [34, 35, 40])).toEqual([truncated, 'in time', 'at 40']);
      expect(timesOf(store, 'k')).toEqual([35, 40, 50]);
    });

    test('lets a tombstone at the horizon go, and nothing comes back', async () => {
      const clock = new ManualClock(0);
      const store = await makeStore({ clock });
      await store.set('k', 'v', 10);
      await store.snapshot();
      await store.delete('k', 20);
      await store.set('k', 'w', 60);
      clock.time = 100;
      await store.set('other', 'x', 100);
      await store.compact({ ...how, keepFor: 60 });
      expect(answers(store, 'k', [39, 40, 59, 60])).toEqual([truncated, undefined, undefined, 'w']);
      expect(timesOf(store, 'k')).toEqual([60]);
      await store.erase('k', 60);
      expect(answers(store, 'k', [40, 100])).toEqual([undefined, undefined]);
      expect([...store.keys({ all: true })]).toEqual(['other']);
    });

    test('never moves the horizon back, nor past what the last commit knew', async () => {
      const clock = new ManualClock(0);
      const store = await makeStore({ clock });
      await filled(store, clock);
      clock.time = 1_000_000;
      await store.compact({ ...how, keepFor: 65 });
      expect(await store.retention()).toEqual({ horizon: 35 });
      await store.compact({ ...how, keepFor: 90 });
      expect(await store.retention()).toEqual({ horizon: 35 });
      expect(asked(store, 'k', 35)).toBe('at 30');
    });
  });

  describe.each(compactions)('keepVersions, by %s', (_, how) => {
    test('leaves the newest of each key, and marks it', async () => {
      const clock = new ManualClock(0);
      const store = await makeStore({ clock });
      await filled(store, clock);
      await store.set('k', 'next year', 1000);
      const result = await store.compact({ ...how, keepVersions: 2 });
      expect(result.letGo).toMatchObject({ keys: 1, versions: 3 });
      expect(await store.retention()).toEqual({});
      expect(answers(store, 'k', [0, 10, 39, 40, 50, 1000])).toEqual([
        truncated,
        truncated,
        truncated,
        'at 40',
        'at 50',
        'next year',
      ]);
      expect(timesOf(store, 'k')).toEqual([40, 50, 1000]);
      expect(asked(store, 'other', 5)).toBeUndefined();
      await expectRefusal(truncated, () => [...store.history('k', { from: 39 })]);
      await expectRefusal(truncated, () => store.set('k', 'late', 39));
      await expectRefusal(truncated, () => store.load([{ key: 'k', value: 'v', at: 39 }]));
      await store.set('other', 'early', 5);
      expect(rowsUntilRefused(store.keys({ at: 39 }))).toEqual([truncated]);
      expect(rowsUntilRefused(store.keys({ at: 39, reverse: true }))).toEqual(
        rowsAndRefusal(make, ['other'], truncated),
      );
      expect(rowsUntilRefused(store.scan({ at: 40 })).length).toBe(2);
      expect(rowsUntilRefused(store.diff(39, 100))).toEqual([truncated]);
      expect(rowsUntilRefused(store.diff(40, 50))).toHaveLength(1);
    });

    test('counts tombstones, and not what was erased', async () => {
      const clock = new ManualClock(100);
      const store = await makeStore({ clock });
      for (const at of [1, 2, 3, 4]) await store.set('k', `${at}`, at);
      await store.delete('k', 5);
      await store.erase('k', 4);
      await store.compact({ ...how, keepVersions: 2 });
      expect(timesOf(store, 'k')).toEqual([3, 5]);
      expect(answers(store, 'k', [2, 3, 4, 5])).toEqual([truncated, '3', '3', undefined]);
    });

    test('with keepFor, keeps what either of them keeps', async () => {
      const clock = new ManualClock(0);
      const store = await makeStore({ clock });
      await filled(store, clock);
      await store.compact({ ...how, keepVersions: 1, keepFor: 65 });
      expect(await store.retention()).toEqual({});
      expect(timesOf(store, 'k')).toEqual([30, 40, 50]);
      expect(answers(store, 'k', [29, 30])).toEqual([truncated, 'at 30']);
    });

    test('a mark passes to the next version when its own is erased, or goes with the last', async () => {
      const store = await makeStore({ clock: new ManualClock(100) });
      for (const at of [1, 2, 3, 4]) await store.set('k', `${at}`, at);
      await store.compact({ ...how, keepVersions: 2 });
      expect(await store.erase('k', 3)).toBe(1);
      expect(answers(store, 'k', [3, 4])).toEqual([truncated, '4']);
      expect(timesOf(store, 'k')).toEqual([4]);
      await expectRefusal(truncated, () => store.set('k', 'late', 3));
      expect(await store.erase('k', 4)).toBe(1);
      expect(answers(store, 'k', [1, 3, 4, 100])).toEqual(Array(4).fill(undefined));
      await store.set('k', 'anew', 1);
      expect(answers(store, 'k', [0, 1, 100])).toEqual([undefined, 'anew', 'anew']);
      await store.compact({ full: true });
      expect(timesOf(store, 'k')).toEqual([1]);
    });

    test('a mark goes with the whole history', async () => {
      const store = await makeStore({ clock: new ManualClock(100) });
      for (const at of [1, 2, 3, 4]) await store.set('k', `${at}`, at);
      await store.compact({ ...how, keepVersions: 1 });
      await store.batch([
        { type: 'erase', key: 'k', at: 'all' },
        { type: 'set', key: 'k', value: 'anew', at: 2 },
      ]);
      expect(answers(store, 'k', [1, 2, 4])).toEqual([undefined, 'anew', 'anew']);
    });
  });

  describe('the stored policy', () => {
    test('is applied by compactions, can be read, and cleared', async () => {
      const clock = new ManualClock(0);
      const store = await makeStore({ clock });
      expect(await store.retention()).toEqual({});
      await filled(store, clock);
      await store.setRetention({ keepVersions: 3 });
      expect(await store.retention()).toEqual({ keepVersions: 3 });
      expect(timesOf(store, 'k')).toHaveLength(5);
      await store.compact();
      expect(timesOf(store, 'k')).toEqual([30, 40, 50]);
      await store.setRetention(undefined);
      expect(await store.retention()).toEqual({});
      await store.set('k', 'v', 60);
      await store.compact();
      expect(timesOf(store, 'k')).toEqual([30, 40, 50, 60]);
    });

    test.each([0, -1, 1.5, Number.NaN])('refuses %s', async (wrong) => {
      const store = await makeStore();
      const refused = 'ERR_TIMEKV_INVALID_ARGUMENT';
      await expectRefusal(refused, () => store.setRetention({ keepFor: wrong }));
      await expectRefusal(refused, () => store.setRetention({ keepVersions: wrong }));
      await expectRefusal(refused, () => store.compact({ keepVersions: wrong }));
    });
  });

  test('a dry run tells what would go, and changes nothing', async () => {
    const clock = new ManualClock(0);
    const store = await makeStore({ clock });
    await filled(store, clock);
    const { letGo } = await store.compact({ keepVersions: 2, dryRun: true });
    expect(letGo).toEqual({ keys: 1, versions: 3, bytes: 3 * 'kat 10'.length });
    expect((await store.compact({ keepFor: 65, dryRun: true })).letGo.versions).toBe(2);
    expect(timesOf(store, 'k')).toHaveLength(5);
    expect(asked(store, 'k', 5)).toBeUndefined();
    expect(await store.retention()).toEqual({});
  });

  test('without a policy a compaction lets nothing go', async () => {
    const store = await makeStore();
    for (const at of [1, 2, 3]) await store.set('k', `${at}`, at);
    expect((await store.compact({ full: true })).letGo).toEqual({ keys: 0, versions: 0, bytes: 0 });
    expect(timesOf(store, 'k')).toEqual([1, 2, 3]);
  });

  describe('erasing the version at the horizon', () => {
    test('marks the key at the next one', async () => {
      const clock = new ManualClock(0);
      const store = await makeStore({ clock });
      await filled(store, clock);
      await store.compact({ keepFor: 65 });
      expect(await store.erase('k', 30)).toBe(1);
      expect(answers(store, 'k', [35, 39, 40])).toEqual([truncated, truncated, 'at 40']);
      expect(timesOf(store, 'k')).toEqual([40, 50]);
      await expectRefusal(truncated, () => store.set('k', 'late', 39));
      await store.compact({ full: true });
      expect(answers(store, 'k', [35, 40])).toEqual([truncated, 'at 40']);
      await store.erase('k', 40);
      await store.erase('k', 50);
      expect(answers(store, 'k', [35, 50])).toEqual([undefined, undefined]);
    });
  });

  describe('a named snapshot', () => {
    test('keeps what it has seen, and its own horizon and marks', async () => {
      const clock = new ManualClock(0);
      const store = await makeStore({ clock });
      await filled(store, clock, 30);
      await store.snapshot('first');
      await store.set('k', 'at 40', 40);
      await store.set('k', 'at 50', 50);
      await store.compact({ keepFor: 55 });
      await store.snapshot('second');
      expect(answers(store, 'k', [44, 45, 50])).toEqual([truncated, 'at 40', 'at 50']);
      expect(timesOf(store, 'k')).toEqual([40, 50]);
      const first = await store.atSnapshot('first');
      expect(answers(first, 'k', [5, 10, 29, 30, 50])).toEqual([
        undefined,
        'at 10',
        'at 20',
        'at 30',
        'at 30',
      ]);
      expect(timesOf(first, 'k')).toEqual([10, 20, 30]);
      const second = await store.atSnapshot('second');
      expect(answers(second, 'k', [44, 45])).toEqual([truncated, 'at 40']);
      await store.compact({ full: true, keepVersions: 1 });
      expect(timesOf(first, 'k')).toEqual([10, 20, 30]);
      expect(timesOf(second, 'k')).toEqual([40, 50]);
    });

    test('does not let what it holds show through behind a tombstone', async () => {
      const clock = new ManualClock(0);
      const store = await makeStore({ clock });
      await store.set('k', 'v', 10);
      await store.snapshot('then');
      await store.delete('k', 20);
      clock.time = 100;
      await store.set('other', 'x', 100);
      await store.compact({ full: true, keepFor: 60 });
      expect(answers(store, 'k', [39, 40, 100])).toEqual([truncated, undefined, undefined]);
      expect([...store.keys({ all: true })]).toEqual(['other']);
      expect((await store.atSnapshot('then')).get('k', 50)).toBe('v');
    });

    test('holds back what counting versions would let go', async () => {
      const store = await makeStore({ clock: new ManualClock(100) });
      for (const at of [2, 4]) await store.set('k', `${at}`, at);
      await store.snapshot('then');
      for (const at of [6, 8]) await store.set('k', `${at}`, at);
      await store.compact({ full: true, keepVersions: 2 });
      expect(timesOf(store, 'k')).toEqual([2, 4, 6, 8]);
      await store.set('k', 'in between', 3);
      await store.compact({ full: true, keepVersions: 2 });
      expect(answers(store, 'k', [2, 3, 4, 6])).toEqual([truncated, truncated, '4', '6']);
      const then = await store.atSnapshot('then');
      expect(answers(then, 'k', [1, 2, 3, 4, 6])).toEqual([undefined, '2', '2', '4', '4']);
      await store.removeSnapshot('then');
      await store.compact({ keepVersions: 2 });
      expect(timesOf(store, 'k')).toEqual([6, 8]);
    });

    test('does not take a mark along when what it holds in its place is erased', async () => {
      const store = await makeStore({ clock: new ManualClock(100) });
      await store.set('k', 'old', 2);
      await store.snapshot('then');
      await store.set('k', 'new', 2);
      await store.set('k', '4', 4);
      await store.compact({ full: true, keepVersions: 1 });
      const then = await store.atSnapshot('then');
      expect([answers(store, 'k', [2, 3, 4]), then.get('k', 3)]).toEqual([
        [truncated, truncated, '4'],
        'old',
      ]);
      await store.erase('k', 2);
      await store.compact({ full: true });
      expect(answers(store, 'k', [2, 3, 4])).toEqual([truncated, truncated, '4']);
      expect((await store.atSnapshot('then')).get('k', 3)).toBeUndefined();
    });

    test('that was taken after sees the mark', async () => {
      const store = await makeStore({ clock: new ManualClock(100) });
      for (const at of [1, 2, 3, 4]) await store.set('k', `${at}`, at);
      await store.compact({ keepVersions: 2 });
      await store.snapshot('then');
      await store.set('k', '5', 5);
      await store.compact({ full: true, keepVersions: 1 });
      const then = await store.atSnapshot('then');
      expect(answers(then, 'k', [2, 3, 4])).toEqual([truncated, '3', '4']);
      expect(timesOf(then, 'k')).toEqual([3, 4]);
    });
  });

  test('what has expired and was let go is not taken out any more', async () => {
    const clock = new ManualClock(0);
    const store = await makeStore({ clock });
    for (const at of [1, 2, 3]) await store.set('k', `${at}`, at, { ttl: 10 });
    clock.time = 50;
    await store.set('other', 'x', 50);
    await store.compact({ keepVersions: 2 });
    expect((await store.expire()).map(({ timestamp }) => timestamp)).toEqual([2, 3]);
  });

  test('in a tick store now is the largest timestamp', async () => {
    const store = await makeStore({ unit: 'tick' });
    for (const at of [10, 20, 30]) await store.set('k', `${at}`, at);
    await store.compact({ keepFor: 5 });
    expect(await store.retention()).toEqual({ horizon: 25 });
    expect(answers(store, 'k', [24, 25, 30])).toEqual([truncated, '20', '30']);
  });
};
