import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Span } from '../../src/base/cursor.js';
import { BlockCache } from '../../src/segment/block-cache.js';
import { BlockTable, noBlock } from '../../src/segment/block-table.js';

/** What the bookkeeping of one block counts for. */
const overhead = 64;
const blockOf = (size: number, fill = 0) => Buffer.alloc(size, fill);

function put(cache: BlockCache, segment: number, offset: number, bytes: Buffer): Buffer {
  const place = new Span();
  cache.add({ segment, offset, length: bytes.length }, place, (into) => {
    into.set(bytes);
  });
  return viewOf(place);
}

function viewOf({ bytes, start, end }: Span): Buffer {
  return bytes.subarray(start, end);
}

/** What a block holds, if it is there. */
function bytesOf(cache: BlockCache, block: number): Buffer | undefined {
  if (block === noBlock) return undefined;
  const place = new Span();
  cache.locate(block, place);
  return viewOf(place);
}

const got = (cache: BlockCache, segment: number, offset: number) =>
  bytesOf(cache, cache.get(segment, offset));
const peeked = (cache: BlockCache, segment: number, offset: number) =>
  bytesOf(cache, cache.peek(segment, offset));

/** A cache of some chunks with room for four blocks of 256 bytes each. */
const cacheOf = (chunks: number) => new BlockCache(chunks * (1024 + 4 * overhead), 1024);

test('answers what was put in, by segment and offset', () => {
  const cache = new BlockCache(2 ** 20);
  const [a, b] = [cache.addSegment(), cache.addSegment()];
  put(cache, a, 64, blockOf(10, 1));
  put(cache, b, 64, blockOf(10, 2));
  expect(got(cache, a, 64)?.[0]).toBe(1);
  expect(got(cache, b, 64)?.[0]).toBe(2);
  expect(got(cache, a, 65)).toBeUndefined();
  expect([cache.hits, cache.misses]).toEqual([2, 1]);
  expect(peeked(cache, a, 64)?.[0]).toBe(1);
  expect([cache.hits, cache.misses]).toEqual([2, 1]);
  expect(cache.bytes).toBe(128 * 1024 + 2 * overhead);
});

test('the least recently used blocks leave first', () => {
  const cache = cacheOf(3);
  const segment = cache.addSegment();
  const offsets = Array.from({ length: 12 }, (_, offset) => offset);
  for (const offset of offsets) put(cache, segment, offset, blockOf(256, offset));
  expect(offsets.filter((offset) => peeked(cache, segment, offset)?.[0] === offset)).toEqual(
    offsets,
  );
  cache.get(segment, 1);
  cache.get(segment, 3);
  cache.get(segment, 6);
  const stay = (): number[] =>
    Array.from({ length: 99 }, (_, offset) => offset).filter((offset) => {
      const bytes = peeked(cache, segment, offset);
      return bytes?.every((byte) => byte === offset) ?? false;
    });
  for (const offset of [21, 22]) put(cache, segment, offset, blockOf(256, offset));
  expect(stay()).toEqual([1, 3, 4, 5, 6, 7, 8, 9, 10, 11, 21, 22]);
  for (const offset of [23, 24, 25]) put(cache, segment, offset, blockOf(256, offset));
  expect(stay()).toEqual([1, 3, 6, 8, 9, 10, 11, 21, 22, 23, 24, 25]);
});

test('a block that nobody asks for again leaves in the second round', () => {
  const cache = cacheOf(1);
  const segment = cache.addSegment();
  for (const offset of [1, 2, 3, 4]) put(cache, segment, offset, blockOf(256, offset));
  for (const offset of [1, 2, 3, 4]) cache.get(segment, offset);
  put(cache, segment, 5, blockOf(256, 5));
  expect(peeked(cache, segment, 1)).toBeUndefined();
  expect(peeked(cache, segment, 5)?.[0]).toBe(5);
});

