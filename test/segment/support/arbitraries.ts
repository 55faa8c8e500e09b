import fc from 'fast-check';
import { type Entry, Kind } from '../../../src/base/entry.js';
import { keyBytesMax, timestampMax } from '../../../src/base/limits.js';
import { compareEntries, entryOf, type Place } from './segments.js';

/** No UTF-8 begins with 0xff, which marks the entries in the order of expiry. */
const bytes = fc.uint8Array({ minLength: 1, maxLength: 60 }).filter((array) => array[0] !== 0xff);

/** Many keys that share prefixes of all lengths, and some that are prefixes of others. */
export const keys: fc.Arbitrary<Buffer> = fc.oneof(
  { weight: 4, arbitrary: fc.stringMatching(/^[ab]{1,3}$/).map((text) => Buffer.from(text)) },
  { weight: 2, arbitrary: fc.integer({ min: 0, max: 40 }).map((n) => Buffer.from(`key-${n}`)) },
  { weight: 1, arbitrary: bytes.map((array) => Buffer.from(array)) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.constantFrom(1, 47, 48, 49, 130, 2000, keyBytesMax - 1), fc.nat({ max: 255 }))
      .map(([length, last]) => Buffer.concat([Buffer.alloc(length, 'p'), Buffer.of(last)])),
  },
);

export const timestamps: fc.Arbitrary<number> = fc.oneof(
  fc.integer({ min: -3, max: 3 }),
  fc.integer({ min: -timestampMax, max: timestampMax }),
  fc.integer({ min: 1.7e15, max: 1.7e15 + 1e6 }),
  fc.constantFrom(timestampMax, timestampMax - 1, -timestampMax, 1 - timestampMax, 0),
);

const seqs: fc.Arbitrary<number> = fc.oneof(
  fc.integer({ min: 1, max: 50 }),
  fc.integer({ min: 1, max: timestampMax }),
);

export const places: fc.Arbitrary<Place> = fc.record({
  key: keys,
  timestamp: timestamps,
  seq: fc.oneof(seqs, fc.constantFrom(0, Infinity)),
});

const values: fc.Arbitrary<Buffer> = fc
  .tuple(
    fc.oneof(
      { weight: 6, arbitrary: fc.nat({ max: 12 }) },
      { weight: 3, arbitrary: fc.nat({ max: 400 }) },
      { weight: 2, arbitrary: fc.constantFrom(16, 2047, 2048, 2049) },
      { weight: 1, arbitrary: fc.constantFrom(16_384, 16_385, 40_000) },
    ),
    fc.nat({ max: 255 }),
  )
  .map(([length, fill]) => Buffer.alloc(length, fill));

const loneEntries: fc.Arbitrary<Entry> = fc
  .record({
    key: keys,
    timestamp: timestamps,
    seq: seqs,
    isTombstone: fc.nat({ max: 5 }).map((n) => n === 0),
    ttl: fc.option(fc.oneof(fc.integer({ min: 1, max: 1000 }), fc.constant(timestampMax))),
    value: values,
  })
  .map(({ isTombstone, ttl, ...fields }) => {
    if (isTombstone) return entryOf({ ...fields, kind: Kind.tombstone, value: Buffer.alloc(0) });
    const last = Math.min(timestampMax, fields.timestamp + (ttl ?? 0));
    const expiresAt = last > fields.timestamp ? last : Infinity;
    return entryOf({ ...fields, expiresAt });
  });

/** Entries in order, at least one. */
export const sortedEntries: fc.Arbitrary<Entry[]> = fc
  .array(loneEntries, { minLength: 1, maxLength: 250, size: 'max' })
  .map((entries) =>
    entries
      .sort(compareEntries)
      .filter((entry, i, all) => i === 0 || compareEntries(all[i - 1] as Entry, entry) < 0),
  );
