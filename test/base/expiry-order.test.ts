import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compareKeys } from '../../src/base/entry.js';
import { expiryKey, expiryOf, isExpiryKey, keyInExpiry } from '../../src/base/expiry-order.js';
import { timestampMax } from '../../src/base/limits.js';

const times = fc.oneof(
  fc.integer({ min: -timestampMax, max: timestampMax }),
  fc.integer({ min: -3, max: 3 }),
  fc.constantFrom(timestampMax, -timestampMax, 2 ** 32, 2 ** 32 - 1, -(2 ** 32), -(2 ** 32) - 1),
);
const keys = fc.string({ minLength: 1, maxLength: 3 }).map((text) => Buffer.from(text));

test('the bytes are in the order of the times, then of the keys, and tell both', () => {
  fc.assert(
    fc.property(times, keys, times, keys, (a, inA, b, inB) => {
      const [first, second] = [expiryKey(a, inA), expiryKey(b, inB)];
      expect(Math.sign(compareKeys(first, second))).toBe(Math.sign(a - b || compareKeys(inA, inB)));
      expect(expiryOf(first)).toBe(a);
      expect(keyInExpiry(first)).toEqual(inA);
      expect(isExpiryKey(first)).toBe(true);
      expect(isExpiryKey(inA)).toBe(false);
      expect(compareKeys(inB, first)).toBeLessThan(0);
    }),
    { numRuns: 2000 },
  );
});
