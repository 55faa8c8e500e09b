/**
 * The store as one line of a batch sees it. Each line behaves as if the lines before it had
 * finished; yet unconditional writes are under way together, and share syncs.
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
  ScanOptions,
  Snapshot,
  Stats,
  Unit,
  VerifyReport,
  Version,
  WatchOptions,
  WhenOptions,
} from '../../index.js';
import { usageError } from '../base/cli-error.js';
import type { Committed, Rows, StoreAccess } from '../base/store-access.js';

/** What a line has to know of the others. */
export interface Order {
  /** Resolves when the lines before this one have finished; fails if it is not to begin at all. */
  before(): Promise<void>;
  /** Puts a write on its way, behind those before it: the next line may begin. */
  begin(operation: Operation<Buffer>): Promise<Committed>;
}

/** Reads wait for the lines before; so do writes that depend on what is there. */
export class LineStore implements StoreAccess {
  readonly #store: StoreAccess;
  readonly #order: Order;

  constructor(store: StoreAccess, order: Order) {
    this.#store = store;
    this.#order = order;
  }

  get unit(): Unit {
    return this.#store.unit;
  }

  now(): number {
    return this.#store.now();
  }

  async get(key: string, at?: number): Promise<Buffer | undefined> {
    await this.#order.before();
    return this.#store.get(key, at);
  }

  async version(key: string, at?: number): Promise<Version<Buffer> | undefined> {
    await this.#order.before();
    return this.#store.version(key, at);
  }

  history(key: string, options?: HistoryOptions): Rows<Version<Buffer>> {
    return this.#rows(() => this.#store.history(key, options));
  }

  scan(options?: ScanOptions): Rows<Version<Buffer>> {
    return this.#rows(() => this.#store.scan(options));
  }

  keys(options?: KeysOptions): Rows<string> {
    return this.#rows(() => this.#store.keys(options));
  }

  diff(from: number, to?: number, options?: DiffOptions): Rows<Difference<Buffer>> {
    return this.#rows(() => this.#store.diff(from, to, options));
  }

  watch(options?: WatchOptions): AsyncIterable<Version<Buffer>> {
    return this.#rows(() => this.#store.watch(options));
  }

  async when(key: string, at: number, options?: WhenOptions): Promise<Buffer | undefined> {
    await this.#order.before();
    return this.#store.when(key, at, options);
  }

  versions(): Rows<Version<Buffer>> {
    return this.#rows(() => this.#store.versions());
  }

  async commit(operations: readonly Operation<Buffer>[]): Promise<Committed> {
    const [operation] = operations;
    if (operation !== undefined && operations.length === 1 && isUnconditional(operation)) {
      return this.#order.begin(operation);
    }
    await this.#order.before();
    return this.#store.commit(operations);
  }

  async load(rows: Rows<LoadRow<Buffer>>, options?: LoadOptions): Promise<number> {
    await this.#order.before();
    return this.#store.load(rows, options);
  }

  async expire(options?: ExpireOptions): Promise<Version<Buffer>[]> {
    await this.#order.before();
    return this.#store.expire(options);
  }

  async snapshot(name?: string): Promise<void> {
    await this.#order.before();
    return this.#store.snapshot(name);
  }

  async snapshots(): Promise<Snapshot[]> {
    await this.#order.before();
    return this.#store.snapshots();
  }

  async removeSnapshot(name: string): Promise<void> {
    await this.#order.before();
    return this.#store.removeSnapshot(name);
  }

  async atSnapshot(name: string): Promise<StoreAccess> {
    await this.#order.before();
    return this.#store.atSnapshot(name);
  }

  async backup(directory: string, name?: string): Promise<BackupResult> {
    await this.#order.before();
    return this.#store.backup(directory, name);
  }

  async compact(options?: CompactOptions): Promise<CompactResult> {
    await this.#order.before();
    return this.#store.compact(options);
  }

  async retention(): Promise<Retention> {
    await this.#order.before();
    return this.#store.retention();
  }

  async setRetention(policy: KeepOptions | undefined): Promise<void> {
    await this.#order.before();
    return this.#store.setRetention(policy);
  }

  async stats(): Promise<Stats> {
    await this.#order.before();
    return this.#store.stats();
  }

  async verify(): Promise<VerifyReport> {
    await this.#order.before();
    return this.#store.verify();
  }

  /** The store belongs to the batch. */
  close(): Promise<void> {
    return Promise.resolve();
  }

  async *#rows<T>(read: () => Rows<T>): AsyncGenerator<T> {
    await this.#order.before();
    yield* read();
  }
}

/** The state before an atomic batch. Its writes are gathered, and never come here. */
export class AtomicStore extends LineStore {
  constructor(store: StoreAccess) {
    super(store, alone);
  }

  override watch(): never {
    throw notAtomic('watch');
  }

  override when(): Promise<never> {
    return Promise.reject(notAtomic('get --wait'));
  }

  override load(): Promise<number> {
    return Promise.reject(notAtomic('import'));
  }

  override expire(): Promise<Version<Buffer>[]> {
    return Promise.reject(notAtomic('expire'));
  }

  override snapshot(): Promise<void> {
    return Promise.reject(notAtomic('snapshot'));
  }

  override removeSnapshot(): Promise<void> {
    return Promise.reject(notAtomic('snapshot'));
  }

  override backup(): Promise<BackupResult> {
    return Promise.reject(notAtomic('snapshot'));
  }

  override compact(): Promise<CompactResult> {
    return Promise.reject(notAtomic('compact'));
  }

  override setRetention(): Promise<void> {
    return Promise.reject(notAtomic('retention'));
  }
}

function notAtomic(command: string): Error {
  return usageError(`${command} cannot be part of an atomic batch`);
}

function isUnconditional(operation: Operation<Buffer>): boolean {
  if (operation.type === 'delete') return true;
  if (operation.type === 'erase') return false;
  const { ifSeq, onConflict = 'replace' } = operation;
  return ifSeq === undefined && onConflict === 'replace';
}

/** No line has to wait for another. */
const alone: Order = {
  before: () => Promise.resolve(),
  begin: () => Promise.reject(notAtomic('this write')),
};
