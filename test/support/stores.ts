/** The kinds of store that every contract suite must pass. */
import { open, type Store, type Timeline } from '../../src/index.js';
import type {
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
  SetOptions,
  Snapshot,
  Time,
  Version,
  WatchOptions,
  WhenOptions,
} from '../../src/options.js';
import type { RowBytes } from '../../src/base/row-bytes.js';
import { ModelStore } from './model-store.js';
import type { MakeStore, Reading, Subject, SubjectOptions } from './subject.js';
import { removeDirectory, temporaryDirectory } from './temporary-directory.js';
import { afterEach } from 'vitest';

export function openAs<V>(directory: string, options: SubjectOptions<V> = {}): Promise<Store<V>> {
  return open(directory, options as object) as unknown as Promise<Store<V>>;
}

/** What is done to a store after each of its writes. */
type AfterWrite = 'nothing' | 'reopen' | 'snapshot' | 'compact';

/** A real store that is disturbed after each write, in a way that must not change any answer. */
class DisturbedStore<V> implements Subject<V> {
  #store: Store<V>;
  readonly #open: () => Promise<Store<V>>;
  readonly #afterWrite: AfterWrite;
  readonly #pinned: Store<V>[] = [];

  constructor(store: Store<V>, reopen: () => Promise<Store<V>>, afterWrite: AfterWrite) {
    this.#store = store;
    this.#open = reopen;
    this.#afterWrite = afterWrite;
  }

  set(key: string, value: V, at?: Time, options?: SetOptions): Promise<number> {
    return this.#write(() => this.#store.set(key, value, at, options));
  }

  delete(key: string, at?: Time): Promise<number> {
    return this.#write(() => this.#store.delete(key, at));
  }

  erase(key: string, at: Time | 'all'): Promise<number> {
    return this.#write(() => this.#store.erase(key, at));
  }

  expire(options?: ExpireOptions): Promise<Version<V>[]> {
    return this.#write(() => this.#store.expire(options));
  }

  batch(operations: Operation<V>[]): Promise<number[]> {
    return this.#write(() => this.#store.batch(operations));
  }

  load(
    rows: Iterable<LoadRow<V> | RowBytes> | AsyncIterable<LoadRow<V> | RowBytes>,
    options?: LoadOptions,
  ): Promise<number> {
    return this.#write(() => this.#store.load(rows, options));
  }

  get(key: string, at?: Time): V | undefined {
    return this.#store.get(key, at);
  }

  getMany(keys: string[], at?: Time): (V | undefined)[] {
    return this.#store.getMany(keys, at);
  }

  timeline(key: string): Timeline<V> {
    return this.#store.timeline(key);
  }

  version(key: string, at?: Time): Version<V> | undefined {
    return this.#store.version(key, at);
  }

  history(key: string, options?: HistoryOptions): Iterable<Version<V>> {
    return this.#store.history(key, options);
  }

  scan(options?: ScanOptions): Iterable<Version<V>> {
    return this.#store.scan(options);
  }

  keys(options?: KeysOptions): Iterable<string> {
    return this.#store.keys(options);
  }

  diff(from: Time, to?: Time, options?: DiffOptions): Iterable<Difference<V>> {
    return this.#store.diff(from, to, options);
  }

  watch(options?: WatchOptions): AsyncIterable<Version<V>> {
    return this.#store.watch(options);
  }

  when(key: string, at: Time, options?: WhenOptions): Promise<V | undefined> {
    return this.#store.when(key, at, options);
  }

  now(): number {
    return this.#store.now();
  }

  refresh(): void {
    this.#store.refresh();
  }

  async snapshot(name?: string): Promise<void> {
    await this.#store.snapshot(name);
  }

  snapshots(): Promise<Snapshot[]> {
    return this.#store.snapshots();
  }

  removeSnapshot(name: string): Promise<void> {
    return this.#store.removeSnapshot(name);
  }

  async atSnapshot(name: string): Promise<Reading<V>> {
    const store = await this.#store.atSnapshot(name);
    this.#pinned.push(store);
    return store;
  }

  compact(options?: CompactOptions): Promise<CompactResult> {
    return this.#store.compact(options);
  }

  retention(): Promise<Retention> {
    return this.#store.retention();
  }

  async setRetention(policy: KeepOptions | undefined): Promise<void> {
    await this.#store.setRetention(policy);
  }

  async close(): Promise<void> {
    for (const store of this.#pinned) await store.close();
    await this.#store.close();
  }

  async reopen(): Promise<void> {
    await this.#store.close();
    this.#store = await this.#open();
  }

  async #write<T>(write: () => Promise<T>): Promise<T> {
    const answer = await write();
    if (this.#afterWrite === 'reopen') await this.reopen();
    if (this.#afterWrite === 'snapshot') await this.#store.snapshot();
    if (this.#afterWrite === 'compact') await this.#store.compact({ full: true });
    return answer;
  }
}

function onDisk(afterWrite: AfterWrite): MakeStore {
  const make = async <V>(options?: SubjectOptions<V>): Promise<Subject<V>> => {
    const directory = temporaryDirectory();
    const reopen = (): Promise<Store<V>> => openAs<V>(directory, options);
    const store = new DisturbedStore(await reopen(), reopen, afterWrite);
    closeLater(store, directory);
    return store;
  };
  return Object.assign(make, {
    kind: 'disk' as const,
    reopens: afterWrite === 'reopen',
    disturbs: afterWrite !== 'nothing',
    keepsLog: afterWrite !== 'compact',
  });
}

function inMemory(): MakeStore {
  const make = async <V>(options?: SubjectOptions<V>): Promise<Subject<V>> => {
    const store = await openAs<V>(':memory:', options);
    // Opening again would be another, empty store.
    const subject = new DisturbedStore(store, () => Promise.resolve(store), 'nothing');
    subject.reopen = () => Promise.resolve();
    closeLater(subject);
    return subject;
  };
  return Object.assign(make, {
    kind: 'memory' as const,
    reopens: false,
    disturbs: false,
    keepsLog: true,
  });
}

function model(): MakeStore {
  const make = <V>({ unit = 'us', clock = { now: () => Date.now() * 1000 } } = {}): Promise<
    Subject<V>
  > => {
    const nothing = { refresh() {}, close() {} };
    const store = Object.assign(new ModelStore<V>(unit as 'us' | 'tick', clock), nothing);
    return Promise.resolve(Object.assign(store, { reopen: () => Promise.resolve() }) as never);
  };
  return Object.assign(make as never, {
    kind: 'model' as const,
    reopens: false,
    disturbs: false,
    keepsLog: true,
  }) as MakeStore;
}

export const makers: Record<string, MakeStore> = {
  'a fresh store': onDisk('nothing'),
  'a store reopened after each write': onDisk('reopen'),
  'a store flushed after each write': onDisk('snapshot'),
  'a store compacted after each write': onDisk('compact'),
  'a store in memory': inMemory(),
  'the model': model(),
};

const openStores: { store: Subject<never>; directory?: string }[] = [];

function closeLater<V>(store: Subject<V>, directory?: string): void {
  const entry = { store: store as unknown as Subject<never> };
  openStores.push(directory === undefined ? entry : { ...entry, directory });
}

afterEach(async () => {
  for (const { store, directory } of openStores.splice(0)) {
    await store.close();
    if (directory !== undefined) removeDirectory(directory);
  }
});
