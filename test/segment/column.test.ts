import fc from 'fast-check';
import { expect, test } from 'vitest';
import { timestampMax } from '../../src/base/limits.js';
import { ByteWriter } from '../../src/segment/byte-writer.js';
import { Column, ColumnBuilder } from '../../src/segment/column.js';

const anyNumbers = fc.array(
  fc.oneof(
    fc.integer({ min: -timestampMax, max: timestampMax }),
    fc.integer({ min: -300, max: 300 }),
    fc.constantFrom(timestampMax, -timestampMax, 0),
  ),
  { minLength: 1, maxLength: 200 },
);

/** Numbers that rise or fall evenly, but for some jitter, from anywhere or towards an extreme. */
const evenNumbers = fc
  .record({
    start: fc.oneof(
      fc.integer({ min: -timestampMax, max: timestampMax }),
      fc.constantFrom(timestampMax, -timestampMax),
    ),
    step: fc.oneof(fc.nat({ max: 1000 }), fc.nat({ max: 2 ** 45 })),
    jitter: fc.array(fc.nat({ max: 70_000 }), { minLength: 1, maxLength: 300 }),
    isReversed: fc.boolean(),
  })
  .map(({ start, step, jitter, isReversed }) => {
    const direction = start > 0 ? -1 : 1;
    const values = jitter.map((more, i) => start + direction * (step * i + more));
    return isReversed ? values.reverse() : values;
  })
  .filter((values) => values.every((value) => Math.abs(value) <= timestampMax));

function encode(values: number[]): { builder: ColumnBuilder; bytes: Buffer } {
  const builder = new ColumnBuilder();
  for (const value of values) {
    const width = builder.widthWith(value);
    builder.push(value);
    expect(builder.width).toBeLessThanOrEqual(width);
  }
  builder.fit();
  const into = new ByteWriter(16);
  builder.writeHead(into);
  builder.writeDeltas(into);
  return { builder, bytes: Buffer.from(into.written) };
}

function expectReadable(values: number[]): void {
  const { builder, bytes } = encode(values);
  const column = new Column();
  const end = column.place(column.open(bytes, 0, builder.width), values.length);
  expect(end).toBe(bytes.length);
  // The sign of zero is of no interest.
  expect(values.map((_, i) => column.value(i) + 0)).toEqual(values.map((value) => value + 0));
}

test('every integer comes back exactly', () => {
  fc.assert(fc.property(anyNumbers, expectReadable));
  fc.assert(fc.property(evenNumbers, expectReadable), { numRuns: 300 });
});

test('a builder can be used again', () => {
  const builder = new ColumnBuilder();
  for (let i = 0; i < 100; i++) builder.push(i * i);
  builder.reset();
  expect(builder.width).toBe(0);
  builder.push(5);
  expect(builder.widthWith(5)).toBe(0);
});

test('what rises evenly takes no bytes but its head, what jitters only those of its jitter', () => {
  const lengths = Array.from({ length: 1000 }, (_, i) => 5 * (i + 1));
  expect(encode(lengths).bytes.length).toBeLessThan(8);
  const interleaved = Array.from({ length: 1000 }, (_, i) => 1.7e15 - i * 20_000 - (i % 7) * 30);
  expect(encode(interleaved).builder.width).toBe(1);
});

test('extremes side by side are stored as they are', () => {
  const { builder, bytes } = encode([timestampMax, -timestampMax, timestampMax]);
  expect(builder.width).toBe(8);
  expect(bytes.length).toBe(1 + 3 * 8);
});
