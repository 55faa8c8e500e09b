/**
 * What the suites in test/contract need of a store: the plain model answers at once, the real one
 * with promises, so that every suite awaits.
 */
import type {
  Codec,
  CompactOptions,
  Difference,
  DiffOptions,
  ExpireOptions,
  HistoryOptions,
  KeysOptions,
  LoadOptions,
  LoadRow,
  OpenOptions,
  Operation,
  ScanOptions,
  SetOptions,
  Snapshot,
  Time,
  Version,
  WatchOptions,
  WhenOptions,
} from '../../src/options.js';
import type { Timeline } from '../../src/timeline.js';
import type { RowBytes } from '../../src/base/row-bytes.js';

export type Awaitable<T> = T | Promise<T>;

/** What can be asked of a store at a snapshot too. */
export type Reading<V> = Pick<
  Subject<V>,
  'get' | 'getMany' | 'version' | 'history' | 'scan' | 'keys' | 'diff' | 'now'
>;

export interface Subject<V> {
  set(key: string, value: V, at?: Time, options?: SetOptions): Awaitable<number>;
  delete(key: string, at?: Time): Awaitable<number>;
  erase(key: string, at: Time | 'all'): Awaitable<number>;
  expire(options?: ExpireOptions): Awaitable<Version<V>[]>;
  batch(operations: Operation<V>[]): Awaitable<number[]>;
  load(
    rows: Iterable<LoadRow<V> | RowBytes> | AsyncIterable<LoadRow<V> | RowBytes>,
    options?: LoadOptions,
  ): Awaitable<number>;
  get(key: string, at?: Time): V | undefined;
  getMany(keys: string[], at?: Time): (V | undefined)[];
  version(key: string, at?: Time): Version<V> | undefined;
  history(key: string, options?: HistoryOptions): Iterable<Version<V>>;
  scan(options?: ScanOptions): Iterable<Version<V>>;
  keys(options?: KeysOptions): Iterable<string>;
  diff(from: Time, to?: Time, options?: DiffOptions): Iterable<Difference<V>>;
  timeline(key: string): Timeline<V>;
  watch(options?: WatchOptions): AsyncIterable<Version<V>>;
  when(key: string, at: Time, options?: WhenOptions): Promise<V | undefined>;
  now(): number;
  refresh(): void;
  snapshot(name?: string): Awaitable<unknown>;
  snapshots(): Awaitable<Pick<Snapshot, 'name' | 'seq' | 'now'>[]>;
  removeSnapshot(name: string): Awaitable<unknown>;
  atSnapshot(name: string): Awaitable<Reading<V>>;
  compact(options?: CompactOptions): Awaitable<unknown>;
  close(): Awaitable<void>;
  /** Closes and opens it again where that means something. */
  reopen(): Promise<void>;
}

export type NamedCodec = 'text' | 'bytes' | 'json';

export type SubjectOptions<V> = OpenOptions & { codec?: NamedCodec | Codec<V> };

export interface MakeStore {
  /**
   * `disk`: a directory; `memory`: `:memory:`; `http`: a directory, by a server; `model`:
   * test/support/model-store.ts.
   */
  kind: 'disk' | 'memory' | 'http' | 'model';
  /** True if every write is followed by closing and opening, which ends all iterators. */
  reopens: boolean;
  /** True if something is done after every write: reopening, a flush, a compaction. */
  disturbs: boolean;
  /** True if `watch` can begin at the first operation: no full compaction comes in between. */
  keepsLog: boolean;
  <V = string>(options?: SubjectOptions<V>): Promise<Subject<V>>;
}

/** A suite declares tests for any store that `makeStore` makes. */
export type Suite = (makeStore: MakeStore) => void;

export type { Codec, Operation, Version };
