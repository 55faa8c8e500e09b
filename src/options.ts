/** The types that users of the library meet. Times are in the store's unit unless said otherwise. */
import type { Clock } from './base/clock.js';
import type { Damage } from './base/damage.js';
import type { Loss } from './catalog/manifest.js';
import type { CompactionReport, EngineStats } from './engine/engine.js';
import type { CopyReport } from './engine/store-copy.js';
import type { VerifyReport } from './engine/verify.js';

export type Unit = 'us' | 'tick';
export type Durability = 'full' | 'process';

/** How values become bytes. `decode` gets bytes of its own and may keep them. */
export interface Codec<V> {
  encode(value: V): Uint8Array;
  decode(bytes: Buffer): V;
}

/** A number in the store's unit, or (in a `us` store) a Date. */
export type Time = number | Date;

export interface OpenOptions {
  /** False: refuse with ERR_TIMEKV_NO_STORE where there is none. Default true. */
  create?: boolean;
  /** Refuse every write, and never write to the directory. Default false. */
  readOnly?: boolean;
  /** Fixed when the store is created; opening with another is refused. Default `us`. */
  unit?: Unit;
  /** Memory tier in bytes, at least 8 MiB. Default 64 MiB. */
  memory?: number;
  /** `full` survives power loss, `process` survives `kill -9` only. Default `full`. */
  durability?: Durability;
  /** Longest wait for another process, in milliseconds. Default 5,000. */
  busyTimeout?: number;
  /** Where *now* comes from, in the store's unit. Default: the system's clock. */
  clock?: Clock;
  /** Open a store on a network file system all the same. Default false. */
  allowRemote?: boolean;
  /**
   * How long reads share one look at what other processes have committed, which is less than a millisecond
   * in any case: `run`, until something is awaited; `turn`, for the turn of the event loop, which is of use
   * to a server that answers many requests in one. Not where another handle in the same process writes to
   * the store, or a worker thread. Default `run`.
   */
  looks?: 'run' | 'turn';
  /** Read the store as it was when this snapshot was taken; nothing can be written then. */
  snapshot?: string;
}

export type OnConflict = 'replace' | 'fail' | 'bump';

export interface SetOptions {
  /** Valid for so long after its timestamp, in the store's unit; a positive integer. */
  ttl?: number;
  /** Valid until this time; later than the timestamp. Not together with `ttl`. */
  expiresAt?: Time;
  /** What to do if the timestamp is taken. Default `replace`. */
  onConflict?: OnConflict;
  /** How far `bump` may move the timestamp, in the store's unit. Default 1,000. */
  maxBump?: number;
  /** Write only if a read as of the write's time would answer from this seq (`none`: nothing). */
  ifSeq?: number | 'none';
}

export interface SetOperation<V> extends SetOptions {
  type: 'set';
  key: string;
  value: V;
  at?: Time;
}

export interface DeleteOperation {
  type: 'delete';
  key: string;
  at?: Time;
}

export interface EraseOperation {
  type: 'erase';
  key: string;
  /** The version's own timestamp, or its whole history. */
  at: Time | 'all';
}

export type Operation<V> = SetOperation<V> | DeleteOperation | EraseOperation;

/** A row for `load`. */
export interface LoadRow<V> extends SetOptions {
  key: string;
  /** Absent for a tombstone (`state: 'deleted'`), and where it was taken out. */
  value?: V;
  at?: Time;
  /**
   * Default `value`. `expired` without a value, which needs `at` and `expiresAt`: what is left of a
   * value that was taken out. With one it is as good as `value`.
   */
  state?: 'value' | 'deleted' | 'expired';
}

export interface LoadOptions {
  /** Called after each part that is durable, with the number of versions committed so far. */
  onProgress?: (committed: number) => void;
}

export interface Version<V> {
  key: string;
  /** NaN where it tells that a whole history was erased. */
  timestamp: number;
  /** `undefined` for a tombstone, and where it was taken out or erased. */
  value: V | undefined;
  seq: number;
  /**
   * `expired`: its value was taken out (`expire`); one that has expired and is still there is a
   * `value`. `erased` is only told by `watch`.
   */
  state: 'value' | 'deleted' | 'expired' | 'erased';
  /** Only where the version expires. */
  expiresAt?: number;
}

/** A version that has a value. */
export interface Valued<V> extends Version<V> {
  value: V;
  state: 'value';
}

export interface HistoryOptions {
  /** First and last timestamp, both included. */
  from?: Time;
  to?: Time;
  limit?: number;
  /** Newest first. */
  reverse?: boolean;
}

