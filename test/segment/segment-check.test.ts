/** Checking a whole segment: every byte of it counts. */
import { describe, expect, test } from 'vitest';
import { shownKey } from '../../src/base/damage.js';
import { type Entry, Kind } from '../../src/base/entry.js';
import { Slices } from '../../src/base/slices.js';
import type { SegmentProperties } from '../../src/base/segment-properties.js';
import { checkSegment, type SegmentCheck } from '../../src/segment/segment-check.js';
import { SegmentFile } from '../../src/segment/segment-file.js';
import { SegmentWalk } from '../../src/segment/segment-walk.js';
import { MemoryFileSystem } from './support/memory-file-system.js';
import { compareEntries, entryOf, inWords, storeId, writeSegment } from './support/segments.js';

/** Several blocks, a key over some of them, an extent, kinds, expiries. */
function entriesOfAllSorts(): Entry[] {
  const entries: Entry[] = [];
  const value = (size: number, seed: number) => Buffer.alloc(size, `${seed}.`);
  for (let i = 0; i < 30; i++) {
    entries.push(entryOf({ key: `key-${i}`, timestamp: i, seq: i + 1, value: value(150, i) }));
  }
  for (let i = 1; i <= 60; i++) {
    entries.push(entryOf({ key: 'long', timestamp: i * i, seq: 50 + i, value: value(90, i) }));
  }
  entries.push(entryOf({ key: 'large', timestamp: 1, seq: 200, value: value(2100, 1) }));
  entries.push(entryOf({ key: 'dead', timestamp: 2, seq: 201, kind: Kind.tombstone }));
  entries.push(entryOf({ key: 'dead', timestamp: 1, seq: 202, value: value(9, 1), expiresAt: 3 }));
  return entries.sort(compareEntries);
}

const entries = entriesOfAllSorts();

interface Written {
  properties: SegmentProperties;
  bytes: Buffer;
}

async function written(): Promise<Written> {
  const disk = new MemoryFileSystem();
  const properties = await writeSegment(disk, 's', entries);
  return { properties, bytes: disk.files.get('s') ?? Buffer.alloc(0) };
}

function diskWith(bytes: Buffer): MemoryFileSystem {
  const disk = new MemoryFileSystem();
  disk.files.set('s', bytes);
  return disk;
}

function check(bytes: Buffer, properties?: SegmentProperties): Promise<SegmentCheck> {
  const expected = properties && { ...properties, storeIds: [storeId] };
  return checkSegment(diskWith(bytes), 's', expected, new Slices());
}

function flipped(bytes: Buffer, offset: number): Buffer {
  const copy = Buffer.from(bytes);
  copy[offset] = (copy[offset] ?? 0) ^ 0x10;
  return copy;
}

/** The words of all entries that a walk meets, and what it tells. */
function walked(bytes: Buffer) {
  const file = new SegmentFile(diskWith(bytes), 's');
  const lost: string[] = [];
  const walk = new SegmentWalk(file, (damage) => lost.push(damage.lost));
  const words: string[] = [];
  for (const entry of walk.entries()) words.push(inWords(entry));
  return { words, lost };
}

describe('a segment that is checked', () => {
  test('has nothing wrong with it, and all entries', async () => {
    const { properties, bytes } = await written();
    const clean = { entries: entries.length, damages: [] };
    expect(await check(bytes, properties)).toEqual(clean);
    expect(await check(bytes)).toEqual(clean);
    expect(walked(bytes)).toEqual({ words: entries.map(inWords), lost: [] });
  });

  test('is damaged if any single byte of it is another', async () => {
    const { properties, bytes } = await written();
    const endBytes = 1500; // Directories, properties and footer; and every few bytes of the blocks.
    for (let offset = 0; offset < bytes.length; offset++) {
      if (offset > 64 && offset < bytes.length - endBytes && offset % 11 !== 0) continue;
      const { damages } = await check(flipped(bytes, offset), properties);
      if (damages.length === 0) throw new Error(`byte ${offset} was not missed`);
    }
    expect(bytes.length).toBeGreaterThan(10_000);
  });

  test('names the block and its keys, and goes on behind it', async () => {
    const { properties, bytes } = await written();
    const at = bytes.indexOf('17.17.17');
    const { damages, entries: readable } = await check(flipped(bytes, at), properties);
    const [damage, ...more] = damages;
    expect(more).toEqual([]);
    expect(damage).toMatchObject({ what: 'the checksum of a data block does not match' });
    expect(damage?.offset).toBeLessThanOrEqual(at);
    expect(damage?.lost).toMatch(/^versions of keys from "dead" to "key-\d+"$/);
    expect(readable).toBeGreaterThan(60);
    expect(readable).toBeLessThan(entries.length);
    const all = new Set(entries.map(inWords));
    const { words } = walked(flipped(bytes, at));
    expect(words.length).toBe(readable);
    expect(words.every((word) => all.has(word))).toBe(true);
  });

  test('loses one version with the extent of its value', async () => {
    const { properties, bytes } = await written();
    const at = bytes.indexOf(Buffer.alloc(2100, '1.'));
    const { damages, entries: readable } = await check(flipped(bytes, at + 7), properties);
    expect(damages).toEqual([
      {
        offset: at,
        what: 'the checksum of a value does not match',
        lost: 'the version of "large" at 1 (seq 200)',
      },
    ]);
    expect(readable).toBe(entries.length - 1);
  });

  test('is another one than the catalog lists', async () => {
    const { properties, bytes } = await written();
    for (const other of [{ checksum: 1 }, { id: '0'.repeat(32) }]) {
      const { damages } = await check(bytes, { ...properties, ...other });
      expect(damages).toHaveLength(1);
      expect(damages[0]?.what).toBe('it is another file than the one in the catalog');
      expect(damages[0]?.lost).toContain('all 93 versions in it: keys from "dead" to "long"');
    }
    const { damages } = await check(bytes, { ...properties, maxSeq: properties.maxSeq + 1 });
    expect(damages.map(({ what }) => what)).toEqual([
      'its properties tell other maxSeq than the catalog',
    ]);
  });
});

test('long keys are told in short', () => {
  expect(shownKey(Buffer.from('k'))).toBe('"k"');
  expect(shownKey(Buffer.alloc(2000, 'k'))).toHaveLength(63);
});
