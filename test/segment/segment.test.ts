import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Cursor } from '../../src/base/cursor.js';
import type { Entry } from '../../src/base/entry.js';
import { expiryKey, firstExpiryKey } from '../../src/base/expiry-order.js';
import { BlockCache } from '../../src/segment/block-cache.js';
import { readProperties } from '../../src/segment/segment-file.js';
import type { SegmentReader } from '../../src/segment/segment-reader.js';
import { places, sortedEntries } from './support/arbitraries.js';
import { MemoryFileSystem } from './support/memory-file-system.js';
import {
  backwards,
  compareEntries,
  entryOf,
  expiriesOf,
  findIn,
  forwards,
  forwardsFrom,
  inWords,
  openSegment,
  type Place,
  storeId,
  wordsAt,
  wordsFound,
  writeSegment,
} from './support/segments.js';

const moves = ['first', 'last', 'next', 'previous', 'seek', 'seekBefore'] as const;
const steps = fc.array(fc.tuple(fc.constantFrom(...moves), places, fc.nat()), { maxLength: 60 });

/** The index in the sorted entries that a cursor must be at after a move from `from`. */
function modelMove(entries: Entry[], move: (typeof moves)[number], from: number, place: Place) {
  switch (move) {
    case 'first':
      return 0;
    case 'last':
      return entries.length - 1;
    case 'next':
      return from + 1;
    case 'previous':
      return from - 1;
    default: {
      const found = entries.findIndex((entry) => compareEntries(place, entry) <= 0);
      const at = found < 0 ? entries.length : found;
      return move === 'seek' ? at : at - 1;
    }
  }
}

function doMove(cursor: Cursor, move: (typeof moves)[number], place: Place): void {
  if (move === 'seek' || move === 'seekBefore') {
    cursor[move](place.key, place.timestamp, place.seq);
  } else {
    cursor[move]();
  }
}

describe.each([
  { what: 'as it is', isDeflated: false, hasExpiries: false },
  { what: 'deflated', isDeflated: true, hasExpiries: false },
  { what: 'with an order of expiry', isDeflated: false, hasExpiries: true },
  { what: 'deflated, with an order of expiry', isDeflated: true, hasExpiries: true },
])('a segment, $what, answers like the sorted entries it was written from', (how) => {
  const { isDeflated } = how;
  const all = (entries: Entry[]) =>
    how.hasExpiries ? [...entries, ...expiriesOf(entries)] : entries;

  test('find', async () => {
    await fc.assert(
      fc.asyncProperty(
        sortedEntries,
        fc.array(places, { maxLength: 30 }),
        async (entries, more) => {
          const disk = new MemoryFileSystem();
          const reader = openSegment(
            disk,
            's',
            await writeSegment(disk, 's', all(entries), isDeflated),
          );
          const near = entries.flatMap(({ key, timestamp, seq }) =>
            [timestamp - 1, timestamp, timestamp + 1].map((t) => ({ key, timestamp: t, seq })),
          );
          for (const place of [...near, ...more]) {
            expect(wordsFound(reader, place)).toBe(inWords(findIn(entries, place)));
          }
        },
      ),
      { numRuns: 40 },
    );
  });

  test('and what was found can be kept while other blocks take its place in the cache', async () => {
    const disk = new MemoryFileSystem();
    const entries = Array.from({ length: 200 }, (_, i) =>
      entryOf({ key: `key ${1000 + i}`, value: Buffer.alloc(1000, i) }),
    );
    const cache = new BlockCache(20_000, 16_384);
    const reader = openSegment(
      disk,
      's',
      await writeSegment(disk, 's', all(entries), isDeflated),
      cache,
    );
    const kept = reader.find(Buffer.from('key 1007'), 0);
    kept?.keep();
    const other = openSegment(disk, 's', reader.properties, cache);
    for (const { key } of entries) other.find(key, 0);
    expect(kept?.value).toEqual(Buffer.alloc(1000, 7));
  });

  test('cursor', async () => {
    await fc.assert(
      fc.asyncProperty(sortedEntries, steps, async (entries, walk) => {
        const disk = new MemoryFileSystem();
        const cache = new BlockCache(20_000);
        const reader = openSegment(
          disk,
          's',
          await writeSegment(disk, 's', all(entries), isDeflated),
          cache,
        );
        const cursor = reader.cursor();
        expect(cursor.valid).toBe(false);
        let at = -1;
        for (const [move, far, pick] of walk) {
          if (!cursor.valid && (move === 'next' || move === 'previous')) continue;
          // Half of the places are those of entries.
          const near = pick % 2 === 0 ? entries[pick % entries.length] : undefined;
          const place = near ?? far;
          const before = entries[at];
          doMove(cursor, move, place);
          at = modelMove(entries, move, at, place);
          expect(wordsAt(cursor)).toBe(inWords(entries[at]));
          if (cursor.valid && (move === 'next' || move === 'previous')) {
            expect(cursor.staysOnKey).toBe(before?.key.equals(cursor.key));
          }
        }
      }),
      { numRuns: 100 },
    );
  });

  test('both ways from end to end', async () => {
    await fc.assert(
      fc.asyncProperty(sortedEntries, async (entries) => {
        const disk = new MemoryFileSystem();
        const reader = openSegment(
          disk,
          's',
          await writeSegment(disk, 's', all(entries), isDeflated),
        );
        expect(forwards(reader.cursor())).toEqual(entries.map(inWords));
        expect(backwards(reader.cursor()).reverse()).toEqual(entries.map(inWords));
      }),
      { numRuns: 60 },
    );
  });
});