export interface ScanOptions {
  prefix?: string;
  /** First key, included. */
  start?: string;
  /** Last key, excluded. */
  end?: string;
  /** As of this time; default now. */
  at?: Time;
  limit?: number;
  reverse?: boolean;
}

export interface KeysOptions extends ScanOptions {
  /** Every key with a history, whether it has a value or not; `at` plays no part then. */
  all?: boolean;
}

export interface DiffOptions {
  prefix?: string;
}

/** A view of one moment that is kept under a name. */
export interface Snapshot {
  name: string;
  /** The last operation that is in it; 0: none. */
  seq: number;
  /** What its reads without a time are as of, in the store's unit. */
  now: number;
  /** Reads as of times before it are refused in it. */
  horizon?: number;
  /** When it was taken, by the clock of the process that did. */
  createdAt: number;
}

export interface ExpireOptions {
  /** At most so many versions. Default: all that have expired. */
  limit?: number;
}

export interface WatchOptions {
  /** Only this key. Not together with `prefix`. */
  key?: string;
  /** Only keys that begin so. */
  prefix?: string;
  /** Begin behind this seq; 0: from the first. Default: the last one at the call. */
  since?: number;
  signal?: AbortSignal;
}

/** Of `when`, and of a timeline's `wait`. */
export interface WhenOptions {
  /** Longest wait, in milliseconds. Default: none. */
  timeout?: number;
  signal?: AbortSignal;
}

/** What became of a key from one time to another; a value is `undefined` where there was none. */
export interface Difference<V> {
  key: string;
  change: 'added' | 'changed' | 'removed';
  before: V | undefined;
  after: V | undefined;
}

/** `keepFor` and `keepVersions` are applied once, in place of the stored policy. */
export interface CompactOptions extends KeepOptions {
  /** Flush the log, merge everything into one segment, and keep no old log for watchers. */
  full?: boolean;
  /**
   * `auto` (the default): blocks of what is merged are deflated where at most 0.8 of them are left,
   * if `memory` is at least 32 MiB.
   * `off`: they stay as they are, and with `full` deflated ones become so again.
   */
  compress?: 'auto' | 'off';
  /** Do nothing, and tell what would be let go. */
  dryRun?: boolean;
  /** Called now and then while segments are merged: so many versions so far, of so many. */
  onProgress?: (merged: number, of: number) => void;
}

export type CompactResult = CompactionReport;

/** What is to be kept: with both, whatever either of them keeps. */
export interface KeepOptions {
  /**
   * For how long, in the store's unit. Alone it moves the horizon: as of times before that nothing can
   * be read or written any more.
   */
  keepFor?: number;
  /** So many versions of each key, tombstones counted; later ones than now stay anyway. */
  keepVersions?: number;
}

/** The stored policy, and since when the store can be asked, if that is not from the beginning. */
export interface Retention extends KeepOptions {
  horizon?: number;
}

export interface RestoreOptions {
  /** Longest wait for another process, in milliseconds. Default 5,000. */
  busyTimeout?: number;
  /** Restore to or from a network file system all the same. Default false. */
  allowRemote?: boolean;
}

/** What was put into a backup, or into a store that was restored. */
export type BackupResult = CopyReport;

export interface Stats extends Omit<EngineStats, 'userBytes'> {
  unit: Unit;
  /** Everything in the directory, divided by the bytes of keys and values in it. */
  amplification: number;
}

export type { Damage, Loss, VerifyReport };

export interface VerifyOptions {
  /** Longest wait for another process, in milliseconds. Default 5,000. */
  busyTimeout?: number;
  /** Check a store on a network file system all the same. Default false. */
  allowRemote?: boolean;
  /** Called with the number of files checked so far. */
  onProgress?: (files: number) => void;
}

/** Times are in microseconds since 1970, by the clock of the writer. */
export type DumpedPart =
  | { part: 'segment'; id: string; storeId: string; bytes: number }
  | { part: 'wal'; generation: number; storeId: string; baseSeq: number; createdAt: number }
  | { part: 'seal'; ordinal: number; offset: number; writtenAt: number }
  | {
      part: 'frame';
      ordinal: number;
      offset: number;
      writtenAt: number;
      firstSeq: number;
      count: number;
      durability: Durability;
    };

export interface DumpOptions {
  /** Called with what a file says of itself, and with each frame of a WAL before its versions. */
  onPart?: (part: DumpedPart) => void;
  /** Called for each part that cannot be read; what is behind it is shown all the same. */
  onDamage?: (damage: Damage) => void;
}
