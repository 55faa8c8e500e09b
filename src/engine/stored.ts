/** What is in the store, as far as judging a write needs to know it. */
import type { Entry } from '../base/entry.js';
import { timestampMax } from '../base/limits.js';
import type { Passed } from './passed-writes.js';

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
