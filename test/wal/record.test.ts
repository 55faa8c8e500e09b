import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Kind } from '../../src/base/entry.js';
import { timestampMax } from '../../src/base/limits.js';
import { encodeRecord, recordBytes, RecordReader } from '../../src/wal/record.js';

const bytes = (maxLength: number) =>
  fc.uint8Array({ maxLength }).map((array) => Buffer.from(array));
const time = fc.integer({ min: -timestampMax, max: timestampMax });
const contents = fc.record({
  kind: fc.constantFrom(Kind.value, Kind.tombstone),
  key: bytes(20),
  timestamp: time,
  expiresAt: fc.oneof(fc.constant(Infinity), time),
  value: bytes(50),
});

function encoded(list: Parameters<typeof encodeRecord>[2][]): Buffer {
  const payload = Buffer.alloc(list.reduce((sum, each) => sum + recordBytes(each), 0));
  let offset = 0;
  for (const content of list) offset = encodeRecord(payload, offset, content);
  expect(offset).toBe(payload.length);
  return payload;
}

describe('records', () => {
  it('come back one by one as they were', () => {
    fc.assert(
      fc.property(fc.array(contents), (list) => {
        const reader = new RecordReader();
        const payload = encoded(list);
        reader.reset(payload);
        for (const { key, value, ...rest } of list) {
          expect(reader.next()).toBe(true);
          const { kind, timestamp, expiresAt } = reader;
          expect({ kind, timestamp, expiresAt }).toEqual(rest);
          const start = reader.keyOffset;
          expect(payload.subarray(start, start + reader.keyBytes)).toEqual(key);
          expect(reader.keyEquals(key)).toBe(true);
          expect(reader.keyEquals(Buffer.concat([key, Buffer.from('x')]))).toBe(false);
          expect(reader.value()).toEqual(value);
        }
        expect(reader.next()).toBe(false);
      }),
    );
  });

  it('never lead out of their payload', () => {
    fc.assert(
      fc.property(contents, fc.nat(15), fc.nat(255), (content, at, byte) => {
        const payload = encoded([content]);
        payload[at] = byte;
        const reader = new RecordReader();
        reader.reset(payload);
        try {
          while (reader.next()) {
            expect(reader.valueOffset + reader.valueBytes).toBeLessThanOrEqual(payload.length);
          }
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError);
        }
      }),
    );
  });
});
