/**
 * A long scan reads many blocks at once, checks each of them, and leaves the cache to others. A shorter
 * way back reads several at once too, and puts those that it goes over into the cache.
 */
import { beforeAll, describe, expect, test } from 'vitest';
import { BlockCache } from '../../src/segment/block-cache.js';
import type { SegmentProperties } from '../../src/base/segment-properties.js';
import { MemoryFileSystem } from './support/memory-file-system.js';
import {
  backwards,
  entryOf,
  forwards,
  inWords,
  openSegment,
  wordsAt,
  writeSegment,
} from './support/segments.js';

const entries = Array.from({ length: 20_000 }, (_, i) =>
  entryOf({ key: `key-${100_000 + i}`, value: Buffer.alloc(60, i) }),
);
const inOrder = entries.map(inWords);
/** Rather more: each takes about 4 KiB. */
const dataBlocks = 320;
const disk = new MemoryFileSystem();
let properties: SegmentProperties;

beforeAll(async () => {
  properties = await writeSegment(disk, 's', entries);
});

test.each([
  ['forwards', forwards, inOrder],
  ['backwards', backwards, inOrder.toReversed()],
])('%s, whatever is in the cache', (_, scan, expected) => {
  const cache = new BlockCache(1_000_000);
  const reader = openSegment(disk, 's', properties, cache);
  expect(properties.bytes).toBeGreaterThan(dataBlocks * 4096);
  for (let i = 0; i < entries.length; i += 3000) reader.find(entries[i]!.key, 0);
  const before = cache.bytes;
  disk.reads.length = 0;
  const { hits } = cache;
  expect(scan(reader.cursor())).toEqual(expected);
  // The first blocks come one by one and stay in the cache, the others come 15 at a time.
  expect(disk.reads.length).toBeLessThan(64 + dataBlocks / 10);
  expect(cache.bytes - before).toBeLessThan(90 * 4500);
  expect(cache.hits - hits).toBeLessThan(100);
});

test('damage is met by whoever comes by, in either direction', () => {
  const damagedDisk = new MemoryFileSystem();
  const bytes = Buffer.from(disk.files.get('s')!);
  const offset = 160 * 4096;
  bytes.writeUInt8(bytes.readUInt8(offset) ^ 4, offset);
  damagedDisk.files.set('s', bytes);
  const cursor = openSegment(damagedDisk, 's', properties).cursor();
  expect(() => forwards(cursor)).toThrow('the checksum of a data block does not match');
  expect(cursor.valid).toBe(false);
  expect(() => backwards(cursor)).toThrow('the checksum of a data block does not match');
  expect(cursor.valid).toBe(false);
});

describe('a history from its end on', () => {
  const [key, versions] = ['a history', 2000];
  const valueOf = (bytes: number, i: number) => Buffer.alloc(bytes, i);
  /** Of one key, between others. */
  const history = (bytes: number) => [
    entryOf({ key: 'a before it', value: valueOf(20_000, 1) }),
    ...Array.from({ length: versions }, (_, i) =>
      entryOf({ key, timestamp: versions - i, value: valueOf(bytes, i) }),
    ),
    ...Array.from({ length: 3000 }, (_, i) =>
      entryOf({ key: `behind it ${10_000 + i}`, value: valueOf(60, i) }),
    ),
  ];

  async function walked(bytes: number, fileSystem = new MemoryFileSystem()) {
    const written = history(bytes);
    const segment = await writeSegment(fileSystem, 's', written);
    const cursor = openSegment(fileSystem, 's', segment).cursor();
    const walk = (count: number): string[] => {
      const words: string[] = [];
      cursor.seekBefore(Buffer.from(key), -Infinity, Infinity);
      fileSystem.reads.length = 0;
      for (let i = 0; i < count; i++, cursor.previous()) words.push(wordsAt(cursor));
      return words;
    };
    const expected = written
      .slice(1, versions + 1)
      .map(inWords)
      .toReversed();
    const bytesRead = () => fileSystem.reads.reduce((sum, { length }) => sum + length, 0);
    return { walk, expected, reads: fileSystem.reads, bytesRead };
  }

  test('is read in a few large pieces, and then comes from the cache', async () => {
    const { walk, expected, reads, bytesRead } = await walked(60);
    expect(walk(versions)).toEqual(expected);
    // Some 30 blocks; the first ones one by one.
    expect(reads.length).toBeLessThan(10);
    expect(bytesRead()).toBeLessThan(2 * versions * 64);
    expect(walk(versions)).toEqual(expected);
    expect(reads).toHaveLength(0);
  });

  test('no more is read than a few times what was asked for', async () => {
    const { walk, expected, reads, bytesRead } = await walked(60);
    expect(walk(50)).toEqual(expected.slice(0, 50));
    expect(reads.length).toBeLessThan(3);
    expect(bytesRead()).toBeLessThan(8500);
    expect(walk(300)).toEqual(expected.slice(0, 300));
    expect(bytesRead()).toBeLessThan(3 * 300 * 64);
  });

  test('blocks between which large values lie are read by themselves', async () => {
    const { walk, expected, reads } = await walked(3000);
    expect(walk(versions)).toEqual(expected);
    const blocks = reads.filter(({ length }) => length > 3000);
    expect(blocks.length).toBeGreaterThan(5);
    expect(Math.max(...blocks.map(({ length }) => length))).toBeLessThan(4500);
  });

  test('a block that cannot be read does not fail who does not go there', async () => {
    class BadSector extends MemoryFileSystem {
      bad = -1;
      // oxlint-disable-next-line max-params -- the shape of the system call
      override read(
        file: number,
        into: Uint8Array,
        at: number,
        length: number,
        position: number,
      ): number {
        if (position <= this.bad && this.bad < position + length) {
          throw Object.assign(new Error('EIO: i/o error, read'), { code: 'EIO' });
        }
        return super.read(file, into, at, length, position);
      }
    }
    const failing = new BadSector();
    const { walk, expected, reads } = await walked(60, failing);
    expect(walk(150)).toEqual(expected.slice(0, 150));
    // On the way back, in what is read next, and further on than the next versions are.
    failing.bad = Math.min(...reads.map(({ offset }) => offset)) - 8 * 4096;
    expect(walk(600)).toEqual(expected.slice(0, 600));
    expect(() => walk(versions)).toThrow('EIO');
  });
});
