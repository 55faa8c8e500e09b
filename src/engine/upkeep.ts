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
import { countLetGo } from './letting-go.js';
import type { LiveFiles } from './live-files.js';
import type { Maintenance } from './maintenance.js';
import { horizonFor, keepOf, type LetGo, nothingLetGo, type Policy } from './policy.js';
import { commitLimits, isHorizonDue, policyOf, timesOf } from './retention.js';
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
  store: Writable,
  { policy: given, isDryRun = false, ...compaction }: Compaction,
): Promise<CompactionReport> {
  const { files, maintenance, queue } = store;
  files.refresh();
  const before = sizesOf(files);
  const policy = given ?? policyOf(files.manifest);
  if (isDryRun) return compactionReport(before, before, await wouldLetGo(files, policy));
  if (policy === undefined) await queue.alone(sealLog);
  else
    await queue.alone(() => {
      commitLimits(files, policy);
    });
  // Afterwards all that it counts is in segments.
  await maintenance.flush();
  const letGo = await wouldLetGo(files, policy);
  const keep = policy && keepOf(policy, timesOf(files, files.refresh()));
  await maintenance.compact({ ...compaction, keep, letsGo: letGo.versions > 0 });
  return compactionReport(before, sizesOf(files), letGo);
}

/** @param policy undefined: only what nobody can ask for any more */
async function wouldLetGo(files: LiveFiles, policy: Policy | undefined): Promise<LetGo> {
  if (policy === undefined && files.manifest.retention.length === 0) return nothingLetGo;
  files.reload();
  const times = timesOf(files, files.refresh());
  const horizon = policy ? horizonFor(files.horizon, policy, times) : files.horizon;
  const keep = policy && keepOf(policy, times);
  const { view } = files.hold({ from: undefined, to: undefined });
  try {
    const snapshots = files.manifest.snapshots.map(({ seq }) => seq);
    return await countLetGo(view, { horizon, keep, isWhole: true }, snapshots);
  } finally {
    view.release();
  }
}

/** A log is full. What the stored policy says of the horizon is done before anything is merged. */
export async function rotated({ files, maintenance, queue }: Writable): Promise<void> {
  const policy = policyOf(files.manifest);
  try {
    if (policy !== undefined && isHorizonDue(files)) await moveHorizon(files, queue, policy);
  } catch {
    // As with all that goes on in the background, what fails is left for the next time.
  }
  maintenance.rotated();
}

async function moveHorizon(files: LiveFiles, queue: CommitQueue, policy: Policy): Promise<void> {
  await queue.alone(() => {
    commitLimits(files, policy);
  });
  files.reload();
}

export function storedPolicy(files: LiveFiles): Policy | undefined {
  files.reload();
  return policyOf(files.manifest);
}
