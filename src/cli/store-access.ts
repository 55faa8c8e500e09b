/**
 * The store as commands use it. Every call is awaited: the embedded store reads synchronously, a
 * remote one will not, and the commands must not care.
 */
import type {
  CompactOptions,
  CompactResult,
  HistoryOptions,
  KeysOptions,
  LoadOptions,
  LoadRow,
  Operation,
  ScanOptions,
  SetOptions,
  Stats,
  Time,
  Unit,
  Version,
} from '../index.js';

export type MaybePromise<T> = T | Promise<T>;
export type Rows<T> = Iterable<T> | AsyncIterable<T>;

export interface StoreAccess {
  readonly unit: Unit;
  now(): number;
  get(key: string, at?: number): MaybePromise<Buffer | undefined>;
  version(key: string, at?: number): MaybePromise<Version<Buffer> | undefined>;
  history(key: string, options?: HistoryOptions): Rows<Version<Buffer>>;
  scan(options?: ScanOptions): Rows<Version<Buffer>>;
  keys(options?: KeysOptions): Rows<string>;
  /** Every version of every key, by key and then oldest first, on one view. */
  versions(): Rows<Version<Buffer>>;
  set(key: string, value: Buffer, at?: Time, options?: SetOptions): Promise<number>;
  delete(key: string, at?: Time): Promise<number>;
  batch(operations: Operation<Buffer>[]): Promise<number[]>;
  load(rows: Rows<LoadRow<Buffer>>, options?: LoadOptions): Promise<number>;
  snapshot(): Promise<void>;
  compact(options?: CompactOptions): Promise<CompactResult>;
  stats(): Promise<Stats>;
  close(): Promise<void>;
}

/** The fields that have a value: options that were not given must not be there at all. */
export function given<T extends object>(options: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  const entries = Object.entries(options).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [K in keyof T]: Exclude<T[K], undefined> };
}
