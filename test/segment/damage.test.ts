/** What damage does: it is told, with its place, to whom it concerns, and to nobody else. */
import { isDeepStrictEqual } from 'node:util';
import { beforeAll, describe, expect, test } from 'vitest';
import { crc32 } from '../../src/base/bytes.js';
import { Span } from '../../src/base/cursor.js';
import { type Entry, Kind } from '../../src/base/entry.js';
import { TimekvError } from '../../src/base/errors.js';
import { BlockCache } from '../../src/segment/block-cache.js';
import { DataBlock } from '../../src/segment/data-block.js';
import { Directory } from '../../src/segment/directory.js';
import { encodeFooter, type Footer } from '../../src/segment/format.js';
import type { SegmentProperties } from '../../src/base/segment-properties.js';
import { readProperties, SegmentFile } from '../../src/segment/segment-file.js';
import { SegmentReader } from '../../src/segment/segment-reader.js';
import { Random } from '../support/random.js';
import { MemoryFileSystem } from './support/memory-file-system.js';
import {
  backwards,
  compareEntries,
  entryOf,
  findIn,
  forwards,
  inWords,
  openSegment,
  type Place,
  segmentId,
  storeId,
  wordsFound,
  writeSegment,
} from './support/segments.js';

/** A little of everything: several blocks, a key over several of them, extents, kinds, expiries. */
function entriesOfAllSorts(): Entry[] {
  const value = (size: number, seed: number) => Buffer.alloc(size, `${seed}.`);
  const entries: Entry[] = [];
  for (let i = 0; i < 12; i++) {
    entries.push(entryOf({ key: `key-${i}`, timestamp: i, seq: i + 1, value: value(150, i) }));
  }
  for (let i = 1; i <= 40; i++) {
    entries.push(entryOf({ key: 'long', timestamp: i * i, seq: 50 + i, value: value(90, i) }));
  }
  entries.push(entryOf({ key: 'large', timestamp: 1, value: value(2100, 1) }));
  entries.push(entryOf({ key: 'dead', timestamp: 2, kind: Kind.tombstone }));
  entries.push(entryOf({ key: 'dead', timestamp: 1, value: value(9, 1), expiresAt: 3 }));
  return entries.sort(compareEntries);
}

const entries = entriesOfAllSorts();
const places: Place[] = entries
  .filter((_, i) => i % 6 === 0)
  .concat(entryOf({ key: 'long', timestamp: 777 }), entryOf({ key: 'lone', timestamp: 1 }));
const inOrder = entries.map(inWords).join();
const cacheOfNothing = new BlockCache(0);
const answers = places.map((place) => inWords(findIn(entries, place)));
let properties: SegmentProperties;
let whole: Buffer;

beforeAll(async () => {
  const disk = new MemoryFileSystem();
  properties = await writeSegment(disk, 's', entries);
  whole = disk.files.get('s') ?? Buffer.alloc(0);
});

function diskWith(bytes: Buffer): MemoryFileSystem {
  const disk = new MemoryFileSystem();
  disk.files.set('s', bytes);
  return disk;
}

/** The file's only index block: the last block there is. */
function indexBlockPart(): { offset: number; bytes: Buffer } {
  const { filterDirectory, topIndex, properties: end } = footerOf(whole).sections;
  const top = new Directory();
  top.open(whole.subarray(topIndex, end), 's', topIndex);
  expect(top.count).toBe(1);
  top.read(0);
  return { offset: top.offset, bytes: whole.subarray(top.offset, filterDirectory) };
}

/** Where one of the file's data blocks lies. */
function dataBlockPart(number: number): { offset: number; length: number } {
  const index = new Directory();
  const { bytes, offset } = indexBlockPart();
  index.open(bytes, 's', offset);
  index.read(number);
  return index;
}

function footerOf(bytes: Buffer): Footer {
  return new SegmentFile(diskWith(bytes), 's').footer;
}

