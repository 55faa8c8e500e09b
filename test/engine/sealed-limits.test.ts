/** How many sealed logs may wait: of few bytes and many entries there are fewer. */
import { expect, it } from 'vitest';
import { MiB, walSealedLimit, walSealedMax } from '../../src/base/limits.js';
import type { Generation } from '../../src/engine/generation.js';
import { SealedLimits } from '../../src/engine/sealed-limits.js';

const large = new SealedLimits(1024 * MiB);

/** So many logs, each of so many bytes and entries. */
function logs(count: number, bytes: number, entries: number): Generation[] {
  return Array.from({ length: count }, (_, log) => {
    const first = log * entries;
    const file = { size: () => bytes, header: { baseSeq: first } };
    return { file, committed: () => ({ seq: first + entries }) } as unknown as Generation;
  });
}

/** With how many of such logs a writer waits. */
function most(areTooMany: (sealed: Generation[]) => boolean, bytes: number, entries: number) {
  let count = 0;
  while (!areTooMany(logs(count, bytes, entries))) count++;
  return count;
}

it.each([
  { of: 'large entries', bytes: 4 * MiB, entries: 1_000, wanted: walSealedLimit },
  // 4 MiB of records, and as much again for their nodes: 96 MiB are 13 of them.
  { of: 'tiny entries', bytes: 4 * MiB, entries: 140_000, wanted: 13 },
  { of: 'frames of 64 MiB', bytes: 64 * MiB, entries: 1, wanted: walSealedMax },
])('of $of $wanted logs may wait', ({ bytes, entries, wanted }) => {
  expect(most((sealed) => large.areTooMany(sealed), bytes, entries)).toBe(wanted);
  expect(most((sealed) => large.areFarTooMany(sealed), bytes, entries)).toBe(wanted);
});

it('a small tier waits for itself sooner than for another process', () => {
  const small = new SealedLimits(8 * MiB);
  expect(most((sealed) => small.areTooMany(sealed), MiB, 1)).toBe(walSealedMax);
  expect(most((sealed) => small.areFarTooMany(sealed), MiB, 1)).toBe(walSealedLimit);
});
