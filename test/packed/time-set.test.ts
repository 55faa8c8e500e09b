import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { TimeSet } from '../../src/packed/time-set.js';

/** What a map would answer. */
function check(operations: readonly (readonly [time: number, how: 'add' | 'delete'])[]): void {
  const set = new TimeSet();
  const plain = new Map<number, number>();
  for (const [place, [time, how]] of operations.entries()) {
    if (how === 'add') {
      expect(set.add(time, place)).toBe(!plain.has(time));
      if (!plain.has(time)) plain.set(time, place);
    } else {
      set.delete(time);
      plain.delete(time);
    }
  }
  for (const [time, place] of plain) expect(set.placeOf(time)).toBe(place);
  for (const time of new Set(operations.map(([each]) => each))) {
    expect(set.add(time, 0)).toBe(!plain.has(time));
  }
}

const hows = fc.constantFrom('add' as const, 'add' as const, 'delete' as const);

test('knows what was added and not deleted, few that meet often', () => {
  const times = fc.constantFrom(0, -0, 1, -1, 0.5, 1e300, 2 ** 53 - 1, -(2 ** 53) + 1, 5e-324);
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.oneof(times, fc.integer()), hows)), (operations) => {
      check(operations);
    }),
    { numRuns: 300 },
  );
});

test('the same of so many that they stand in rows', () => {
  const times = fc.nat({ max: 120 }).map((number) => 1_780_000_000_000_000 + number * 10);
  fc.assert(
    fc.property(
      fc.array(fc.tuple(times, hows), { minLength: 100, maxLength: 600, size: 'max' }),
      (operations) => {
        check(operations);
      },
    ),
    { numRuns: 200 },
  );
});

test('the same of many thousands', () => {
  const operations = Array.from({ length: 60_000 }, (_, number) => {
    const how = number % 7 === 6 ? ('delete' as const) : ('add' as const);
    return [((number * 7919) % 30_000) / 4, how] as const;
  });
  check(operations);
});
