import { randomBytes } from 'node:crypto';
import { constants, deflateRawSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { BlockCache } from '../../src/segment/block-cache.js';
import { Deflater, inflate } from '../../src/segment/deflate.js';
import { type Run, type ZlibBinding, ZlibStream } from '../../src/segment/zlib-stream.js';
import { MemoryFileSystem } from './support/memory-file-system.js';
import { entryOf, forwards, inWords, openSegment, writeSegment } from './support/segments.js';

const text = Buffer.from('{"price":19.90,"currency":"EUR"}\n'.repeat(120));

describe('a deflater', () => {
  test('makes blocks smaller, and they come back as they were', () => {
    const deflated = new Deflater().deflated(text);
    expect(deflated?.length).toBeLessThan(text.length / 4);
    expect(inflate(deflated as Buffer, text.length)).toEqual(text);
  });

  test('leaves a block as it is of which more than 0.8 would be left', () => {
    const deflater = new Deflater();
    expect(deflater.deflated(randomBytes(4096))).toBeUndefined();
    // A third of it is random: about as much is left.
    const third = Buffer.concat([randomBytes(1365), Buffer.alloc(2731)]);
    expect(deflater.deflated(third)).toBeDefined();
    const most = Buffer.concat([randomBytes(3500), Buffer.alloc(596)]);
    expect(deflater.deflated(most)).toBeUndefined();
  });

  test('tries only few more when it was in vain for long, and all again when one has paid', () => {
    const deflater = new Deflater();
    for (let i = 0; i < 16; i++) deflater.deflated(randomBytes(4096));
    const tries = Array.from({ length: 64 }, () => deflater.deflated(text) !== undefined);
    const first = tries.indexOf(true);
    expect(first).toBeGreaterThan(0);
    expect(tries.slice(first)).not.toContain(false);
  });
});

test.each([
  ['shorter than it was said to be', deflateRawSync(text), text.length + 1],
  ['longer', deflateRawSync(text), text.length - 1],
  ['cut off', deflateRawSync(text).subarray(0, 20), text.length],
  ['something else', Buffer.from('this was never deflated'), text.length],
])('a block that is %s is none', (_, bytes, length) => {
  expect(() => inflate(bytes, length)).toThrow(RangeError);
});

describe('a stream of zlib that is used again', () => {
  const output = Buffer.alloc(text.length);
  const deflated = deflateRawSync(text);
  const settings = { mode: constants.INFLATERAW, windowBits: 15, level: 1, memLevel: 8 };
  const inflates = (run: Run) => run(deflated, output) === 0 && output.equals(text);

  test('goes on after an input that is none', () => {
    const stream = new ZlibStream(settings, inflates);
    for (let round = 0; round < 3; round++) {
      expect(() => stream.run(Buffer.from('this was never deflated'), output)).toThrow(/invalid/);
      expect(stream.run(deflated, output.fill(0))).toBe(0);
      expect(output).toEqual(text);
    }
  });

  test('is not used where this Node has none to give', () => {
    const without = new ZlibStream(settings, inflates, () => undefined);
    expect(without.run(deflated, output)).toBeUndefined();
    const another = new ZlibStream(settings, inflates, () => ({}) as ZlibBinding);
    expect(another.run(deflated, output)).toBeUndefined();
  });

  test.each([
    ['makes something else of a sample', (run: Run) => run(deflated, output) !== 0],
    ['finds a sample wrong', (run: Run) => run(deflated.subarray(9), output) === 0],
  ])('is not used where it %s', (_, isRight) => {
    expect(new ZlibStream(settings, isRight).run(deflated, output)).toBeUndefined();
  });
});

describe('a deflated segment', () => {
  const entries = Array.from({ length: 20_000 }, (_, i) =>
    entryOf({
      key: `key ${100_000 + i}`,
      seq: i + 1,
      value: Buffer.from(`{"state":"on","n":${i}}`),
    }),
  );

  test('takes less, and its blocks are inflated once as long as they are in the cache', async () => {
    const disk = new MemoryFileSystem();
    const plain = await writeSegment(disk, 'plain', entries);
    const properties = await writeSegment(disk, 's', entries, true);
    expect(properties.bytes).toBeLessThan(plain.bytes * 0.5);
    const cache = new BlockCache(8_000_000);
    const reader = openSegment(disk, 's', properties, cache);
    expect(reader.isDeflated).toBe(true);
    const ask = () => reader.find(Buffer.from('key 107007'), 0)?.value.toString();
    expect(ask()).toBe('{"state":"on","n":7007}');
    const { misses } = cache;
    expect(ask()).toBe('{"state":"on","n":7007}');
    expect(cache.misses).toBe(misses);
    expect(forwards(reader.cursor())).toEqual(entries.map(inWords));
  });

  test('has blocks as they are among the deflated ones, where that pays more', async () => {
    const mixed = entries.map((entry, i) =>
      i % 2000 < 1000 ? entry : { ...entry, value: randomBytes(40) },
    );
    const disk = new MemoryFileSystem();
    const reader = openSegment(disk, 's', await writeSegment(disk, 's', mixed, true));
    expect(forwards(reader.cursor())).toEqual(mixed.map(inWords));
    for (const { key, value } of mixed) expect(reader.find(key, 0)?.value).toEqual(value);
  });
});
