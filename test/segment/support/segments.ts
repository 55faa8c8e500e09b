import { crc32 } from '../../../src/base/bytes.js';
import type { Cursor } from '../../../src/base/cursor.js';
import { type Entry, Kind } from '../../../src/base/entry.js';
import type { FileSystem } from '../../../src/disk/file-system.js';
import { BlockCache } from '../../../src/segment/block-cache.js';
import type { SegmentProperties } from '../../../src/segment/properties.js';
import { SegmentReader } from '../../../src/segment/segment-reader.js';
import { SegmentWriter } from '../../../src/segment/segment-writer.js';

export const storeId = '000102030405060708090a0b0c0d0e0f';
export const segmentId = 'f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff';

export interface Place {
  key: Buffer;
  timestamp: number;
  seq: number;
}

/** The order of entries, written down a second time and as plainly as possible. */
export function compareEntries(a: Place, b: Place): number {
  return Buffer.compare(a.key, b.key) || b.timestamp - a.timestamp || b.seq - a.seq;
}

export function entryOf(fields: Partial<Entry> & { key: Buffer | string }): Entry {
  return {
    timestamp: 0,
    seq: 1,
    kind: Kind.value,
    expiresAt: Infinity,
    value: Buffer.alloc(0),
    ...fields,
    key: Buffer.from(fields.key),
  };
}

export async function writeSegment(
  fileSystem: FileSystem,
  path: string,
  entries: Iterable<Entry>,
): Promise<SegmentProperties> {
  const writer = new SegmentWriter(fileSystem, path, { storeId, segmentId });
  for (const entry of entries) writer.add(entry);
  return await writer.finish();
}

export function openSegment(
  fileSystem: FileSystem,
  path: string,
  properties: SegmentProperties,
  cache = new BlockCache(8 * 1024 * 1024),
): SegmentReader {
  return SegmentReader.open(fileSystem, path, { storeId, ...properties }, cache);
}

/**
 * An entry in words: comparing these is quicker by orders of magnitude than comparing buffers one
 * element after the other, and a failure can be read.
 */
export function inWords(entry: Entry | undefined): string {
  if (!entry) return 'nothing';
  const { key, timestamp, seq, kind, expiresAt, value } = entry;
  const bytes = `${value.length} bytes ${crc32(value).toString(16)}`;
  return `${key.toString('hex')} @${timestamp} #${seq} kind ${kind} until ${expiresAt}: ${bytes}`;
}

/** The entry at a cursor, in words. */
export function wordsAt(cursor: Cursor): string {
  if (!cursor.valid) return 'nothing';
  const { key, timestamp, seq, kind, expiresAt } = cursor;
  return inWords({ key, timestamp, seq, kind, expiresAt, value: cursor.value() });
}

/** What `find` must answer, from the sorted entries. */
export function findIn(entries: Entry[], { key, timestamp }: Place): Entry | undefined {
  const place = { key, timestamp, seq: Infinity };
  const found = entries.find((entry) => compareEntries(place, entry) <= 0);
  return found?.key.equals(key) ? found : undefined;
}

/** What `find` does answer, in words. */
export function wordsFound(reader: SegmentReader, { key, timestamp }: Place): string {
  const found = reader.find(key, timestamp);
  if (!found) return 'nothing';
  const { seq, kind, expiresAt, value } = found;
  return inWords({ key, timestamp: found.timestamp, seq, kind, expiresAt, value });
}

/** A reproducible source of numbers from 0 to below 1. */
export function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
