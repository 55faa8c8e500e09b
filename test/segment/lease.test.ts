/** Cursors read blocks where they lie in the cache; others take that memory away from them. */
import { expect, test } from 'vitest';
import { BlockCache } from '../../src/segment/block-cache.js';
import { Random } from '../support/random.js';
import { MemoryFileSystem } from './support/memory-file-system.js';
import { compareEntries, entryOf, openSegment, writeSegment } from './support/segments.js';

const entries = Array.from({ length: 6000 }, (_, i) =>
  entryOf({
    key: `key:${String(i % 500).padStart(4, '0')}`,
    timestamp: i,
    seq: i + 1,
    value: Buffer.from(`${i}/`.repeat(20)),
  }),
).sort(compareEntries);

test.each([2 ** 22, 2 ** 16, 0])(
  'cursors that take turns see the same in a cache of %d bytes',
  async (cacheBytes) => {
    const disk = new MemoryFileSystem();
    const cache = new BlockCache(cacheBytes, 2 ** 14);
    const properties = await writeSegment(disk, 's', entries);
    const reader = openSegment(disk, 's', properties, cache);
    const random = new Random(3);
    const cursors = Array.from({ length: 4 }, () => ({ cursor: reader.cursor(), at: -1 }));
    for (let step = 0; step < 6000; step++) {
      const each = cursors[Math.floor(random.next() * cursors.length)]!;
      const { cursor } = each;
      if (each.at < 0 || random.next() < 0.05) {
        each.at = Math.floor(random.next() * entries.length);
        const { key, timestamp, seq } = entries[each.at]!;
        cursor.seek(key, timestamp, seq);
      } else if (random.next() < 0.5) {
        cursor.next();
        each.at = cursor.valid ? each.at + 1 : -1;
      } else {
        cursor.previous();
        each.at = cursor.valid ? each.at - 1 : -1;
      }
      reader.find(entries[Math.floor(random.next() * entries.length)]!.key, Infinity);
      for (const { cursor: held, at } of cursors) {
        const wanted = entries[at];
        if (wanted === undefined) continue;
        const { key, timestamp, seq } = held;
        expect({ key, timestamp, seq }).toEqual({
          key: wanted.key,
          timestamp: wanted.timestamp,
          seq: wanted.seq,
        });
        expect(held.value().equals(wanted.value)).toBe(true);
      }
    }
    expect(cache.leases.size).toBe(2 * cursors.length);
    for (const { cursor } of cursors) cursor.close();
    expect(cache.leases.size).toBe(0);
  },
);
