import { crc32 } from '../../../src/base/bytes.js';
import type { Cursor } from '../../../src/base/cursor.js';
import { type Entry, Kind } from '../../../src/base/entry.js';
import { expiryKey } from '../../../src/base/expiry-order.js';
import type { FileSystem } from '../../../src/disk/file-system.js';
import { BlockCache } from '../../../src/segment/block-cache.js';
import type { SegmentProperties } from '../../../src/base/segment-properties.js';
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
  if (!a.key.equals(b.key)) return Buffer.compare(a.key, b.key);
  if (a.timestamp !== b.timestamp) return a.timestamp > b.timestamp ? -1 : 1;
  if (a.seq !== b.seq) return a.seq > b.seq ? -1 : 1;
  return 0;
}

export type EntryFields = Partial<Omit<Entry, 'key'>> & { key: Buffer | string };

/** An entry with what is of no interest filled in. */
export function entryOf(fields: EntryFields): Entry {
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
  isDeflated = false,
): Promise<SegmentProperties> {
  const writer = new SegmentWriter(fileSystem, path, { storeId, segmentId, isDeflated });
  for (const entry of entries) writer.add(entry);
  return await writer.finish();
}

export function openSegment(
  fileSystem: FileSystem,
  path: string,
  properties: SegmentProperties,
  cache = new BlockCache(8 * 1024 * 1024),
): SegmentReader {
  return SegmentReader.open(fileSystem, path, { storeIds: [storeId], ...properties }, cache);
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

/** The entries in the order of expiry that belong to versions. */
export function expiriesOf(entries: readonly Entry[]): Entry[] {
  return entries
    .filter(({ kind, expiresAt }) => kind === Kind.value && expiresAt !== Infinity)
    .map(({ key, timestamp, seq, expiresAt }) =>
      entryOf({ key: expiryKey(expiresAt, key), timestamp, seq }),
    )
    .sort(compareEntries);
}

/** All entries from the first to the last, in words. */
export function forwards(cursor: Cursor): string[] {
  cursor.first();
  return forwardsFrom(cursor);
}

/** The same from where it stands. */
export function forwardsFrom(cursor: Cursor): string[] {
  const words: string[] = [];
  while (cursor.valid) {
    words.push(wordsAt(cursor));
    cursor.next();
  }
  return words;
}

/** All entries from the last to the first, in words. */
export function backwards(cursor: Cursor): string[] {
  const words: string[] = [];
  cursor.last();
  while (cursor.valid) {
    words.push(wordsAt(cursor));
    cursor.previous();
  }
  return words;
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