/** Runs it; answers the damage that it met, and passes on every other error. */
function damageIn(action: () => void): TimekvError | undefined {
  try {
    action();
    return undefined;
  } catch (error) {
    if (error instanceof TimekvError && error.code === 'ERR_TIMEKV_DAMAGED') return error;
    throw error;
  }
}

/** As `expect` would, but thousands of times a second. */
function checkSame(is: string, expected: string | undefined): void {
  if (is !== expected) throw new Error(`a wrong answer: ${is} instead of ${expected}`);
}

/** Asks a damaged file everything; answers all damage met, having found no wrong answer. */
function examine(disk: MemoryFileSystem, isThorough = true): TimekvError[] {
  const met: (TimekvError | undefined)[] = [];
  met.push(
    damageIn(() => {
      const known = readProperties(disk, 's').properties;
      if (!isDeepStrictEqual(known, properties)) throw new Error('wrong properties');
    }),
  );
  let reader: SegmentReader | undefined;
  met.push(
    damageIn(() => {
      reader = openSegment(disk, 's', properties, cacheOfNothing);
    }),
  );
  if (reader !== undefined) {
    const open = reader;
    for (const [i, place] of places.entries()) {
      met.push(
        damageIn(() => {
          checkSame(wordsFound(open, place), answers[i]);
        }),
      );
    }
    met.push(
      damageIn(() => {
        checkSame(forwards(open.cursor()).join(), inOrder);
      }),
    );
    if (isThorough)
      met.push(
        damageIn(() => {
          checkSame(backwards(open.cursor()).reverse().join(), inOrder);
        }),
      );
    open.close();
  }
  const longest = Math.max(...disk.reads.map((read) => read.length));
  if (disk.openFiles > 0 || longest > whole.length) throw new Error('a file or memory is lost');
  return met.filter((error) => error !== undefined);
}

test('an undamaged file answers everything', () => {
  expect(examine(diskWith(whole))).toEqual([]);
});

test('every byte matters: whichever is changed is noticed, and no answer is wrong', () => {
  const masks = [0x01, 0x80, 0xff, 0x10, 0x02, 0x40];
  for (let i = 0; i < whole.length; i++) {
    const bytes = Buffer.from(whole);
    bytes.writeUInt8(bytes.readUInt8(i) ^ (masks[i % masks.length] ?? 1), i);
    const met = examine(diskWith(bytes), i % 4 === 0);
    expect(met.length, `byte ${i}`).toBeGreaterThan(0);
    for (const error of met) {
      expect(error.file).toBe('s');
      // The place that is named is at or before the damage, or the footer that no longer fits it.
      expect(error.offset).toBeLessThanOrEqual(Math.max(i, whole.length));
      expect(error.message).toContain('restore the file from a backup');
    }
  }
});

test('a file that is too short or too long is noticed when it is opened', () => {
  for (let length = 0; length < whole.length; length += length < 200 ? 1 : 61) {
    const disk = diskWith(whole.subarray(0, length));
    const error = damageIn(() => openSegment(disk, 's', properties));
    expect(error?.message, `${length} bytes`).toContain(`it has ${length} bytes instead of`);
    expect(damageIn(() => readProperties(disk, 's'))).toBeDefined();
    expect(disk.openFiles).toBe(0);
  }
  const longer = diskWith(Buffer.concat([whole, Buffer.alloc(10)]));
  expect(damageIn(() => openSegment(longer, 's', properties))).toBeDefined();
  expect(damageIn(() => readProperties(longer, 's'))).toBeDefined();
});

test('a file that shrinks while it is open is noticed by who reads there', () => {
  const disk = diskWith(whole);
  const reader = openSegment(disk, 's', properties);
  disk.files.set('s', whole.subarray(0, 100));
  const error = damageIn(() => reader.find(Buffer.from('long'), 100));
  expect(error?.message).toContain('it ends too early');
});