test('holds what was put in last, and never more than its limit', () => {
  const sizes = fc.array(fc.integer({ min: 0, max: 300 }), { minLength: 1, maxLength: 200 });
  const limits = fc.array(fc.integer({ min: 0, max: 9000 }), { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(sizes, limits, (lengths, bytesMax) => {
      const cache = new BlockCache(9000, 1024);
      const segments = [cache.addSegment(), cache.addSegment(), cache.addSegment()] as const;
      for (const [i, length] of lengths.entries()) {
        const segment = segments[i % 2]!;
        const bytes = put(cache, segment, i, blockOf(length, i));
        const isKept = peeked(cache, segment, i) !== undefined;
        expect(isKept).toBe(length <= 256);
        expect(bytes.every((byte) => byte === i % 256)).toBe(true);
        cache.get(segment, Math.floor(i / 2));
        expect(cache.bytes).toBeLessThanOrEqual(9000);
        for (let old = 0; old <= i; old++) {
          for (const each of segments) {
            const held = peeked(cache, each, old);
            if (held === undefined) continue;
            expect(each).toBe(segments[old % 2]);
            expect(held).toHaveLength(lengths[old]!);
            expect(held.every((byte) => byte === old % 256)).toBe(true);
          }
        }
      }
      for (const limit of bytesMax.toSorted((a, b) => b - a)) {
        cache.setLimit(limit);
        expect(cache.bytes).toBeLessThanOrEqual(limit);
        put(cache, segments[2], limit, blockOf(100));
        expect(cache.bytes).toBeLessThanOrEqual(limit);
      }
    }),
    { numRuns: 300 },
  );
});

test('a cache of nothing hands out what was read', () => {
  const cache = new BlockCache(0);
  const segment = cache.addSegment();
  expect([...put(cache, segment, 1, blockOf(3, 7))]).toEqual([7, 7, 7]);
  expect(peeked(cache, segment, 1)).toBeUndefined();
  expect(cache.bytes).toBe(0);
});

test('a block too large to be kept throws nothing out', () => {
  const cache = cacheOf(1);
  const segment = cache.addSegment();
  put(cache, segment, 1, blockOf(200));
  expect([...put(cache, segment, 2, blockOf(257, 9))]).toEqual([...blockOf(257, 9)]);
  expect(peeked(cache, segment, 1)).toBeDefined();
  expect(peeked(cache, segment, 2)).toBeUndefined();
});

test('a dropped segment leaves nothing behind and takes nothing more', () => {
  const cache = cacheOf(2);
  const [a, b] = [cache.addSegment(), cache.addSegment()];
  put(cache, a, 1, blockOf(256, 1));
  put(cache, b, 1, blockOf(256, 2));
  cache.get(a, 1);
  cache.dropSegment(a);
  cache.dropSegment(a);
  expect(got(cache, a, 1)).toBeUndefined();
  put(cache, a, 2, blockOf(256));
  expect(got(cache, a, 2)).toBeUndefined();
  expect(got(cache, b, 1)?.[0]).toBe(2);
  expect(cache.addSegment()).not.toBe(a);
  for (let offset = 2; offset < 20; offset++) put(cache, b, offset, blockOf(256, offset));
  expect(got(cache, b, 19)?.[0]).toBe(19);
  expect(cache.bytes).toBeLessThanOrEqual(2 * (1024 + 4 * overhead));
});

test('no memory is taken anew once the limit is reached', () => {
  const cache = cacheOf(3);
  const segment = cache.addSegment();
  const memory = new Set<ArrayBufferLike>();
  for (let offset = 0; offset < 1000; offset++) {
    memory.add(put(cache, segment, offset, blockOf(1 + ((offset * 37) % 250))).buffer);
    cache.get(segment, offset - (offset % 7));
  }
  expect(memory.size).toBeLessThanOrEqual(5);
});

test('a block that cannot be read is not kept', () => {
  const cache = new BlockCache(2 ** 20);
  const segment = cache.addSegment();
  expect(() =>
    cache.add({ segment, offset: 1, length: 100 }, new Span(), () => {
      throw new RangeError('unreadable');
    }),
  ).toThrow('unreadable');
  expect(peeked(cache, segment, 1)).toBeUndefined();
  expect(put(cache, segment, 1, blockOf(100, 3))[99]).toBe(3);
});

describe('the table of blocks', () => {
  test('finds what a map would find', () => {
    const place = fc.tuple(fc.constantFrom(0, 1, 77), fc.constantFrom(64, 65, 2 ** 33, 2 ** 47));
    fc.assert(
      fc.property(fc.array(place, { maxLength: 60 }), (places) => {
        const table = new BlockTable();
        const expected = new Map<string, number>();
        for (const [segment, offset] of places) {
          const name = `${segment}/${offset}`;
          const known = expected.get(name);
          expect(table.get(segment, offset)).toBe(known ?? noBlock);
          if (known === undefined) {
            expected.set(name, table.add(segment, offset));
          } else {
            table.remove(known);
            expected.delete(name);
          }
          expect(table.count).toBe(expected.size);
        }
      }),
    );
  });

  test('grows', () => {
    const table = new BlockTable();
    const places = Array.from({ length: 5000 }, (_, i) => [i % 3, 64 + i * 4096] as const);
    const blocks = places.map(([segment, offset]) => table.add(segment, offset));
    for (const [i, [segment, offset]] of places.entries()) {
      expect(table.get(segment, offset)).toBe(blocks[i]);
    }
    for (const block of blocks) table.remove(block);
    expect(table.count).toBe(0);
    expect(table.get(0, 64)).toBe(noBlock);
  });

  test('tells the number of a block that has gone from that of one in its place', () => {
    const table = new BlockTable();
    const old = table.add(1, 64);
    expect(table.isAt(old, 1, 64)).toBe(true);
    table.remove(old);
    expect(table.isAt(old, 1, 64)).toBe(false);
    expect(table.add(1, 128)).toBe(old);
    expect(table.isAt(old, 1, 64)).toBe(false);
    expect(table.isAt(old, 1, 128)).toBe(true);
  });
});
