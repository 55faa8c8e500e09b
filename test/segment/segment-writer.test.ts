import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Kind } from '../../src/base/entry.js';
import { TimekvError } from '../../src/base/errors.js';
import { nodeFileSystem } from '../../src/disk/file-system.js';
import { SegmentWriter } from '../../src/segment/segment-writer.js';
import { temporaryDirectory } from '../support/temporary-directory.js';
import { MemoryFileSystem } from './support/memory-file-system.js';
import {
  type EntryFields,
  entryOf,
  forwards,
  inWords,
  openSegment,
  segmentId,
  storeId,
  writeSegment,
} from './support/segments.js';

const identity = { storeId, segmentId, isDeflated: false };
const one = entryOf({ key: 'a', timestamp: 5, seq: 5, value: Buffer.from('x') });

function noSpace(): Error {
  return Object.assign(new Error('no space left'), { code: 'ENOSPC' });
}

test('a segment on a real disk, with values of every size', async () => {
  const directory = temporaryDirectory('disk');
  const path = join(directory, 'one.seg');
  const sizes = [0, 1, 2048, 2049, 16_384, 16_385, 262_144, 262_145, 16 * 1024 * 1024];
  const entries = sizes.map((size, i) =>
    entryOf({ key: `key ${i}`, timestamp: i, seq: i + 1, value: Buffer.alloc(size, i + 1) }),
  );
  const properties = await writeSegment(nodeFileSystem, path, entries);
  const reader = openSegment(nodeFileSystem, path, properties);
  expect(forwards(reader.cursor())).toEqual(entries.map(inWords));
  reader.close();

  const abandoned = new SegmentWriter(nodeFileSystem, join(directory, 'two.seg'), identity);
  abandoned.add(one);
  abandoned.abandon();
  expect(nodeFileSystem.list(directory)).toEqual(['one.seg']);
});

describe('add', () => {
  test('keeps nothing of what it is given', async () => {
    const disk = new MemoryFileSystem();
    const writer = new SegmentWriter(disk, 's', identity);
    const [key, value] = [Buffer.from('aaaa'), Buffer.alloc(3000, 1)];
    for (const letter of ['a', 'b', 'c']) {
      key.fill(letter);
      value.fill(letter);
      writer.add(entryOf({ key: key.subarray(0, 3), value: value.subarray(0, 10) }));
      writer.add(entryOf({ key, value }));
    }
    const reader = openSegment(disk, 's', await writer.finish());
    for (const letter of ['a', 'b', 'c']) {
      const short = reader.find(Buffer.from(letter.repeat(3)), 0);
      expect(short?.value.toString()).toBe(letter.repeat(10));
      const long = reader.find(Buffer.from(letter.repeat(4)), 0);
      expect(long?.value.toString()).toBe(letter.repeat(3000));
    }
  });

  const wrongFollowers: [string, EntryFields][] = [
    ['the same entry', { key: 'a', timestamp: 5, seq: 5 }],
    ['a greater seq', { key: 'a', timestamp: 5, seq: 6 }],
    ['a later timestamp', { key: 'a', timestamp: 6, seq: 1 }],
    ['an earlier key', { key: 'Z', timestamp: 1, seq: 1 }],
  ];
  test.each(wrongFollowers)('refuses %s', (_, fields) => {
    const writer = new SegmentWriter(new MemoryFileSystem(), 's', identity);
    writer.add(one);
    expect(() => {
      writer.add(entryOf(fields));
    }).toThrow('after the one before');
  });

  const tooLarge = Buffer.alloc(16 * 1024 * 1024 + 1);
  const wrongEntries: [string, EntryFields][] = [
    ['a key has 1 to 2,048 bytes', { key: '' }],
    ['a key has 1 to 2,048 bytes', { key: Buffer.alloc(2058) }],
    ['a timestamp is a whole number', { key: 'a', timestamp: 0.5 }],
    ['a timestamp is a whole number', { key: 'a', timestamp: 2 ** 53 }],
    ['a seq is a whole number from 1', { key: 'a', seq: 0 }],
    ['expires after its timestamp', { key: 'a', timestamp: 7, expiresAt: 7 }],
    ['only a value has bytes', { key: 'a', kind: Kind.tombstone, value: Buffer.from('x') }],
    ['of a known kind', { key: 'a', kind: 9 as Kind }],
    ['at most 16 MiB', { key: 'a', value: tooLarge }],
  ];
  test.each(wrongEntries)('holds that %s', (rule, fields) => {
    const writer = new SegmentWriter(new MemoryFileSystem(), 's', identity);
    expect(() => {
      writer.add(entryOf(fields));
    }).toThrow(rule);
  });

  test('tells how far it is', async () => {
    const disk = new MemoryFileSystem();
    const writer = new SegmentWriter(disk, 's', identity);
    expect([writer.entries, writer.bytes]).toEqual([0, 64]);
    for (let i = 0; i < 1000; i++) {
      writer.add(entryOf({ key: `k${1000 + i}`, value: Buffer.alloc(100) }));
    }
    expect(writer.entries).toBe(1000);
    expect(writer.bytes).toBeGreaterThan(90_000);
    const { bytes, entries } = await writer.finish();
    expect([bytes, entries]).toEqual([disk.files.get('s')?.length, 1000]);
  });
});