describe('damage in one part leaves the others readable', () => {
  function damagedAt(offset: number): SegmentReader {
    const bytes = Buffer.from(whole);
    bytes.writeUInt8(bytes.readUInt8(offset) ^ 1, offset);
    return openSegment(diskWith(bytes), 's', properties);
  }

  test('a data block', () => {
    const { offset } = dataBlockPart(1);
    const reader = damagedAt(offset + 20);
    const outcomes = places.map((place) => damageIn(() => void wordsFound(reader, place)));
    const failed = outcomes.filter((error) => error !== undefined);
    expect(failed.length).toBeGreaterThan(0);
    expect(failed.length).toBeLessThan(places.length / 2);
    for (const error of failed) {
      expect(error.offset).toBe(offset);
      expect(error.message).toContain('the checksum of a data block does not match');
    }
  });

  test('an extent: what is known of the version stays known', () => {
    const reader = damagedAt(whole.indexOf('1.'.repeat(1000)) + 5);
    const found = reader.find(Buffer.from('large'), 5);
    expect(found?.timestamp).toBe(1);
    expect(damageIn(() => found?.value)?.message).toContain('the checksum of a value');
  });

  test('the properties: the catalog knows them', () => {
    const footer = footerOf(whole);
    const reader = damagedAt(footer.sections.properties);
    expect(wordsFound(reader, places[0] as Place)).toBe(answers[0]);
  });

  test('the top index: what the ranges rule out, and the filter, needs none', () => {
    const footer = footerOf(whole);
    const reader = damagedAt(footer.sections.topIndex);
    expect(reader.find(Buffer.from('zzz'), 1)).toBeUndefined();
    expect(reader.find(Buffer.from('lone'), 1)).toBeUndefined();
    const error = damageIn(() => reader.find(Buffer.from('long'), 1));
    expect(error?.offset).toBe(footer.sections.topIndex);
  });
});

describe('another file in its place', () => {
  test('of another segment, of another store, or with another content', async () => {
    const disk = new MemoryFileSystem();
    await writeSegment(disk, 's', entries);
    const other = 'a'.repeat(32);
    const expected = { storeIds: [storeId], ...properties };
    const wrong = [
      { ...expected, id: other },
      { ...expected, storeIds: [other] },
      { ...expected, checksum: properties.checksum ^ 1 },
    ];
    for (const each of wrong) {
      const error = damageIn(() => SegmentReader.open(disk, 's', each, new BlockCache(0)));
      expect(error).toBeDefined();
      expect(disk.openFiles).toBe(0);
    }
  });

  test('none at all: the error of the system comes through as it is', () => {
    const open = () => openSegment(new MemoryFileSystem(), 's', properties);
    expect(open).toThrow(expect.objectContaining({ code: 'ENOENT' }));
  });

  test('a block of the same segment from elsewhere', () => {
    const bytes = Buffer.from(whole);
    // Two filter or data blocks never have one checksum, because their offsets are part of it.
    const { offset } = indexBlockPart();
    whole.copy(bytes, offset, offset + 8);
    expect(examine(diskWith(bytes)).length).toBeGreaterThan(0);
  });
});

