/** What is asked for once in a long while does not drive out what is asked for often. */
import { expect, test } from 'vitest';
import { BlockCache } from '../../src/segment/block-cache.js';
import { Random } from '../support/random.js';
import { MemoryFileSystem } from './support/memory-file-system.js';
import { entryOf, openSegment, writeSegment } from './support/segments.js';

const rows = 60_000;
const keyOf = (i: number): Buffer => Buffer.from(`user:${String(i).padStart(8, '0')}`);
const valueOf = (i: number): Buffer => Buffer.alloc(100, i % 251);

function* entries() {
  for (let i = 0; i < rows; i++) yield entryOf({ key: keyOf(i), value: valueOf(i) });
}

/** Looks keys up in a segment of some 1,700 blocks with a cache for some 300; answers how many were read. */
async function opened() {
  const disk = new MemoryFileSystem();
  const properties = await writeSegment(disk, 's', entries());
  const reader = openSegment(disk, 's', properties, new BlockCache(1_500_000));
  const lookUp = (keys: readonly number[]): number => {
    disk.reads.length = 0;
    for (const key of keys) {
      expect(reader.find(keyOf(key), 0)?.value.equals(valueOf(key))).toBe(true);
    }
    return disk.reads.length;
  };
  const random = new Random(1);
  const anywhere = (count: number) => Array.from({ length: count }, () => random.integer(0, rows));
  lookUp(anywhere(5000)); // The cache is full then, and the directories are columns of numbers.
  return { lookUp, anywhere };
}

const often = Array.from({ length: 50 }, (_, i) => i * 1200 + 7);

test('it is read anew each time, and the others stay', async () => {
  const { lookUp, anywhere } = await opened();
  lookUp(often);
  lookUp(often);
  expect(lookUp(often)).toBe(0);
  expect(lookUp(anywhere(600))).toBeGreaterThan(400);
  expect(lookUp(often)).toBe(0);
});

test('what is asked for a second time soon after is kept', async () => {
  const { lookUp, anywhere } = await opened();
  lookUp(anywhere(3000));
  const first = lookUp(often);
  expect(first).toBeGreaterThan(25);
  // After as many others as there is hardly room for.
  lookUp(anywhere(100));
  expect(lookUp(often)).toBeGreaterThan(25);
  expect(lookUp(often)).toBeLessThan(5);
});
