/** How much is read from disk, and how much a version takes there. */
import { describe, expect, test } from 'vitest';
import { type Entry, Kind } from '../../src/base/entry.js';
import { BlockCache } from '../../src/segment/block-cache.js';
import { Random } from '../support/random.js';
import { MemoryFileSystem } from './support/memory-file-system.js';
import { entryOf, forwards, openSegment, writeSegment } from './support/segments.js';

/**
 * Every operation goes to a random key, some microseconds after the one before. It is always the
 * same object that comes, with another content: there are a million of them.
 */
function* interleaved(shape: { keys: number; versions: number; valueBytes: number }) {
  const { keys, versions, valueBytes } = shape;
  const random = new Random(1);
  const timestamps = new Float64Array(keys * versions + 1).fill(1.7e15);
  const seqsOf = Array.from({ length: keys }, (): number[] => []);
  for (let seq = 1; seq < timestamps.length; seq++) {
    const elapsed = 1 + Math.floor(random.next() * 40);
    timestamps[seq] = timestamps[seq - 1]! + elapsed;
    seqsOf[Math.floor(random.next() * keys)]!.push(seq);
  }
  const entry = entryOf({ key: 'sensor:00000000', value: Buffer.alloc(valueBytes, 'value') });
  for (const [i, seqs] of seqsOf.entries()) {
    entry.key.write(String(i).padStart(8, '0'), 'sensor:'.length);
    for (const seq of seqs.reverse()) {
      entry.seq = seq;
      entry.timestamp = timestamps[seq]!;
      yield entry;
    }
  }
}

async function bytesPerVersion(entries: Iterable<Entry>): Promise<number> {
  const disk = new MemoryFileSystem();
  const properties = await writeSegment(disk, 's', entries);
  return properties.bytes / properties.entries;
}

describe('a version costs little on disk', () => {
  test('small numbers, 1,000 versions of 1,000 keys: at most 10.5 bytes, 5 of them the value', async () => {
    const shape = { keys: 1000, versions: 1000, valueBytes: 5 };
    expect(await bytesPerVersion(interleaved(shape))).toBeLessThan(10.5);
  });

  test('100 bytes, 10 versions of 20,000 keys: at most 13 bytes beyond the value', async () => {
    const shape = { keys: 20_000, versions: 10, valueBytes: 100 };
    expect(await bytesPerVersion(interleaved(shape))).toBeLessThan(113);
  });
});

test('what is the same or even in all versions takes no space in them', async () => {
  const disk = new MemoryFileSystem();
  function* even() {
    for (let i = 10_000; i > 0; i--) yield entryOf({ key: 'beat', timestamp: 1e6 * i, seq: 3 * i });
  }
  const properties = await writeSegment(disk, 's', even());
  expect(properties.bytes).toBeLessThan(1000);
  const reader = openSegment(disk, 's', properties);
  for (let i = 1; i <= 10_000; i++) {
    const found = reader.find(Buffer.from('beat'), 1e6 * i + 5);
    if (found?.seq !== 3 * i || found.timestamp !== 1e6 * i) throw new Error(`${i} is wrong`);
  }
  expect(forwards(reader.cursor())).toHaveLength(10_000);
});

