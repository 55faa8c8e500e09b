import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Directory, DirectoryBuilder, type Separator } from '../../src/segment/directory.js';
import { keys, places, timestamps } from './support/arbitraries.js';
import { compareEntries, type Place } from './support/segments.js';

const separators: fc.Arbitrary<Separator[]> = fc
  .array(
    fc.oneof(
      fc.record({ key: keys, timestamp: fc.constant(Infinity), seq: fc.constant(Infinity) }),
      fc.record({ key: keys, timestamp: timestamps, seq: fc.constant(Infinity) }),
      fc.record({ key: keys, timestamp: timestamps, seq: fc.nat() }),
    ),
    { minLength: 1, maxLength: 80, size: 'max' },
  )
  .map((all) =>
    all
      .sort(compareEntries)
      .filter((each, i) => i === 0 || compareEntries(all[i - 1] as Place, each) < 0),
  );

function directoryOf(all: Separator[]): Directory {
  const builder = new DirectoryBuilder();
  for (const [i, separator] of all.entries()) {
    const handle = { offset: 64 + 4096 * i, length: 4000 + i, checksum: 2 ** 32 - 1 - i };
    // Every other one without bounds, as for filter blocks.
    builder.add(separator, handle, i % 2 ? undefined : { minTimestamp: 0 - i, maxTimestamp: i });
  }
  expect(builder.count).toBe(all.length);
  const directory = new Directory();
  directory.open(Buffer.from(builder.finish()), 'a file', 0);
  expect(builder.count).toBe(0);
  return directory;
}

function expectRecord(directory: Directory, i: number): void {
  directory.read(i);
  expect(directory).toMatchObject({
    offset: 64 + 4096 * i,
    length: 4000 + i,
    checksum: 2 ** 32 - 1 - i,
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
