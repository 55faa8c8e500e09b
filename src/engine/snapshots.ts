/** Named snapshots: a row in the catalog each. */
import { invalidArgument, TimekvError } from '../base/errors.js';
import { snapshotNamed, type SnapshotRow } from '../catalog/manifest.js';
import type { LiveFiles } from './live-files.js';
import type { Log } from './log.js';
import { readTime } from './read-time.js';

/**
 * Keeps what is committed now, under the write lock: whatever was seen is made durable and published
 * first, so that a power cut leaves no snapshot of what is gone.
 * @throws ERR_TIMEKV_EXISTS if the name is taken
 */
export function takeSnapshot(files: LiveFiles, log: Log, name: string): void {
  const tail = log.catchUp();
  log.makeDurable(tail);
  const { environment } = files.place;
  const { clock } = environment;
  const { unit } = files.manifest.settings;
  const now = readTime(unit, clock, tail.lastNow);
  const createdAt = clock.now();
  files.catalog.update(({ snapshots, retention }) => {
    requireFreeName(snapshots, name);
    const horizon = retention[0]?.horizon ?? null;
    const row = { name, seq: tail.seq, now, horizon, createdAt };
    return { snapshots: [...snapshots, row] };
  });
}

/** −Infinity if none of them has one. */
export function lastHorizonOf(snapshots: readonly SnapshotRow[]): number {
  return Math.max(-Infinity, ...snapshots.map(({ horizon }) => horizon ?? -Infinity));
}

/** @throws ERR_TIMEKV_EXISTS */
export function requireFreeName(snapshots: readonly SnapshotRow[], name: string): void {
  if (!snapshots.some((row) => row.name === name)) return;
  throw new TimekvError(
    'ERR_TIMEKV_EXISTS',
    `there is a snapshot ${JSON.stringify(name)} already; choose another name, or remove it`,
  );
}

/** @throws ERR_TIMEKV_NO_SNAPSHOT */
export function removeSnapshot(files: LiveFiles, name: string): void {
  files.catalog.update((manifest) => {
    snapshotNamed(manifest, name);
    return { snapshots: manifest.snapshots.filter((row) => row.name !== name) };
  });
  files.reload();
}

/** For who wants to be told of commits. */
export function staysAsItWas(): TimekvError {
  return invalidArgument('nothing is committed to a snapshot; watch, or wait in, the store itself');
}