describe('a million versions, one after the other', () => {
  // Far fewer are enough to have several index blocks.
  const count = 200_000;
  const key = Buffer.from('one key');
  function* history() {
    for (let i = count; i > 0; i--) {
      yield entryOf({
        key,
        timestamp: 10 * i,
        seq: i,
        value: Buffer.from(`value ${(i * 7919) % 1e7}`),
      });
    }
  }

  test('each is found with one read of each kind of block', async () => {
    const disk = new MemoryFileSystem();
    const properties = await writeSegment(disk, 's', history());
    const random = new Random(2);
    for (let i = 0; i < 300; i++) {
      const cache = new BlockCache(1_000_000);
      const reader = openSegment(disk, 's', properties, cache);
      const wanted = random.integer(1, count + 1);
      disk.reads.length = 0;
      // Exactly its own time, and any time until the next version.
      const found = reader.find(key, 10 * wanted + (i % 10));
      expect(found?.seq).toBe(wanted);
      expect(found?.value.toString()).toBe(`value ${(wanted * 7919) % 1e7}`);
      expect(disk.reads.length).toBe(3);
      expect(Math.max(...disk.reads.map((read) => read.length))).toBeLessThan(5000);
      reader.close();
    }
  });

  test('a cursor walks all of them, forwards and backwards', async () => {
    const disk = new MemoryFileSystem();
    const properties = await writeSegment(disk, 's', history());
    const cache = new BlockCache(1_000_000);
    const cursor = openSegment(disk, 's', properties, cache).cursor();
    let expected = count;
    for (cursor.first(); cursor.valid; cursor.next()) {
      if (cursor.seq !== expected || cursor.timestamp !== 10 * expected) break;
      expected--;
    }
    expect(expected).toBe(0);
    for (cursor.last(); cursor.valid; cursor.previous()) {
      expected++;
      if (cursor.seq !== expected || cursor.timestamp !== 10 * expected) break;
    }
    expect(expected).toBe(count);
    // A long scan leaves the cache to others.
    expect(cache.bytes).toBeLessThan(800_000);
    cursor.seek(key, 1234, Infinity);
    expect([cursor.timestamp, cursor.value().toString()]).toEqual([
      1230,
      `value ${(123 * 7919) % 1e7}`,
    ]);
  });
});

describe('index and filter blocks', () => {
  const values = Array.from({ length: 60_000 }, (_, i) => Buffer.alloc(100, i % 251));
  const keyOf = (i: number) => Buffer.from(`user:${String(i).padStart(8, '0')}:profile`);
  function* entries() {
    for (const [i, value] of values.entries()) yield entryOf({ key: keyOf(i), value });
  }
  async function lookUps(cacheBytes: number): Promise<{ reads: number; longest: number }> {
    const disk = new MemoryFileSystem();
    const properties = await writeSegment(disk, 's', entries());
    const reader = openSegment(disk, 's', properties, new BlockCache(cacheBytes));
    disk.reads.length = 0;
    for (let i = 0; i < 60_000; i += 600) {
      expect(reader.find(keyOf(i), 0)?.value).toEqual(values[i]);
    }
    return {
      reads: disk.reads.length,
      longest: Math.max(...disk.reads.map((read) => read.length)),
    };
  }

  test('are read with their neighbours while there is room for them', async () => {
    // 100 data blocks; the filter is 75 KB and the index some 60 KB, each of which come at the
    // second look-up, as far as they lie together.
    const { reads, longest } = await lookUps(4_000_000);
    expect(reads).toBeLessThan(100 + 10);
    expect(longest).toBeGreaterThan(32_000);
    expect(longest).toBeLessThanOrEqual(262_144);
  });

  test('are read alone where others would have to go for it', async () => {
    const { reads, longest } = await lookUps(200_000);
    expect(reads).toBeGreaterThan(110);
    expect(longest).toBeLessThan(10_000);
  });
});

