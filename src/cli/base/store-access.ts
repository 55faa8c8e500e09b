/**
 * The store as commands use it. Every call is awaited: the embedded store reads synchronously, a
 * remote one will not, and the commands must not care.
 */
import type {
  BackupResult,
  CompactOptions,
  CompactResult,
  Difference,
  DiffOptions,
  ExpireOptions,
  HistoryOptions,
  KeepOptions,
  KeysOptions,
  LoadOptions,
  LoadRow,
  Operation,
  Retention,
  RowBytes,
  ScanOptions,
  Snapshot,
  Stats,
  Store,
  Unit,
  VerifyReport,
  Version,
  WatchOptions,
  WhenOptions,
} from '../../index.js';

export type MaybePromise<T> = T | Promise<T>;
export type Rows<T> = Iterable<T> | AsyncIterable<T>;

/** What a commit gave its operations. */
export type Committed = Awaited<ReturnType<Store<Buffer>['commit']>>;

/** The same of some of them. */
export function committedPart(committed: Committed, from: number, to: number): Committed {
  const { answers, firstSeq, seqs } = committed;
  return {
    answers: answers.slice(from, to),
    firstSeq: firstSeq + from,
    seqs: seqs?.slice(from, to),
  };
}

export interface StoreAccess {
  readonly unit: Unit;
  now(): number;
  get(key: string, at?: number): MaybePromise<Buffer | undefined>;
  version(key: string, at?: number): MaybePromise<Version<Buffer> | undefined>;
  history(key: string, options?: HistoryOptions): Rows<Version<Buffer>>;
  scan(options?: ScanOptions): Rows<Version<Buffer>>;
  keys(options?: KeysOptions): Rows<string>;
  diff(from: number, to?: number, options?: DiffOptions): Rows<Difference<Buffer>>;
  watch(options?: WatchOptions): AsyncIterable<Version<Buffer>>;
  when(key: string, at: number, options?: WhenOptions): Promise<Buffer | undefined>;
  /** Every version of every key, by key and then oldest first, on one view. */
  versions(): Rows<Version<Buffer>>;
  /** All or nothing. With `nowPerWrite` each write without a time is as of a moment of its own. */
  commit(operations: readonly Operation<Buffer>[], nowPerWrite?: boolean): Promise<Committed>;
  load(rows: Rows<LoadRow<Buffer> | RowBytes>, options?: LoadOptions): Promise<number>;
  expire(options?: ExpireOptions): Promise<Version<Buffer>[]>;
  snapshot(name?: string): Promise<void>;
  snapshots(): Promise<Snapshot[]>;
  removeSnapshot(name: string): Promise<void>;
  /** The same store as it was when a snapshot was taken; it has to be closed too. */
  atSnapshot(name: string): Promise<StoreAccess>;
  backup(directory: string, name?: string): Promise<BackupResult>;
  compact(options?: CompactOptions): Promise<CompactResult>;
  retention(): Promise<Retention>;
  setRetention(policy: KeepOptions | undefined): Promise<void>;
  stats(): Promise<Stats>;
  verify(): Promise<VerifyReport>;
  close(): Promise<void>;
}

/** The fields that have a value: options that were not given must not be there at all. */
export function given<T extends object>(options: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  const entries = Object.entries(options).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [K in keyof T]: Exclude<T[K], undefined> };
}

/** What can be had without waiting is one piece; of what cannot, each row is. */
export async function* piecesOf<Row>(rows: Rows<Row>): AsyncGenerator<Iterable<Row>> {
  if (Symbol.iterator in rows) yield rows;
  else for await (const row of rows) yield [row];
}
