import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Entry } from '../../src/base/entry.js';
import { BlockCache } from '../../src/segment/block-cache.js';
import { FencePool, Fences, unclear } from '../../src/segment/fences.js';
import { places } from './support/arbitraries.js';
import { directoryOf, separators } from './support/directories.js';
import { Random } from '../support/random.js';
import { MemoryFileSystem } from './support/memory-file-system.js';
import { compareEntries, entryOf, openSegment, writeSegment } from './support/segments.js';

/** Entries by key, in their order. */
function groupsOf(entries: readonly Entry[]): Map<string, Entry[]> {
  const groups = new Map<string, Entry[]>();
  for (const entry of entries) {
    const key = entry.key.toString();
    groups.set(key, [...(groups.get(key) ?? []), entry]);
  }
  return groups;
}

const fencesOf = (...keys: string[]) =>
  new Fences(
    directoryOf(keys.map((key) => ({ key: Buffer.from(key), timestamp: Infinity, seq: Infinity }))),
  );

describe('fences', () => {
  test('find what the directory finds, or say that it has to be asked', () => {
    let clear = 0;
    fc.assert(
      fc.property(separators, fc.array(places), (all, far) => {
        const directory = directoryOf(all);
        const fences = new Fences(directory);
        for (const { key, timestamp } of [...far, ...all]) {
          const place = { key, timestamp, seq: Infinity };
          const expected = all.findLastIndex((each) => compareEntries(each, place) <= 0);
          const found = fences.lastAtOrBefore(key, timestamp);
          if (found !== unclear) clear++;
          if (found !== unclear) expect(found).toBe(expected);
          else expect(key.length).toBeGreaterThan(6);
        }
        for (let record = 0; record < all.length; record++) {
          directory.read(record);
          const { offset, length, checksum, inflatedLength, minTimestamp } = directory;
          expect(fences.handle(record)).toEqual({
            offset,
            length,
            checksum,
            inflatedLength,
          });
          expect(fences.offset(record)).toBe(offset);
          expect(fences.minTimestamp(record)).toBe(minTimestamp);
          if (!fences.separatesVersions(record)) continue;
          const { key } = all[record]!;
          for (const { timestamp } of all.slice(record)) {
            const found = fences.lastAtOrBefore(key, timestamp);
            const within = fences.lastWithinKey(record, timestamp);
            if (within === unclear) expect(key.length).toBeGreaterThan(6);
            else if (found !== unclear) expect(within).toBe(Math.max(found, record - 1));
          }
        }
      }),
      { numRuns: 200 },
    );
    expect(clear).toBeGreaterThan(1000);
  });

  test('tell short keys apart that only zeros make longer', () => {
    const fences = fencesOf('k', 'k\0', 'k\0\0', 'kz');
    const found = (key: string) => fences.lastAtOrBefore(Buffer.from(key), 5);
    expect(['a', 'k', 'k\0', 'k\0\0', 'k\0\0\0', 'ky', 'kz', 'z'].map(found)).toEqual([
      -1, 0, 1, 2, 2, 2, 3, 3,
    ]);
  });

  test('leave long keys that begin alike to the directory', () => {
    const fences = fencesOf('a', 'user:1', 'user:123456', 'user:123457');
    const found = (key: string) => fences.lastAtOrBefore(Buffer.from(key), 5);
    expect(['b', 'user:1', 'user:1234', 'user:2', 'user:123458'].map(found)).toEqual([
      0,
      1,
      unclear,
      3,
      unclear,
    ]);
  });
});

test('lookups find the same with fences, with few of them, and without', async () => {
  const disk = new MemoryFileSystem();
  const random = new Random(7);
  const entries = Array.from({ length: 20_000 }, (_, i) => {
    // Some keys with many versions, some that begin alike for longer than a head is.
    const key = i % 3 === 0 ? `many:${i % 60}` : `user:${i % 4000}:settings:${i % 7}`;
    return entryOf({ key, timestamp: i, seq: i + 1, value: Buffer.from(`${i}`.repeat(20)) });
  }).sort(compareEntries);
  const properties = await writeSegment(disk, 's', entries);
  const timesOf = groupsOf(entries);
  // With room for all, for some of what is asked for, and for nothing.
  for (const cacheBytes of [2 ** 24, 2 ** 18, 0]) {
    const reader = openSegment(disk, 's', properties, new BlockCache(cacheBytes));
    for (let i = 0; i < 4000; i++) {
      const { key } = entries[Math.floor(random.next() * entries.length)]!;
      const at = Math.floor(random.next() * 21_000) - 500;
      const wanted = timesOf.get(key.toString())?.find(({ timestamp }) => timestamp <= at);
      const found = reader.find(key, at);
      expect(found?.timestamp).toBe(wanted?.timestamp);
      if (found && wanted) expect(found.value.equals(wanted.value)).toBe(true);
      expect(reader.find(Buffer.from(`${key.toString()}x`), at)).toBeUndefined();
    }
    reader.close();
  }
});

describe('the pool', () => {
  test('lets those go that were not searched since the last time', () => {
    const pool = new FencePool();
    const all = ['a', 'b', 'c'].map((key) => fencesOf(key));
    const [first] = all as [Fences];
    const gone: number[] = [];
    for (const [i, fences] of all.entries()) {
      pool.add({ segment: i, fences, forget: () => gone.push(i) });
    }
    expect(pool.bytes).toBe(3 * first.memoryBytes);
    first.lastAtOrBefore(Buffer.from('a'), 1);
    pool.trim(2 * first.memoryBytes);
    expect(gone).toEqual([1]);
    pool.trim(first.memoryBytes);
    expect(gone).toEqual([1, 2]);
    pool.drop(0);
    expect(pool.bytes).toBe(0);
    pool.trim(0);
    expect(gone).toEqual([1, 2]);
  });
});
