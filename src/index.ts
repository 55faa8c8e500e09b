/** The public door: nothing else can be imported by users of the package. */
export { TimekvError, errorCodes, type ErrorCode } from './base/errors.js';
export type { Clock } from './base/clock.js';
export { dump } from './dump.js';
export { create, open } from './open.js';
export type { Store } from './store.js';
export type { RowBytes } from './base/row-bytes.js';
export { restore } from './restore.js';
export { MemoryTimeline, type Timed } from './memory-timeline.js';
export type { Timeline } from './timeline.js';
export { TimeMap } from './time-map.js';
export { quarantine, verify } from './verify.js';
export type {
  BackupResult,
  Codec,
  CompactOptions,
  CompactResult,
  Damage,
  DeleteOperation,
  DiffOptions,
  EraseOperation,
  ExpireOptions,
  Difference,
  DumpedPart,
  DumpOptions,
  Durability,
  HistoryOptions,
  KeepOptions,
  KeysOptions,
  LoadOptions,
  LoadRow,
  Loss,
  OnConflict,
  OpenOptions,
  RestoreOptions,
  Retention,
  Operation,
  ScanOptions,
  SetOperation,
  SetOptions,
  Snapshot,
  Stats,
  Time,
  Unit,
  Valued,
  VerifyOptions,
  VerifyReport,
  Version,
  WatchOptions,
  WhenOptions,
} from './options.js';
