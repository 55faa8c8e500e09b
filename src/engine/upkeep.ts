/** What is done to a store beside reads and commits, and takes its time. */
import type { Entry } from '../base/entry.js';
import { flushedToExpireBytesMin } from '../base/limits.js';
import { backUp } from './backup.js';
import type { CommitQueue } from './commit-queue.js';
import { requireLocal } from './create.js';
import type { Compaction, CompactionReport } from './engine.js';
import type { EngineOptions } from './engine-options.js';
import { Expiring } from './expiring.js';
import { sealLog } from './flush.js';
import type { LiveFiles } from './live-files.js';
import type { Maintenance } from './maintenance.js';
import { takeSnapshot } from './snapshots.js';
import { compactionReport, sizesOf } from './stats.js';
import type { CopyReport } from './store-copy.js';

/** A store that is open and may be written to. */
export interface Writable {
  files: LiveFiles;
  maintenance: Maintenance;
  queue: CommitQueue;
}

/** Takes out at most so many versions that have expired; answers which. */
export async function expire(
  { files, maintenance, queue }: Writable,
  max: number,
): Promise<Entry[]> {
  // A segment tells at once what a log tells only once all of it was read, by each process anew.
  if (files.log.unreadBytes > flushedToExpireBytesMin) {
    await queue.alone(sealLog);
    await maintenance.flushIfFree();
  }
  const batch = new Expiring(max);
  await queue.submit(batch);
  return batch.taken;
}

/** Puts what is in the log into a segment. */
export async function checkpoint({ maintenance, queue }: Writable): Promise<void> {
  await queue.alone(sealLog);
  await maintenance.flush();
}

export async function snapshot({ files, queue }: Writable, name: string): Promise<void> {
  await queue.alone((log) => {
    takeSnapshot(files, log, name);
  });
  files.reload();
}

/** @param name of the snapshot that is to be backed up; undefined: what is committed now */
export async function backup(
  store: Writable,
  { allowRemote, busyTimeoutMs }: EngineOptions,
  { directory, name }: { directory: string; name: string | undefined },
): Promise<CopyReport> {
  const { environment } = store.files.place;
  if (!allowRemote) requireLocal(environment, directory);
  await checkpoint(store);
  return backUp(store.files, { environment, directory, busyTimeoutMs }, name);
}

export async function compact(
  { files, maintenance, queue }: Writable,
  compaction: Compaction,
): Promise<CompactionReport> {
  files.refresh();
  const before = sizesOf(files);
  await queue.alone(sealLog);
  await maintenance.compact(compaction);
  return compactionReport(before, sizesOf(files));
}
