/** The collection of values by time that is in memory alone. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { MemoryTimeline } from '../../src/index.js';
import { expectRefusal } from '../support/expect-refusal.js';
import { Random } from '../support/random.js';

const invalid = 'ERR_TIMEKV_INVALID_ARGUMENT';

function filled(...times: number[]): MemoryTimeline {
  const timeline = new MemoryTimeline();
  for (const at of times) timeline.add(at, `at ${at}`);
  return timeline;
}

const timesOf = (rows: Iterable<{ timestamp: number }>) => Array.from(rows, (row) => row.timestamp);

test('keeps values in the order of time, whatever the order in which they come', () => {
  const timeline = filled(30, 10, 40, 20);
  expect([...timeline.all()]).toEqual(
    [10, 20, 30, 40].map((at) => ({ timestamp: at, value: `at ${at}` })),
  );
  expect([...timeline.timestamps()]).toEqual([10, 20, 30, 40]);
  expect(timeline.size).toBe(4);
  expect(timeline.earliest()).toEqual({ timestamp: 10, value: 'at 10' });
  expect(timeline.latest()).toEqual({ timestamp: 40, value: 'at 40' });
  expect(timeline.at(20)).toEqual({ timestamp: 20, value: 'at 20' });
  expect(timeline.at(25)).toBeUndefined();
  expect(timeline.asOf(25)).toEqual({ timestamp: 20, value: 'at 20' });
  expect(timeline.asOf(9)).toBeUndefined();
  expect(timesOf(timeline.range(20, 30))).toEqual([20, 30]);
  expect(timesOf(timeline.range(31, 39))).toEqual([]);
  expect(timesOf(timeline.last(10))).toEqual([30, 40]);
  expect(timesOf(timeline.last(Infinity))).toEqual([10, 20, 30, 40]);
});

test('an empty one has nothing to tell', () => {
  const timeline = new MemoryTimeline<object>();
  expect([timeline.isEmpty, timeline.size, timeline.clear(), timeline.remove(1)]).toEqual([
    true,
    0,
    0,
    false,
  ]);
  expect([timeline.earliest(), timeline.latest(), timeline.at(0), timeline.asOf(0)]).toEqual([
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
  expect([...timeline.all(), ...timeline.last(5), ...timeline.range(-1, 1)]).toEqual([]);
});

test('refuses a time that is taken, or finds the next one that is free', async () => {
  const timeline = filled(1, 2, 3);
  const { message } = await expectRefusal('ERR_TIMEKV_CONFLICT', () => timeline.add(2, 'again'));
  expect(message).toBe('there is a value at 2 already; choose another time, or addUnique');
  expect(timeline.addUnique(1, 'moved')).toBe(4);
  await expectRefusal('ERR_TIMEKV_CONFLICT', () => timeline.addUnique(1, 'x', 3));
  expect(timeline.at(2)?.value).toBe('at 2');
  expect(timeline.size).toBe(4);
});

test('refuses what is no time', async () => {
  const timeline = filled(1);
  for (const time of [NaN, Infinity, '1' as never, undefined as never]) {
    await expectRefusal(invalid, () => timeline.add(time, 'x'));
    await expectRefusal(invalid, () => timeline.at(time));
    await expectRefusal(invalid, () => timeline.range(time, 1));
  }
  await expectRefusal(invalid, () => timeline.last(-1));
  await expectRefusal(invalid, () => timeline.addUnique(1, 'x', 0.5));
});

test('goes on in order while values are added and removed', () => {
  const timeline = filled(10, 20, 30);
  const met: number[] = [];
  for (const { timestamp } of timeline.all()) {
    met.push(timestamp);
    if (timestamp === 10) timeline.remove(10);
    if (timestamp === 20) for (const at of [5, 25, 35]) timeline.add(at, 'new');
    if (timestamp === 30) timeline.remove(35);
  }
  expect(met).toEqual([10, 20, 25, 30]);
});

test('goes on in order where much comes out of order, and is met if it lies ahead', () => {
  const timeline = new MemoryTimeline<number>();
  for (let at = 1000; at > 0; at--) timeline.add(at, at);
  const met: number[] = [];
  for (const { timestamp } of timeline.all()) {
    met.push(timestamp);
    if (timestamp === 500) for (const at of [0, 400.5, 500.5, 999.5, 1001]) timeline.add(at, at);
    if (timestamp === 501) timeline.remove(999.5);
  }
  const between = (from: number, to: number) =>
    Array.from({ length: to - from + 1 }, (_, index) => from + index);
  expect(met).toEqual([...between(1, 500), 500.5, ...between(501, 1001)]);
  expect(() => timeline.add(400.5, 0)).toThrow('there is a value at 400.5 already');
  expect(timeline.remove(400.5)).toBe(true);
  expect(timeline.add(400.5, 7)).toBe(400.5);
  expect(timeline.at(400.5)?.value).toBe(7);
  expect(() => timeline.add(-0, 0)).toThrow('there is a value at 0 already');
  expect(timeline.addUnique(0, 8, 2000)).toBe(1002);
});

test.each([
  ['of whole times', 1],
  ['of others', 0.1],
  ['of times far apart', 1e12 / 3],
])('equals a sorted list, also where it has many runs: %s', (_, apart) => {
  const random = new Random(981);
  const timeline = new MemoryTimeline<number>();
  const plain = new Map<number, number>();
  let first = Infinity;
  for (let step = 0; step < 30_000; step++) {
    const at = (step < 10_000 ? step * 3 : random.integer(0, 60_000)) * apart;
    if (step > 25_000 && random.next() < 0.8) {
      expect(timeline.remove(at)).toBe(plain.delete(at));
    } else if (plain.has(at)) {
      expect(() => timeline.add(at, 0)).toThrow('there is a value at');
    } else {
      plain.set(at, timeline.add(at, -at));
      first = Math.min(first, at);
    }
    if (!plain.has(first)) first = Math.min(...plain.keys());
    expect(timeline.earliest()).toEqual({ timestamp: first, value: -first });
    // Now after many that came out of order, now after one.
    if (step % 1000 !== 999 && !(step > 20_000 && step < 20_030)) continue;
    const sorted = [...plain.keys()].sort((a, b) => a - b);
    expect([...timeline.timestamps()]).toEqual(sorted);
    expect(timeline.size).toBe(sorted.length);
    const asked = random.integer(-5, 60_005) * apart;
    expect(timeline.asOf(asked)?.timestamp).toBe(sorted.findLast((time) => time <= asked));
    expect(timesOf(timeline.range(asked, asked + 999 * apart))).toEqual(
      sorted.filter((time) => time >= asked && time <= asked + 999 * apart),
    );
    expect(timeline.latest()).toEqual({ timestamp: sorted.at(-1), value: -sorted.at(-1)! });
  }
  for (const at of plain.keys()) expect(timeline.remove(at)).toBe(true);
  expect(timeline.isEmpty).toBe(true);
  expect(timeline.add(3, 3)).toBe(3);
  expect(timeline.clear()).toBe(1);
});

test('answers as the timeline of a store does', async () => {
  const { open } = await import('../../src/index.js');
  const operation = fc.record({
    at: fc.nat({ max: 12 }),
    how: fc.constantFrom('add', 'addUnique', 'remove'),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(operation, { maxLength: 20 }), async (operations) => {
      await using store = await open(':memory:', { unit: 'tick' });
      const [inStore, inMemory] = [store.timeline('k'), new MemoryTimeline()];
      for (const [number, { at, how }] of operations.entries()) {
        const answers = [];
        for (const timeline of [inStore, inMemory]) {
          try {
            answers.push(
              how === 'remove'
                ? await timeline.remove(at)
                : await timeline[how as 'add'](at, `${number}`),
            );
          } catch (error) {
            answers.push((error as { code: string }).code);
          }
        }
        expect(answers[1]).toEqual(answers[0]);
      }
      const shown = [inStore, inMemory].map((timeline) => [
        Array.from(timeline.all(), ({ timestamp, value }) => [timestamp, value]),
        timesOf(timeline.range(3, 9)),
        timeline.size,
        timeline.isEmpty,
        [timeline.earliest(), timeline.latest(), timeline.at(5), timeline.asOf(6)].map(
          (one) => one?.value,
        ),
      ]);
      expect(shown[1]).toEqual(shown[0]);
    }),
    { numRuns: 200 },
  );
});
