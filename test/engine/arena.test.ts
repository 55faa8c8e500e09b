import { expect, test } from 'vitest';
import fc from 'fast-check';
import { Arena } from '../../src/engine/arena.js';

const KiB = 1024;

test('what was copied stays where it is', () => {
  const sizes = fc.array(fc.oneof(fc.nat(300), fc.nat(400 * KiB)), { maxLength: 30 });
  fc.assert(
    fc.property(fc.array(sizes, { minLength: 1, maxLength: 3 }), (rounds) => {
      const arena = new Arena();
      for (const lengths of rounds) {
        const places = lengths.map((length, i) => arena.copy(Buffer.alloc(length, i + 1)));
        for (const [i, { chunk, bytes, start }] of places.entries()) {
          expect(arena.chunk(chunk)).toBe(bytes);
          const there = bytes.subarray(start, start + (lengths[i] ?? 0));
          expect(there.equals(Buffer.alloc(lengths[i] ?? 0, i + 1))).toBe(true);
        }
        arena.clear();
      }
    }),
    { numRuns: 100 },
  );
});

test('memory is used again, and none of unusual size is kept', () => {
  const arena = new Arena();
  for (let round = 1; round <= 100; round += 1) {
    for (let i = 0; i < 10; i += 1) arena.copy(Buffer.alloc((i % 2 ? round : 8) * 10 * KiB));
    for (let i = 0; i < 20; i += 1) arena.copy(Buffer.alloc(100 * KiB));
    const payload = 5 * round * 10 * KiB + 5 * 80 * KiB + 20 * 100 * KiB;
    // A usual chunk is left when the next payload does not fit; an unusual one is as large as it is.
    expect(arena.bytes).toBeLessThan(2 * payload + 512 * KiB);
    arena.clear();
    expect(arena.bytes).toBeLessThan(8192 * KiB);
  }
});

test('a large payload does not make it leave the chunk that is being filled', () => {
  const arena = new Arena();
  const first = arena.copy(Buffer.alloc(10));
  arena.copy(Buffer.alloc(1024 * KiB));
  expect(arena.copy(Buffer.alloc(10)).bytes).toBe(first.bytes);
});
