/** A long scan reads many blocks at once, checks each of them, and leaves the cache to others. */
import { beforeAll, expect, test } from 'vitest';
import { BlockCache } from '../../src/segment/block-cache.js';
import type { SegmentProperties } from '../../src/base/segment-properties.js';
import { MemoryFileSystem } from './support/memory-file-system.js';
import {
  backwards,
  entryOf,
  forwards,
  inWords,
  openSegment,
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