describe('a format that this version does not know', () => {
  function refusalOf(change: (header: Buffer) => void): unknown {
    const bytes = Buffer.from(whole);
    change(bytes);
    bytes.writeUInt32LE(crc32(bytes.subarray(0, 60)), 60);
    try {
      return openSegment(diskWith(bytes), 's', properties);
    } catch (error) {
      return error;
    }
  }

  test('a version is refused by its number', () => {
    const error = refusalOf((header) => header.writeUInt32LE(7, 8));
    expect(error).toMatchObject({ code: 'ERR_TIMEKV_UNSUPPORTED_FORMAT', offset: 8 });
    expect(String(error)).toContain('segment format 7');
  });

  test('incompatible features are refused by their bits', () => {
    const error = refusalOf((header) => header.writeUInt32LE(0x8000_0004, 12));
    expect(error).toMatchObject({ code: 'ERR_TIMEKV_UNSUPPORTED_FORMAT', offset: 12 });
    expect(String(error)).toContain('0x80000004');
  });

  test('compatible features are none of its business', () => {
    const bytes = Buffer.from(whole);
    bytes.writeUInt32LE(1, 16);
    const former = bytes.readUInt32LE(60);
    bytes.writeUInt32LE(crc32(bytes.subarray(0, 60)), 60);
    // The footer knows the header's checksum, so its own has to be made anew too.
    const footer = footerOf(whole);
    expect(footer.headerChecksum).toBe(former);
    const changed = { ...footer, headerChecksum: bytes.readUInt32LE(60) };
    const encoded = encodeFooter(changed, segmentId);
    encoded.bytes.copy(bytes, bytes.length - encoded.bytes.length);
    const { checksum } = encoded;
    const reader = openSegment(diskWith(bytes), 's', { ...properties, checksum });
    expect(wordsFound(reader, places[0] as Place)).toBe(answers[0]);
  });
});

test('blocks with wrong content but right checksums cause nothing worse than an error', () => {
  const random = new Random(3);
  const { offset, length } = dataBlockPart(1);
  const blockBytes = whole.subarray(offset, offset + length);
  const indexBytes = indexBlockPart().bytes;
  const key = Buffer.from('long');
  let refused = 0;
  for (let i = 0; i < 20_000; i++) {
    const isBlock = i % 2 === 0;
    const bytes = Buffer.from(isBlock ? blockBytes : indexBytes);
    // Most of what steers the reader stands at the front.
    const reach = i % 3 === 0 ? bytes.length : 60;
    for (let n = 0; n <= i % 3; n++) {
      bytes.writeUInt8(random.integer(0, 256), random.integer(0, reach));
    }
    const error = damageIn(() => {
      if (isBlock) readBlock(bytes, key);
      else readDirectory(bytes, key);
    });
    if (error) refused++;
  }
  expect(refused).toBeGreaterThan(1000);
});

function readBlock(bytes: Buffer, key: Buffer): void {
  const place = new Span();
  const block = new DataBlock();
  block.open(bytes, 's', 0);
  if (block.openKey(key)) block.firstVersionAtOrAfter(5, 5);
  for (let group = 0; group < block.count; group++) {
    block.copyKey(group, Buffer.alloc(2048));
    block.openGroup(group);
    for (let version = 0; version < block.versions; version++) {
      block.kind(version);
      block.expiresAt(version);
      block.locateValue(version, place);
      if (block.isInExtent(version)) block.reference(place);
    }
  }
}

function readDirectory(bytes: Buffer, key: Buffer): void {
  const directory = new Directory();
  directory.open(bytes, 's', 0);
  directory.lastAtOrBefore(key, 5, 5);
  for (let record = 0; record < directory.count; record++) directory.read(record);
}

test('a closed segment refuses to read', () => {
  const reader = openSegment(diskWith(whole), 's', properties, new BlockCache(0));
  const cursor = reader.cursor();
  cursor.first();
  reader.close();
  reader.close();
  expect(() => reader.find(Buffer.from('long'), 5)).toThrow('was closed');
  expect(() => {
    cursor.last();
  }).toThrow('was closed');
  expect(cursor.valid).toBe(false);
});

test('an error of the system while reading says what was read', () => {
  const disk = diskWith(whole);
  const reader = openSegment(disk, 's', properties);
  disk.before = (call) => {
    if (call === 'read') throw Object.assign(new Error('bad sector'), { code: 'EIO' });
  };
  expect(() => reader.find(Buffer.from('long'), 5)).toThrow(
    expect.objectContaining({ code: 'ERR_TIMEKV_IO', file: 's' }),
  );
});