describe('one look-up in a fresh process', () => {
  async function manyKeys(disk: MemoryFileSystem) {
    const keyOf = (i: number) => Buffer.from(`key-${String(2 * i).padStart(6, '0')}`);
    function* entries() {
      for (let i = 0; i < 20_000; i++) {
        const value = Buffer.alloc(60, i);
        for (let v = 3; v > 0; v--) yield entryOf({ key: keyOf(i), timestamp: v, seq: v, value });
      }
    }
    return { keyOf, properties: await writeSegment(disk, 's', entries()) };
  }

  test('opens with two reads and finds with three', async () => {
    const disk = new MemoryFileSystem();
    const { keyOf, properties } = await manyKeys(disk);
    for (let i = 0; i < 20_000; i += 97) {
      disk.reads.length = 0;
      const reader = openSegment(disk, 's', properties);
      expect(disk.reads.length).toBe(2);
      // As of the key's newest version, which may be the first of a block.
      expect(reader.find(keyOf(i), Infinity)?.timestamp).toBe(3);
      expect(disk.reads.length).toBe(5);
      expect(disk.reads.reduce((sum, read) => sum + read.length, 0)).toBeLessThan(32_768);
      reader.close();
    }
  });

  test('reads one filter block for nearly all keys that are not there', async () => {
    const disk = new MemoryFileSystem();
    const { properties } = await manyKeys(disk);
    const reader = openSegment(disk, 's', properties, new BlockCache(0));
    disk.reads.length = 0;
    for (let i = 1; i < 4000; i += 2) {
      expect(reader.find(Buffer.from(`key-${String(i).padStart(6, '0')}`), 5)).toBeUndefined();
    }
    // 2,000 filter blocks, and an index block and a data block for 1 % of them.
    expect(disk.reads.length).toBeGreaterThanOrEqual(2000);
    expect(disk.reads.length).toBeLessThan(2000 + 2 * 60);
  });

  test('asks no filter after many keys that were all there, until one was not', async () => {
    const disk = new MemoryFileSystem();
    const { keyOf, properties } = await manyKeys(disk);
    const reader = openSegment(disk, 's', properties, new BlockCache(0));
    const absent = Buffer.from('key-000101');
    const readsOf = (key: Buffer): number => {
      disk.reads.length = 0;
      reader.find(key, 5);
      return disk.reads.length;
    };
    readsOf(keyOf(0)); // The directories too.
    for (let i = 1; i < 256; i++) expect(readsOf(keyOf(70 * i))).toBe(3);
    for (let i = 1; i < 256; i++) expect(readsOf(keyOf(70 * i))).toBe(2);
    expect(readsOf(absent)).toBe(2);
    expect(readsOf(absent)).toBe(1);
    expect(readsOf(keyOf(7))).toBe(3);
  });

  test('a damaged block fails only keys that may be in it, even where no filter was asked', async () => {
    const disk = new MemoryFileSystem();
    const { keyOf, properties } = await manyKeys(disk);
    const reader = openSegment(disk, 's', properties, new BlockCache(0));
    for (let i = 0; i < 300; i++) expect(reader.find(keyOf(i), 5)).toBeDefined();
    disk.reads.length = 0;
    expect(reader.find(keyOf(10_000), 5)).toBeDefined();
    const { offset } = disk.reads.at(-1)!;
    const bytes = disk.files.get('s')!;
    bytes[offset + 100] = ~bytes[offset + 100]!;
    expect(() => reader.find(keyOf(10_000), 5)).toThrow('checksum');
    const beside = Buffer.from('key-020001');
    expect(reader.find(beside, 5)).toBeUndefined();
    expect(() => reader.find(keyOf(10_000), 5)).toThrow('checksum');
  });

  test('never reads a large value for what stands beside it', async () => {
    const disk = new MemoryFileSystem();
    const value = Buffer.alloc(1_000_000, 7);
    const entries = [
      entryOf({ key: 'a', timestamp: 3, seq: 3, value, expiresAt: 4 }),
      entryOf({ key: 'a', timestamp: 2, seq: 2, kind: Kind.tombstone }),
      entryOf({ key: 'a', timestamp: 1, seq: 1, value }),
    ];
    const reader = openSegment(disk, 's', await writeSegment(disk, 's', entries));
    disk.reads.length = 0;
    expect(reader.find(Buffer.from('a'), 9)).toMatchObject({ timestamp: 3, expiresAt: 4 });
    expect(reader.find(Buffer.from('a'), 2)?.kind).toBe(Kind.tombstone);
    const cursor = reader.cursor();
    for (cursor.first(); cursor.valid; cursor.next());
    expect(Math.max(...disk.reads.map((read) => read.length))).toBeLessThan(5000);
    const found = reader.find(Buffer.from('a'), 1);
    expect(found?.value.equals(value)).toBe(true);
    expect(disk.reads.at(-1)?.length).toBe(1_000_000);
  });
});
