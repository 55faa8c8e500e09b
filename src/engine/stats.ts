/** How large a store is, and what waits to be done in it. */
import { countMerges } from './compaction-pick.js';
import type { CompactionReport, EngineStats } from './engine.js';
import type { LiveFiles } from './live-files.js';
import { nothingLetGo } from './policy.js';
import { garbageIn } from './retention.js';

interface Sizes {
  count: number;
  bytes: number;
  logBytes: number;
  keptCount: number;
  keptBytes: number;
}

/** Where there is no store. */
export const noSizes: Sizes = { count: 0, bytes: 0, logBytes: 0, keptCount: 0, keptBytes: 0 };

/** What a compaction came to, by the sizes before and after it. */
export function compactionReport(
  before: Sizes,
  after: Sizes,
  letGo = nothingLetGo,
): CompactionReport {
  return {
    letGo,
    segmentsBefore: before.count,
    segmentsAfter: after.count,
    bytesBefore: before.bytes + before.logBytes + before.keptBytes,
    bytesAfter: after.bytes + after.logBytes + after.keptBytes,
  };
}

export function sizesOf(files: LiveFiles): Sizes {
  const { segments, wals } = files.manifest;
  const kept = wals.filter((row) => row.state === 'kept');
  return {
    count: segments.length,
    bytes: sum(segments.map((row) => row.bytes)),
    logBytes: sum(files.log.generations.map((each) => each.file.size())),
    keptCount: kept.length,
    keptBytes: sum(kept.map((row) => row.bytes)),
  };
}

function sum(numbers: number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}

export function statsOf(files: LiveFiles): EngineStats {
  const tail = files.refresh();
  const memtables = files.view().memtables;
  const rows = files.manifest.segments;
  const { count, bytes, logBytes, keptCount, keptBytes } = sizesOf(files);
  return {
    seq: tail.seq,
    entries: sum(rows.map((row) => row.entries)) + sum(memtables.map((each) => each.entries)),
    userBytes: sum(rows.map((row) => row.userBytes)) + sum(memtables.map((each) => each.userBytes)),
    segments: { count, bytes },
    wal: {
      files: files.log.generations.length,
      bytes: logBytes,
      keptFiles: keptCount,
      keptBytes,
    },
    memory: {
      limit: files.place.memoryBytes,
      memtables: files.memtableBytes(),
      cache: files.cache.bytes,
      indexes: files.segments.memoryBytes,
    },
    cache: { hits: files.cache.hits, misses: files.cache.misses },
    waiting: {
      flushes: files.log.sealed.length,
      merges: countMerges(rows) + (garbageIn(files, rows) === undefined ? 0 : 1),
    },
  };
}

/** Everything in the directory, divided by the bytes of keys and values in it. */
export function withAmplification({ userBytes, ...stats }: EngineStats) {
  const onDisk = stats.segments.bytes + stats.wal.bytes + stats.wal.keptBytes;
  return { ...stats, amplification: userBytes === 0 ? 0 : onDisk / userBytes };
}

export const emptyStats: EngineStats = {
  seq: 0,
  entries: 0,
  userBytes: 0,
  segments: { count: 0, bytes: 0 },
  wal: { files: 0, bytes: 0, keptFiles: 0, keptBytes: 0 },
  memory: { limit: 0, memtables: 0, cache: 0, indexes: 0 },
  cache: { hits: 0, misses: 0 },
  waiting: { flushes: 0, merges: 0 },
};
