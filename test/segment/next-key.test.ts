/** From key to key: to each of them, or at once to what is valid of each as of a time. */
import { expect, test } from 'vitest';
import type { Entry } from '../../src/base/entry.js';
import { BlockCache } from '../../src/segment/block-cache.js';
import type { SegmentCursor } from '../../src/segment/segment-cursor.js';
import { Random } from '../support/random.js';
import { MemoryFileSystem } from './support/memory-file-system.js';
import { compareEntries, entryOf, openSegment, writeSegment } from './support/segments.js';

const timeMax = 30_000;

/** Keys of one version to thousands, next to each other; some begin alike for longer than a head is. */
function entriesOf(random: Random): Entry[] {
  const names = ['a', 'a\0', 'b', 'b1', 'user:123456', 'user:123457', 'user:1234567', 'z'];
  const keys = names.flatMap((name) => [name, ...[1, 2, 3].map((i) => `key:${name}${i}`)]);
  let seq = 0;
  return keys
    .flatMap((key) => {
      const versions = random.pick([1, 3, 40, 400, 3000]);
      const bytes = random.pick([0, 10, 100]);
      return Array.from({ length: versions }, () => {
        const timestamp = random.integer(0, timeMax);
        return entryOf({ key, timestamp, seq: ++seq, value: Buffer.alloc(bytes, key) });
      });
    })
    .sort(compareEntries);
}

/** Where the cursor stands at each key. */
function* each(cursor: SegmentCursor, toNext: () => void): Generator<string> {
  for (cursor.first(); cursor.valid; toNext()) {
    yield `${cursor.key.toString()} ${cursor.timestamp} ${cursor.seq}`;
  }
}

test.each([1, 2, 3, 4, 5])('as in a list of all entries, %i', async (seed) => {
  const random = new Random(seed);
  const disk = new MemoryFileSystem();
  const entries = entriesOf(random);
  const properties = await writeSegment(disk, 's', entries);
  const isFirst = ({ key }: Entry, i: number) => entries[i - 1]?.key.equals(key) !== true;
  const told = ({ key, timestamp, seq }: Entry) => `${key.toString()} ${timestamp} ${seq}`;
  const firsts = entries.filter(isFirst).map(told);
  // Directories that were searched often are searched in another way.
  for (const cacheBytes of [2 ** 24, 0]) {
    const reader = openSegment(disk, 's', properties, new BlockCache(cacheBytes));
    for (let round = 0; round < 60; round++) {
      const cursor = reader.cursor();
      const time = random.integer(-10, timeMax + 10);
      const all = [
        ...each(cursor, () => {
          cursor.nextKey();
        }),
      ];
      expect(all).toEqual(firsts);
      const valid = entries.filter(({ timestamp }) => timestamp <= time);
      const wanted = valid.filter(({ key }, i) => valid[i - 1]?.key.equals(key) !== true).map(told);
      const found: string[] = [];
      cursor.first();
      while (cursor.valid) {
        // At the next key then, or at the end.
        if (cursor.timestamp > time && !cursor.seekInKey(time)) continue;
        found.push(`${cursor.key.toString()} ${cursor.timestamp} ${cursor.seq}`);
        cursor.nextKey(time);
      }
      expect(found).toEqual(wanted);
      cursor.close();
    }
    reader.close();
  }
});

test('of a key that goes on for many blocks three are read: two that tell where, and the one asked for', async () => {
  const disk = new MemoryFileSystem();
  const keys = Array.from({ length: 20 }, (_, i) => `key${String(i).padStart(2, '0')}`);
  let seq = 0;
  const entries = keys
    .flatMap((key) =>
      Array.from({ length: 2000 }, (_, timestamp) =>
        entryOf({ key, timestamp, seq: ++seq, value: Buffer.alloc(100, key) }),
      ),
    )
    .sort(compareEntries);
  const cache = new BlockCache(2 ** 25);
  const reader = openSegment(disk, 's', await writeSegment(disk, 's', entries), cache);
  const cursor = reader.cursor();
  const walk = () => {
    let found = 0;
    for (cursor.first(); cursor.valid; cursor.nextKey(1000)) {
      if (cursor.timestamp > 1000) cursor.seekInKey(1000);
      expect(cursor.timestamp).toBe(1000);
      found++;
    }
    expect(found).toBe(keys.length);
  };
  for (let i = 0; i < 50; i++) walk();
  const before = cache.hits + cache.misses;
  walk();
  expect(cache.hits + cache.misses - before).toBeLessThanOrEqual(3 * keys.length + 3);
  reader.close();
});
