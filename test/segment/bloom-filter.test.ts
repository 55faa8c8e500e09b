import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Span } from '../../src/base/cursor.js';
import {
  FilterBlockBuilder,
  hashKey,
  isFilterSize,
  mayContain,
} from '../../src/segment/bloom-filter.js';

test('the hash is MurmurHash3 x86 32', () => {
  const known: [string, number][] = [
    ['', 0],
    ['a', 0x3c2569b2],
    ['abc', 0xb3dd93fa],
    ['hello', 0x248bfa47],
    ['hello, world', 0x149bbb7f],
    ['The quick brown fox jumps over the lazy dog', 0x2e4ff723],
  ];
  expect(known.map(([text]) => [text, hashKey(Buffer.from(text))])).toEqual(known);
});

function filterOf(keys: Iterable<Buffer>): Buffer {
  const builder = new FilterBlockBuilder();
  for (const key of keys) builder.add(key);
  return builder.finish();
}

test('a key that was added is never denied', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ minLength: 1 }), { minLength: 1 }), (arrays) => {
      const keys = arrays.map((bytes) => Buffer.from(bytes));
      const block = filterOf(keys);
      expect(isFilterSize(block.length)).toBe(true);
      for (const key of keys) expect(mayContain(Span.of(block), hashKey(key))).toBe(true);
    }),
  );
});

test('about one key in a hundred that was not added passes a full block', () => {
  const builder = new FilterBlockBuilder();
  for (let i = 0; !builder.isFull; i++) builder.add(Buffer.from(`user:${i}`));
  const block = builder.finish();
  expect(block.length).toBe(4096);
  let passed = 0;
  for (let i = 0; i < 50_000; i++) {
    if (mayContain(Span.of(block), hashKey(Buffer.from(`user:${1_000_000 + i}`)))) passed++;
  }
  expect(passed / 50_000).toBeLessThan(0.015);
});

test('a single key takes one line', () => {
  expect(filterOf([Buffer.from('a')]).length).toBe(64);
});