describe('finish', () => {
  test('syncs after the last write, then closes, and touches nothing else', async () => {
    const disk = new MemoryFileSystem();
    await writeSegment(disk, 's', [one]);
    expect(disk.calls).toEqual(['create', 'write', 'syncDataAsync', 'close']);
  });

  test('refuses an empty segment and a second time', async () => {
    const writer = new SegmentWriter(new MemoryFileSystem(), 's', identity);
    await expect(writer.finish()).rejects.toThrow('at least one entry');
    writer.add(one);
    await writer.finish();
    await expect(writer.finish()).rejects.toThrow('the segment is open');
    expect(() => {
      writer.add(entryOf({ key: 'b' }));
    }).toThrow('the segment is open');
  });

  test.each(['write', 'syncDataAsync', 'close'])('fails if %s fails', async (failing) => {
    const disk = new MemoryFileSystem();
    const writer = new SegmentWriter(disk, 's', identity);
    writer.add(one);
    let isFirst = true;
    disk.before = (call) => {
      if (call !== failing || !isFirst) return;
      isFirst = false;
      throw noSpace();
    };
    const error: unknown = await writer.finish().catch((e: unknown) => e);
    expect(error).toBeInstanceOf(TimekvError);
    expect(error).toMatchObject({ code: 'ERR_TIMEKV_IO', file: 's' });
    await expect(writer.finish()).rejects.toThrow('the segment is open');
    writer.abandon();
    writer.abandon();
    expect(disk.files.size).toBe(0);
  });

  test('a failed write is not forgotten', () => {
    const disk = new MemoryFileSystem();
    const writer = new SegmentWriter(disk, 's', identity);
    let failures = 0;
    disk.before = (call) => {
      if (call === 'write' && failures++ === 0) throw noSpace();
    };
    const value = Buffer.alloc(1_000_000);
    expect(() => {
      writer.add(entryOf({ key: 'a', value }));
    }).toThrow('the disk is full');
    expect(() => {
      writer.add(entryOf({ key: 'b', value }));
    }).toThrow('the disk is full');
    writer.abandon();
    expect([disk.files.size, disk.openFiles]).toEqual([0, 0]);
  });
});

describe('abandon', () => {
  test('closes and removes the file, once', () => {
    const disk = new MemoryFileSystem();
    const writer = new SegmentWriter(disk, 's', identity);
    writer.add(one);
    writer.abandon();
    writer.abandon();
    expect(disk.calls).toEqual(['create', 'close', 'remove']);
    expect(() => {
      writer.add(entryOf({ key: 'b' }));
    }).toThrow('the segment is open');
  });

  test('during the sync leaves closing the file to finish', async () => {
    const disk = new MemoryFileSystem();
    const writer = new SegmentWriter(disk, 's', identity);
    writer.add(one);
    const finishing = writer.finish();
    writer.abandon();
    expect([disk.files.size, disk.openFiles]).toEqual([0, 1]);
    await expect(finishing).rejects.toMatchObject({ code: 'ERR_TIMEKV_CLOSED' });
    expect(disk.openFiles).toBe(0);
  });

  test('never takes a finished segment away', async () => {
    const disk = new MemoryFileSystem();
    const writer = new SegmentWriter(disk, 's', identity);
    writer.add(one);
    await writer.finish();
    writer.abandon();
    expect(disk.files.has('s')).toBe(true);
  });
});

test('an existing file is left alone', () => {
  const disk = new MemoryFileSystem();
  disk.files.set('s', Buffer.from('mine'));
  expect(() => new SegmentWriter(disk, 's', identity)).toThrow('cannot create s');
  expect(disk.files.get('s')?.toString()).toBe('mine');
});
