/** The public door: nothing else can be imported by users of the package. */
export { TimekvError, errorCodes, type ErrorCode } from './base/errors.js';
export type { Clock } from './base/clock.js';
export { create, open } from './open.js';
export type { Store } from './store.js';
export { TimeMap } from './time-map.js';
export type {
  Codec,
  CompactOptions,
  CompactResult,
  DeleteOperation,
  Durability,
  HistoryOptions,
  KeysOptions,
  LoadOptions,
  LoadRow,
  OnConflict,
  OpenOptions,
  Operation,
  ScanOptions,
  SetOperation,
  SetOptions,
  Stats,
  Time,
  Unit,
  Version,
} from './options.js';
