/** What is in the store, as far as judging a write needs to know it. */
import type { Entry } from '../base/entry.js';
import { timestampMax } from '../base/limits.js';
import type { SnapshotRow } from '../catalog/manifest.js';
import { expiredIn } from './expiry-walk.js';
import type { Passed } from './passed-writes.js';
import { lastHorizonOf } from './snapshots.js';
import type { View } from './view.js';

export interface Stored {
  /** What a read of (key, timestamp) finds. */
  find(key: Buffer, timestamp: number): Passed | undefined;
  /** True if there is a version at this timestamp, also one that retention has let go. */
  isThere(key: Buffer, timestamp: number): boolean;
  /** Of all versions of a key. */
  timestampsOf(key: Buffer): Iterable<number>;
  /** Versions that have expired and are not taken out yet: the first ones in the order of expiry. */
  expired(now: number, max: number): Entry[];
  /** What of the key has this timestamp, or an earlier one, was let go; −Infinity: nothing was. */
  markOf(key: Buffer): number;
  /** Of all versions of a key that retention has left, oldest first. */
  keptOf(key: Buffer): Iterable<number>;
  /** What stands in the erasure of a version that marks its key. */
  firstWriteOf(key: Buffer, timestamp: number): number;
  /** True if a version of the key at this timestamp is one that retention has let go. */
  wasLetGo(key: Buffer, timestamp: number): boolean;
  /** Keys may be marked at all. */
  marksKeys: boolean;
  /** There are named snapshots; and their last horizon, −Infinity if none has any. */
  hasSnapshots: boolean;
  snapshotHorizon: number;
}

export const nothingStored: Stored = {
  find: () => undefined,
  isThere: () => false,
  timestampsOf: () => [],
  expired: () => [],
  markOf: () => -Infinity,
  keptOf: () => [],
  firstWriteOf: () => timestampMax,
  wasLetGo: () => false,
  marksKeys: false,
  hasSnapshots: false,
  snapshotHorizon: -Infinity,
};

/** @param ask answers from a view of all that is committed */
export function storedIn(
  ask: <T>(question: (all: View) => T) => T,
  { marksKeys, snapshots }: { marksKeys: boolean; snapshots: readonly SnapshotRow[] },
): Stored {
  return {
    find: (key, timestamp) => ask((all) => all.findKept(key, timestamp)),
    isThere: (key, timestamp) => ask((all) => all.find(key, timestamp)?.timestamp === timestamp),
    timestampsOf: (key) => ask((all) => all.timestampsOf(key)),
    expired: (now, max) => ask((all) => expiredIn(all, now, max)),
    markOf: (key) => ask((all) => all.markOf(key)),
    keptOf: (key) => ask((all) => all.keptOf(key)),
    wasLetGo: (key, timestamp) => ask((all) => all.wasLetGo(key, timestamp)),
    firstWriteOf: (key, timestamp) => ask((all) => all.firstWriteOf(key, timestamp)),
    marksKeys,
    hasSnapshots: snapshots.length > 0,
    snapshotHorizon: lastHorizonOf(snapshots),
  };
}
