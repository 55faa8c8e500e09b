/** How large a store is, and what waits to be done in it. */
import { countMerges } from './compaction-pick.js';
import type { EngineStats } from './engine.js';
import type { LiveFiles } from './live-files.js';

export function sizesOf(files: LiveFiles) {
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
    waiting: { flushes: files.log.sealed.length, merges: countMerges(rows) },
  };
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
