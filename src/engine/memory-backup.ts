/** A backup of a store in memory: one segment, written for it. */
import { emptyLists, type RetentionRow, type SnapshotRow } from '../catalog/manifest.js';
import { lastTimesOf, requireReplaceable } from './backup.js';
import { earlierOf } from './earlier-entries.js';
import type { EngineUnit } from './engine.js';
import type { Memtable } from './memtable.js';
import { buildSegment } from './segment-build.js';
import { type CopiedPart, type CopyPlace, type CopyReport, copyStore } from './store-copy.js';

export interface MemoryStore {
  storeId: string;
  unit: EngineUnit;
  memtable: Memtable;
  seq: number;
  lastNow: number;
  /** By the clock; −Infinity if there was none. */
  lastCommitTime: number;
  retention: readonly RetentionRow[];
  snapshots: readonly SnapshotRow[];
}

/** @param of the snapshot that is to be backed up; undefined: what is committed now */
export async function backUpMemory(
  { storeId, unit, memtable, seq: lastSeq, lastNow, lastCommitTime, ...store }: MemoryStore,
  place: CopyPlace,
  of: SnapshotRow | undefined,
): Promise<CopyReport> {
  const madeAt = place.environment.clock.now();
  const seq = of?.seq ?? lastSeq;
  const seqs = { minSeq: 1, maxSeq: seq };
  const lastTimes = { lastNow, lastCommitTime };
  const part: CopiedPart = {
    seqs,
    write: (within) => {
      const versions = memtable.cursor(seq);
      versions.first();
      const expiries = memtable.traits.expiries?.cursor(seq);
      expiries?.first();
      const erasing = { memtables: [memtable], segments: [], seq: lastSeq };
      const row = of ?? store.retention[0];
      const moment = { seq, horizon: row?.horizon ?? -Infinity, minSeq: seqs.minSeq };
      const content = { ...earlierOf({ versions, expiries }, moment, erasing), seqs };
      return buildSegment(within, content, false, () => false);
    },
  };
  const copy = {
    settings: { storeId, unit, createdAt: madeAt },
    lists: {
      ...emptyLists,
      snapshots: store.snapshots.filter((row) => row.seq <= seq),
      retention: store.retention.map((row) => ({
        ...row,
        horizon: of === undefined ? row.horizon : of.horizon,
        seq: Math.min(row.seq, seq),
      })),
      backups: [{ storeId, seq, snapshot: of?.name ?? '', madeAt }],
    },
    parts: seq === 0 ? [] : [part],
    seq,
    ...(of === undefined ? lastTimes : lastTimesOf(of)),
  };
  return copyStore(place, copy, (there) => {
    requireReplaceable(place, there, { storeId, seq });
  });
}