test('the order of expiry comes from its first entry on, whatever lies before', async () => {
  let count = 0;
  await fc.assert(
    fc.asyncProperty(sortedEntries, places, async (entries, place) => {
      const expiries = expiriesOf(entries);
      const disk = new MemoryFileSystem();
      const properties = await writeSegment(disk, 's', [...entries, ...expiries]);
      expect(properties.entries).toBe(entries.length);
      expect(properties.maxKey).toEqual(entries.at(-1)?.key);
      expect(properties.traits?.expiries ?? 0).toBe(expiries.length);
      expect(readProperties(disk, 's')).toEqual({ storeId, properties });
      const cursor = openSegment(disk, 's', properties).expiries();
      expect(cursor === undefined).toBe(expiries.length === 0);
      if (cursor === undefined) return;
      count += 1;
      cursor.seek(firstExpiryKey, Infinity, Infinity);
      expect(forwardsFrom(cursor)).toEqual(expiries.map(inWords));
      const from = { ...place, key: expiryKey(place.timestamp, place.key) };
      cursor.seek(from.key, from.timestamp, from.seq);
      const rest = expiries.filter((entry) => compareEntries(from, entry) <= 0);
      expect(forwardsFrom(cursor)).toEqual(rest.map(inWords));
    }),
    { numRuns: 60 },
  );
  expect(count).toBeGreaterThan(10);
});

test('segments share a cache without mixing up their blocks', async () => {
  const disk = new MemoryFileSystem();
  const cache = new BlockCache(1_000_000);
  const key = Buffer.from('key');
  const readers: SegmentReader[] = [];
  for (const path of ['a', 'b', 'c']) {
    const entry = entryOf({ key, value: Buffer.from(path) });
    readers.push(openSegment(disk, path, await writeSegment(disk, path, [entry]), cache));
  }
  const ask = () => readers.map((reader) => reader.find(key, 0)?.value.toString());
  expect(ask()).toEqual(['a', 'b', 'c']);
  expect([cache.hits, cache.misses]).toEqual([0, 9]);
  expect(ask()).toEqual(['a', 'b', 'c']);
  expect([cache.hits, cache.misses]).toEqual([9, 9]);
  readers[1]?.close();
  expect(readers[2]?.find(key, 0)?.value.toString()).toBe('c');
  expect([cache.hits, cache.misses]).toEqual([12, 9]);
});

test('a version replaced thousands of times is found by each of its seqs', async () => {
  const disk = new MemoryFileSystem();
  const [key, value] = [Buffer.from('key'), Buffer.alloc(30)];
  function* replacements() {
    for (let seq = 5000; seq > 0; seq--) yield entryOf({ key, timestamp: 7, seq, value });
  }
  const reader = openSegment(disk, 's', await writeSegment(disk, 's', replacements()));
  expect(reader.find(key, 7)?.seq).toBe(5000);
  const cursor = reader.cursor();
  const wrong: number[] = [];
  for (let seq = 1; seq < 5000; seq++) {
    cursor.seek(key, 7, seq);
    if (!cursor.valid || cursor.seq !== seq) wrong.push(seq);
    cursor.seekBefore(key, 7, seq);
    if (!cursor.valid || cursor.seq !== seq + 1) wrong.push(seq);
  }
  expect(wrong).toEqual([]);
});

test('the properties are those of the entries, and the file knows them too', async () => {
  await fc.assert(
    fc.asyncProperty(sortedEntries, async (entries) => {
      const disk = new MemoryFileSystem();
      const properties = await writeSegment(disk, 's', entries);
      const timestamps = entries.map((entry) => entry.timestamp);
      const seqs = entries.map((entry) => entry.seq);
      expect(properties).toMatchObject({
        bytes: disk.files.get('s')?.length,
        entries: entries.length,
        keys: new Set(entries.map((entry) => entry.key.toString('hex'))).size,
        minKey: entries[0]?.key,
        maxKey: entries.at(-1)?.key,
        minTimestamp: Math.min(...timestamps),
        maxTimestamp: Math.max(...timestamps),
        minSeq: Math.min(...seqs),
        maxSeq: Math.max(...seqs),
        userBytes: entries.reduce((sum, { key, value }) => sum + key.length + value.length, 0),
      });
      expect(readProperties(disk, 's')).toEqual({ storeId, properties });
      expect(disk.openFiles).toBe(0);
    }),
    { numRuns: 30 },
  );
});
