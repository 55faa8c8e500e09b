/** What erasures in the sources of a read hide: they hide what lies in older sources too. */
import { type Cursor, isAtKey } from '../base/cursor.js';
import { type Entry, erasesVersion, Kind } from '../base/entry.js';
import { timestampMax } from '../base/limits.js';
import type { SegmentTraits } from '../base/segment-properties.js';
import type { SegmentReader } from '../segment/segment-reader.js';
import type { Memtable } from './memtable.js';

interface Segment {
  row: { traits: SegmentTraits | undefined };
  reader(): Pick<SegmentReader, 'find' | 'cursor'>;
}

export interface Sources {
  memtables: readonly Memtable[];
  segments: readonly Segment[];
  /** Of memtables only entries up to this seq are seen. */
  seq: number;
}

/** Every entry of the key with a smaller seq is erased; 0: none is. */
export function erasedBelow({ memtables, segments, seq }: Sources, key: Buffer): number {
  let below = 0;
  for (const memtable of memtables) {
    if (memtable.traits.historyErasures === 0) continue;
    below = Math.max(below, newestIn(memtable.cursor(seq), isHistory, key, timestampMax));
  }
  for (const segment of segments) {
    if ((segment.row.traits?.historyErasures ?? 0) === 0) continue;
    const reader = segment.reader();
    // Its filter knows of most keys that nothing of them is there.
    if (reader.find(key, timestampMax)?.timestamp !== timestampMax) continue;
    const cursor = reader.cursor();
    below = Math.max(below, newestIn(cursor, isHistory, key, timestampMax));
    cursor.close();
  }
  return below;
}

/** True if an erasure in the sources hides this entry. */
export function isErased(sources: Sources, entry: Place): boolean {
  return erasedBelow(sources, entry.key) > entry.seq || hasLater(sources, 'erasure', entry);
}

/** True if the value of this entry has expired and was taken out since. */
export function wasTakenOut(sources: Sources, entry: Place): boolean {
  return hasLater(sources, 'stub', entry);
}

type Place = Pick<Entry, 'key' | 'timestamp' | 'seq'>;

/** True if a source has such an entry at the same place, with a greater seq. */
function hasLater(
  { memtables, segments, seq: seqMax }: Sources,
  wanted: 'erasure' | 'stub',
  { key, timestamp, seq }: Place,
): boolean {
  const isWanted = wanted === 'erasure' ? erasesVersion : isStub;
  for (const memtable of memtables) {
    const { erasures, expired } = memtable.traits;
    if (wanted === 'erasure' ? erasures === 0 : expired === undefined) continue;
    if (newestIn(memtable.cursor(seqMax), isWanted, key, timestamp) > seq) return true;
  }
  for (const segment of segments) {
    const { erasures, expiredTo } = segment.row.traits ?? noTraits;
    if (wanted === 'erasure' ? erasures === 0 : expiredTo === undefined) continue;
    const reader = segment.reader();
    // Its filter knows of most keys that nothing of them is there.
    if (reader.find(key, timestamp)?.timestamp !== timestamp) continue;
    const cursor = reader.cursor();
    const newest = newestIn(cursor, isWanted, key, timestamp);
    cursor.close();
    if (newest > seq) return true;
  }
  return false;
}

const noTraits = { erasures: 0, expiredTo: undefined };

const isHistory = (kind: Kind): boolean => kind === Kind.historyErasure;
const isStub = (kind: Kind): boolean => kind === Kind.stub;

/** The seq of the newest entry of some kind in a source, 0 if there is none. */
function newestIn(
  cursor: Cursor,
  isWanted: (kind: Kind) => boolean,
  key: Buffer,
  timestamp: number,
): number {
  cursor.seek(key, timestamp, Infinity);
  for (; isAtKey(cursor, key) && cursor.timestamp === timestamp; cursor.next()) {
    if (isWanted(cursor.kind)) return cursor.seq;
  }
  return 0;
}
