/** What the store needs of an engine: one over a directory, and one in memory. */
import type { Found } from '../base/cursor.js';
import type { Entry } from '../base/entry.js';
import type { SnapshotRow } from '../catalog/manifest.js';
import type { OnFound } from './find-each.js';
import type { Batch } from './judge.js';
import type { HeldView } from './live-files.js';
import type { LetGo, Policy } from './policy.js';
import type { CopyReport } from './store-copy.js';
import type { VerifyReport } from './verify.js';

export type EngineUnit = 'us' | 'tick';

export interface KeyRange {
  /** Included; undefined: from the first key. */
  from: Buffer | undefined;
  /** Undefined: to the last key. May be passed: a hint which files are needed. */
  to: Buffer | undefined;
}

/** Sizes are in bytes. */
export interface EngineStats {
  /** Last committed operation; 0 before any. */
  seq: number;
  /** Entries in segments and live logs, replaced versions included. */
  entries: number;
  /** Of keys and values, the key counted with each entry. */
  userBytes: number;
  segments: { count: number; bytes: number };
  /** The live log (not yet in a segment) and what is kept for watchers. */
  wal: { files: number; bytes: number; keptFiles: number; keptBytes: number };
  memory: { limit: number; memtables: number; cache: number; indexes: number };
  cache: { hits: number; misses: number };
  /** Maintenance that waits: sealed logs to flush, merges to do. */
  waiting: { flushes: number; merges: number };
}

export interface CompactionReport {
  /** What the policy let go, or would let go. */
  letGo: LetGo;
  segmentsBefore: number;
  segmentsAfter: number;
  /** With the log, what is kept of it for watchers too. */
  bytesBefore: number;
  bytesAfter: number;
}

/** What a commit gave its operations, in their order. */
export interface Committed {
  /** The timestamp written, or how many versions were erased. */
  answers: number[];
  /** They took the seqs from here on… */
  firstSeq: number;
  /** …unless some found nothing to erase, and took none. */
  seqs: (number | undefined)[] | undefined;
}

/** Which keys somebody wants to hear of. */
export type Wanted = (key: Buffer) => boolean;

/** Goes over committed operations in the order of their seqs, without a gap. */
export interface Follower {
  /**
   * Those that come next: some of them at a time, undefined if there is nothing new. What was handed
   * out is gone through before the next call.
   * @throws ERR_TIMEKV_HISTORY_TRUNCATED if some are no longer in the log; ERR_TIMEKV_DAMAGED
   */
  next(): Promise<Iterable<Entry> | undefined>;
  /** Resolves when there may be something new: at the latest after so long, or when aborted. */
  changed(milliseconds: number, signal: AbortSignal): Promise<void>;
  close(): void;
}

/** Told now and then: so many versions are merged, of so many. */
export type OnMerged = (merged: number, of: number) => void;

export interface Compaction {
  /** Everything into one segment, and no log is kept. */
  full: boolean;
  /** Applied once; undefined: the stored one, if there is one. */
  policy?: Policy | undefined;
  /** Nothing is done: what would be let go is told. */
  isDryRun?: boolean;
  /** Data blocks of what is merged are deflated where that pays. */
  isDeflated: boolean;
  onProgress?: OnMerged | undefined;
}

export interface Engine {
  readonly unit: EngineUnit;
  /** The memory tier in bytes. */
  readonly memoryBytes: number;
  /** False until the first write. */
  readonly exists: boolean;
  /** What a read without a time is as of. */
  now(): number;
  /** The version that is valid as of a time; undefined: now. Keeps nothing of the key. */
  find(key: Buffer, time: number | undefined): Found | undefined;
  /** The same of many keys, on one view; told of each, by its place, before the next is looked for. */
  findMany(keys: readonly Buffer[], time: number | undefined, found: OnFound): void;
  /** A cursor over what is committed now; its view must be released. Undefined: no store yet. */
  hold(range: KeyRange): HeldView | undefined;
  /** The last seq that is committed; 0 before any. */
  lastSeq(): number;
  /** What is committed behind a seq, now and later; must be closed. */
  follow(since: number, wanted: Wanted): Follower;
  /** Resolves once all is committed; a batch that is refused has written nothing. */
  commit(batch: Batch): Promise<Committed>;
  /** Takes out expired versions in the order of expiry, some at a time; none: there are none. */
  expire(max: number): Promise<Entry[]>;
  /** Makes the store if there is none. */
  create(): Promise<void>;
  refresh(): void;
  /** Keeps what is committed now under a name. */
  takeSnapshot(name: string): Promise<void>;
  removeSnapshot(name: string): Promise<void>;
  snapshots(): readonly SnapshotRow[];
  /** The same store as it was when a snapshot was taken; must be closed too. */
  atSnapshot(name: string): Promise<Engine>;
  checkpoint(): Promise<void>;
  /** Puts what is committed now, or a snapshot of that name, into a store of its own. */
  backup(directory: string, name: string | undefined): Promise<CopyReport>;
  compact(compaction: Compaction): Promise<CompactionReport>;
  /** The stored policy; undefined if there is none. */
  policy(): Policy | undefined;
  setPolicy(policy: Policy | undefined): Promise<void>;
  /** Nothing can be read or written as of times before it; −Infinity: there is none. */
  horizon(): number;
  stats(): EngineStats;
  verify(): Promise<VerifyReport>;
  /** Answers what is under way, then lets go of everything. */
  close(): Promise<void>;
}
