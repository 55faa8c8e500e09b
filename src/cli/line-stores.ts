/**
 * The store as one line of a batch sees it. Each line behaves as if the lines before it had
 * finished; yet unconditional writes of different keys are under way together, and share syncs.
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
import { usageError } from './cli-error.js';
import { isSoundKey, valueBytesMax } from './limits.js';
import type { Rows, StoreAccess } from './store-access.js';
import { WriteBursts } from './write-bursts.js';

/** What a line has to know of the others. */
export interface Order {
  /** Resolves when the lines before this one have finished. */
  before(): Promise<void>;
  /** No line that is under way writes this key. */
  isFree(key: string): boolean;
  /** The line's write is on its way: the next line may begin. */
  begin(key: string): void;
  /** Writes that are committed together. */
  readonly bursts: WriteBursts;
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

  versions(): Rows<Version<Buffer>> {
    return this.#rows(() => this.#store.versions());
  }

  set(key: string, value: Buffer, at?: Time, options: SetOptions = {}): Promise<number> {
    const { ifSeq, onConflict = 'replace' } = options;
    const isConditional = ifSeq !== undefined || onConflict !== 'replace';
    const bytes = key.length + value.length;
    const write = (): Promise<number> => this.#store.set(key, value, at, options);
    // What is refused for itself must not be on its way together with what comes after it.
    const isSound = isSoundKey(key) && value.length <= valueBytesMax;
    return isConditional || !isSound ? this.#writeAlone(write) : this.#write(key, bytes, write);
  }

  delete(key: string, at?: Time): Promise<number> {
    const write = (): Promise<number> => this.#store.delete(key, at);
    return isSoundKey(key) ? this.#write(key, key.length, write) : this.#writeAlone(write);
  }

  async batch(operations: Operation<Buffer>[]): Promise<number[]> {
    await this.#order.before();
    return this.#store.batch(operations);
  }

  async load(rows: Rows<LoadRow<Buffer>>, options?: LoadOptions): Promise<number> {
    await this.#order.before();
    return this.#store.load(rows, options);
  }

  async snapshot(): Promise<void> {
    await this.#order.before();
    return this.#store.snapshot();
  }

  async compact(options?: CompactOptions): Promise<CompactResult> {
    await this.#order.before();
    return this.#store.compact(options);
  }

  async stats(): Promise<Stats> {
    await this.#order.before();
    return this.#store.stats();
  }

  /** The store belongs to the batch. */
  close(): Promise<void> {
    return Promise.resolve();
  }

  async *#rows<T>(read: () => Rows<T>): AsyncGenerator<T> {
    await this.#order.before();
    yield* read();
  }

  #write(key: string, bytes: number, write: () => Promise<number>): Promise<number> {
    if (!this.#order.isFree(key)) return this.#writeAlone(write);
    this.#order.begin(key);
    return this.#order.bursts.add(bytes, write);
  }

  async #writeAlone(write: () => Promise<number>): Promise<number> {
    await this.#order.before();
    return write();
  }
}

/** The state before an atomic batch. Its writes are gathered, and never come here. */
export class AtomicStore extends LineStore {
  constructor(store: StoreAccess) {
    super(store, alone);
  }

  override load(): Promise<number> {
    return Promise.reject(notAtomic('import'));
  }

  override snapshot(): Promise<void> {
    return Promise.reject(notAtomic('snapshot'));
  }

  override compact(): Promise<CompactResult> {
    return Promise.reject(notAtomic('compact'));
  }
}

function notAtomic(command: string): Error {
  return usageError(`${command} cannot be part of an atomic batch`);
}

/** No line has to wait for another. */
const alone: Order = {
  before: () => Promise.resolve(),
  isFree: () => true,
  begin: () => undefined,
  bursts: new WriteBursts(false),
};
