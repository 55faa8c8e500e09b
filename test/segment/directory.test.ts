import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Directory } from '../../src/segment/directory.js';
import { places } from './support/arbitraries.js';
import { directoryOf, separators } from './support/directories.js';
import { compareEntries } from './support/segments.js';

function expectRecord(directory: Directory, i: number): void {
  directory.read(i);
  expect(directory).toMatchObject({
    offset: 64 + 4096 * i,
    length: 4000 + i,
    checksum: 2 ** 32 - 1 - i,
    inflatedLength: i % 3 === 1 ? 8000 + i : 0,
    minTimestamp: i % 2 ? -Infinity : 0 - i,
    maxTimestamp: i % 2 ? Infinity : i,
  });
}

test('the last separator at or before a place is found, and its part read', () => {
  fc.assert(
    fc.property(separators, fc.array(places), (all, far) => {
      const directory = directoryOf(all);
      expect(directory.count).toBe(all.length);
      for (const place of [...far, ...all]) {
        const { key, timestamp, seq } = place;
        const expected = all.findLastIndex((each) => compareEntries(each, place) <= 0);
        expect(directory.lastAtOrBefore(key, timestamp, seq)).toBe(expected);
        for (const record of [expected, expected + 1]) {
          if (record < 0 || record >= all.length) continue;
          const isBefore = directory.isAtOrBefore(record, key, timestamp, seq);
          expect(isBefore).toBe(record === expected);
        }
      }
      for (const i of all.keys()) expectRecord(directory, i);
    }),
    { numRuns: 60 },
  );
});

test('a directory of more than 64 KiB has wider offsets', () => {
  const all = Array.from({ length: 5000 }, (_, i) => ({
    key: Buffer.from(`key-${String(i).padStart(8, '0')}`),
    timestamp: Infinity,
    seq: Infinity,
  }));
  const directory = directoryOf(all);
  expect(directory.bytes.length).toBeGreaterThan(2 ** 16);
  for (const [i, { key }] of all.entries()) {
    if (directory.lastAtOrBefore(key, 5, 5) !== i) throw new Error(`${i} is not found`);
  }
  expectRecord(directory, 4999);
});
