import { expect, test } from 'vitest';
import { BlockCache } from '../../src/segment/block-cache.js';

/** What the bookkeeping of one block counts for. */
const overhead = 384;
const block = (size: number, fill = 0) => Buffer.alloc(size, fill);

function put(cache: BlockCache, segment: number, offset: number, bytes: Buffer): Buffer {
  return cache.add(segment, offset, bytes.length, (into) => {
    into.set(bytes);
  });
}

test('answers what was put in, by segment and offset', () => {
  const cache = new BlockCache(100_000);
  const [a, b] = [cache.addSegment(), cache.addSegment()];
  put(cache, a, 64, block(10, 1));
  put(cache, b, 64, block(10, 2));
  expect(cache.get(a, 64)?.[0]).toBe(1);
  expect(cache.get(b, 64)?.[0]).toBe(2);
  expect(cache.get(a, 65)).toBeUndefined();
  expect([cache.hits, cache.misses]).toEqual([2, 1]);
  expect(cache.peek(a, 64)?.[0]).toBe(1);
  expect([cache.hits, cache.misses]).toEqual([2, 1]);
  expect(cache.bytes).toBe(2 * (512 + overhead));
});

test('the least recently used block leaves first', () => {
  const cache = new BlockCache(3 * (1024 + overhead));
  const segment = cache.addSegment();
  for (const offset of [1, 2, 3]) put(cache, segment, offset, block(1024));
  cache.get(segment, 1);
  put(cache, segment, 4, block(1024));
  const stay = [1, 2, 3, 4].filter((offset) => cache.peek(segment, offset));
  expect(stay).toEqual([1, 3, 4]);
  put(cache, segment, 5, block(1024));
  put(cache, segment, 6, block(1024));
  expect([1, 2, 3, 4, 5, 6].filter((offset) => cache.peek(segment, offset))).toEqual([1, 5, 6]);
});

test('never holds more than its limit', () => {
  const cache = new BlockCache(10_000);
  const segment = cache.addSegment();
  for (let i = 0; i < 1000; i++) {
    put(cache, segment, i, block((i * 37) % 5000));
    cache.get(segment, (i * 7) % (i + 1));
    expect(cache.bytes).toBeLessThanOrEqual(10_000);
  }
  cache.setLimit(3000);
  expect(cache.bytes).toBeLessThanOrEqual(3000);
  cache.setLimit(0);
  expect(cache.bytes).toBe(0);
  put(cache, segment, 1, block(1));
  expect(cache.peek(segment, 1)).toBeUndefined();
});

test('a block larger than the cache throws nothing out', () => {
  const cache = new BlockCache(2048);
  const segment = cache.addSegment();
  put(cache, segment, 1, block(1024));
  put(cache, segment, 2, block(2048));
  expect(cache.peek(segment, 1)).toBeDefined();
  expect(cache.peek(segment, 2)).toBeUndefined();
});

test('the same place put twice counts once', () => {
  const cache = new BlockCache(10_000);
  const segment = cache.addSegment();
  put(cache, segment, 1, block(1024, 1));
  put(cache, segment, 1, block(512, 2));
  expect(cache.bytes).toBe(512 + overhead);
  expect(cache.get(segment, 1)?.[0]).toBe(2);
});

test('a dropped segment leaves nothing behind and takes nothing more', () => {
  const cache = new BlockCache(10_000);
  const [a, b] = [cache.addSegment(), cache.addSegment()];
  put(cache, a, 1, block(1024));
  put(cache, b, 1, block(1024));
  cache.dropSegment(a);
  cache.dropSegment(a);
  expect(cache.bytes).toBe(1024 + overhead);
  put(cache, a, 2, block(1024));
  expect(cache.get(a, 2)).toBeUndefined();
  expect(cache.get(b, 1)).toBeDefined();
  expect(cache.addSegment()).not.toBe(a);
});

test('the memory of a block that leaves is used for the next one', () => {
  const cache = new BlockCache(2 * (1024 + overhead));
  const segment = cache.addSegment();
  const first = put(cache, segment, 1, block(1000, 1));
  put(cache, segment, 2, block(1000, 2));
  put(cache, segment, 3, block(1000, 3));
  expect(cache.peek(segment, 1)).toBeUndefined();
  expect(put(cache, segment, 4, block(900, 4)).buffer).toBe(first.buffer);
});

test('a block that cannot be read is not kept', () => {
  const cache = new BlockCache(10_000);
  const segment = cache.addSegment();
  expect(() =>
    cache.add(segment, 1, 100, () => {
      throw new RangeError('unreadable');
    }),
  ).toThrow('unreadable');
  expect(cache.peek(segment, 1)).toBeUndefined();
  expect(cache.bytes).toBe(0);
});
