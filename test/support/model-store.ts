/**
 * The store as a plain array: the whole specification of CONTRACT.md section 1 without a disk, an
 * index or a promise. Every question is answered by looking at every entry.
 */
import { isDeepStrictEqual } from 'node:util';
import { invalidArgument, TimekvError } from '../../src/base/errors.js';
import type {
  CompactOptions,
  Difference,
  DiffOptions,
  ExpireOptions,
  HistoryOptions,
  KeepOptions,
  KeysOptions,
  LoadRow,
  Operation,
  Retention,
  ScanOptions,
  SetOptions,
  Time,
  Unit,
  Version,
  WatchOptions,
} from '../../src/options.js';
import { ModelCommit, toNumber } from './model-commit.js';
import {
  answer,
  type Done,
  expiredBy,
  keysIn,
  type ModelEntry,
  newestOf,
  toVersion,
} from './model-entries.js';
import { applied } from './model-retention.js';
import {
  emptyState,
  isThinned,
  type ModelSnapshot,
  type ModelState,
  stateAt,
} from './model-state.js';

export class ModelStore<V = string> {
  readonly #unit: Unit;
  readonly #clock: { now(): number };
  #state: ModelState<V>;
  /** Of a store at a snapshot: when that was taken. */
  readonly #pinnedNow: number | undefined;
  /** What may be seen of a state, which is asked for often. */
  #seen: { of: ModelState<V>; entries: ModelEntry<V>[] } | undefined;

  constructor(
    unit: Unit,
    clock: { now(): number },
    state: ModelState<V> = emptyState(),
    pinnedNow?: number,
  ) {
    this.#unit = unit;
    this.#clock = clock;
    this.#state = state;
    this.#pinnedNow = pinnedNow;
  }

  get seq(): number {
    return this.#state.done.length;
  }

  /** The same store with a life of its own from now on. */
  clone(): ModelStore<V> {
    return new ModelStore<V>(this.#unit, this.#clock, this.#state);
  }

  /** Every timestamp and expiry there is, for checking at each of them and beside it. */
  instants(): number[] {
    const { entries, view } = this.#state;
    const times = entries.flatMap((entry) => [entry.timestamp, entry.expiresAt]);
    const all = [...times, view.horizon, ...view.marks];
    return [...new Set(all)].filter(Number.isFinite).sort((a, b) => a - b);
  }

  /** True if merges may drop some of what was written. */
  get isThinned(): boolean {
    return isThinned(this.#state);
  }

  /** Without a name there is nothing to do. */
  snapshot(name?: string): void {
    if (name === undefined) return;
    const { snapshots, view } = this.#state;
    if (snapshots.has(name)) throw new TimekvError('ERR_TIMEKV_EXISTS', name);
    const takenAt = this.#clock.now();
    const snapshot = { seq: this.seq, now: this.now(), takenAt, view: view.upTo(this.seq) };
    this.#state = { ...this.#state, snapshots: new Map([...snapshots, [name, snapshot]]) };
  }

  removeSnapshot(name: string): void {
    this.#snapshotNamed(name);
    const left = [...this.#state.snapshots].filter(([each]) => each !== name);
    this.#state = { ...this.#state, snapshots: new Map(left) };
  }

  snapshots(): { name: string; seq: number; now: number }[] {
    return [...this.#state.snapshots].map(([name, { seq, now }]) => ({ name, seq, now }));
  }

  /** What was there then, without what has been erased since. */
  atSnapshot(name: string): ModelStore<V> {
    const { now, view } = this.#snapshotNamed(name);
    return new ModelStore<V>(this.#unit, this.#clock, { ...this.#state, view }, now);
  }

  /** What a backup holds that is made now: of everything, or of a snapshot. */
  backup(name?: string): ModelStore<V> {
    if (name === undefined) return this.clone();
    const state = stateAt(this.#state, this.#snapshotNamed(name));
    return new ModelStore<V>(this.#unit, this.#clock, state);
  }

  retention(): Retention {
    const { policy, view } = this.#state;
    return { ...policy, ...(view.horizon !== -Infinity && { horizon: view.horizon }) };
  }

  setRetention(policy: KeepOptions | undefined): void {
    // Merges that come by themselves may leave out writes that were replaced, which nobody sees.
    const wasThinned = this.#state.wasThinned || policy !== undefined;
    this.#state = { ...this.#state, policy, wasThinned };
  }

  /** @param isMeant which keys it comes to: all, unless it is cut short */
  compact(options: CompactOptions = {}, isMeant: (key: string) => boolean = () => true): void {
    if (options.dryRun === true) return;
    const clockNow = this.#unit === 'tick' ? undefined : this.#clock.now();
    this.#state = applied(this.#state, options, { now: this.now(), clockNow, isMeant });
  }

  now(): number {
    if (this.#pinnedNow !== undefined) return this.#pinnedNow;
    if (this.#unit === 'tick') return this.#state.largest;
    return Math.max(this.#clock.now(), this.#state.lastNow);
  }

  set(key: string, value: V, at?: Time, options: SetOptions = {}): number {
    const operation: Operation<V> = { ...options, type: 'set', key, value };
    return this.batch([at === undefined ? operation : { ...operation, at }])[0] as number;
  }

  delete(key: string, at?: Time): number {
    return this.batch([{ type: 'delete', key, ...(at === undefined ? {} : { at }) }])[0] as number;
  }

  erase(key: string, at: Time | 'all'): number {
    return this.batch([{ type: 'erase', key, at }])[0] as number;
  }

  /** @param told what the store has answered, where it is free to: see `ModelCommit.erase` */
  batch(operations: Operation<V>[], told: readonly unknown[] = []): number[] {
    const commit = this.#commit();
    const answers = operations.map((operation, number) => {
      if (operation.type !== 'erase') return commit.write(operation);
      return commit.erase(operation.key, this.#placeOf(operation.at), told[number]);
    });
    this.#state = commit.state;
    return answers;
  }

  /** True if what an erasure answers depends on what retention has left on the disk. */
  isDoubtful(key: string, at: Time | 'all'): boolean {
    return this.#commit().isDoubtful(key, this.#placeOf(at));
  }

  /**
   * True if hardly any version of a key is left while a snapshot holds others. Erasing the last one then
   * leaves a mark behind (docs/decisions/0021-retention.md), of which the model knows nothing.
   */
  isNearlyGone(key: string): boolean {
    const { entries, snapshots, view, wasThinned } = this.#state;
    if (snapshots.size === 0 || !wasThinned) return false;
    const own = view.seen(entries.filter((entry) => entry.key === key));
    return new Set(own.map(({ timestamp }) => timestamp)).size <= 2;
  }

  /** True if a write would be refused, since what was there before is not known any more. */
  isTruncated(key: string, at?: Time): boolean {
    const { largest, lastNow, view } = this.#state;
    const next = this.#unit === 'tick' ? largest + 1 : Math.max(this.#clock.now(), lastNow + 1);
    return view.firstKept(key) > (at === undefined ? next : this.#number(at));
  }

  expire({ limit = Infinity }: ExpireOptions = {}): Version<V>[] {
    const expired = expiredBy(this.#seenNow(), this.now()).slice(0, limit);
    const commit = this.#commit();
    for (const entry of expired) commit.takeOut(entry);
    this.#state = commit.state;
    return expired.map((entry) => ({ ...toVersion(entry), state: 'expired' }));
  }

  load(rows: Iterable<LoadRow<V>>): number {
    let count = 0;
    for (const { state, value, at, ...rest } of rows) {
      if (state === 'deleted') this.delete(rest.key, at);
      else if (state === 'expired' && value === undefined) this.#loadStub({ ...rest, at });
      else this.set(rest.key, value as V, at, rest);
      count += 1;
    }
    return count;
  }

  /** What is left of a version that was taken out elsewhere. */
  #loadStub({
    key,
    at,
    expiresAt,
  }: Pick<LoadRow<V>, 'key' | 'expiresAt'> & { at?: Time | undefined }) {
    if (at === undefined || expiresAt === undefined) throw invalidArgument('it needs its times');
    // In the place of a value, which gives it its seq and counts for now.
    this.set(key, undefined as V, at, { expiresAt });
    const { done, entries } = this.#state;
    const stub = { ...(done.at(-1) as ModelEntry<V>), state: 'expired' as const };
    this.#state = {
      ...this.#state,
      done: [...done.slice(0, -1), stub],
      entries: [...entries.slice(0, -1), stub],
    };
  }

  get(key: string, at?: Time): V | undefined {
    return this.version(key, at)?.value;
  }

  getMany(keys: readonly string[], at?: Time): (V | undefined)[] {
    return keys.map((key) => this.get(key, at));
  }

  version(key: string, at?: Time): Version<V> | undefined {
    const time = at === undefined ? this.now() : this.#number(at);
    this.#state.view.requireKept(time, key);
    const found = answer(this.#seenNow(), key, time);
    return found && toVersion(found);
  }

  history(key: string, { from, to, limit, reverse }: HistoryOptions = {}): Version<V>[] {
    const first = from === undefined ? -Infinity : this.#number(from);
    const last = to === undefined ? Infinity : this.#number(to);
    if (from !== undefined) this.#state.view.requireKept(first, key);
    const rows = newestOf(this.#seenNow().filter((entry) => entry.key === key))
      .filter(({ timestamp }) => first <= timestamp && timestamp <= last)
      .sort((a, b) => a.timestamp - b.timestamp);
    if (reverse === true) rows.reverse();
    return rows.slice(0, limit).map(toVersion);
  }

  *scan(options: ScanOptions = {}): Generator<Version<V>> {
    const at = options.at === undefined ? this.now() : this.#number(options.at);
    this.#state.view.requireKept(at);
    let left = options.limit ?? Infinity;
    for (const key of keysIn(this.#seenNow(), options)) {
      if (left === 0) return;
      const version = this.version(key, at);
      if (version === undefined) continue;
      left -= 1;
      yield version;
    }
  }

  *keys(options: KeysOptions = {}): Generator<string> {
    if (options.all === true) yield* keysIn(this.#seenNow(), options).slice(0, options.limit);
    else for (const { key } of this.scan(options)) yield key;
  }

  *diff(from: Time, to?: Time, { prefix }: DiffOptions = {}): Generator<Difference<V>> {
    const [first, last] = [this.#number(from), to === undefined ? this.now() : this.#number(to)];
    for (const time of [first, last]) this.#state.view.requireKept(time);
    for (const key of keysIn(this.#seenNow(), prefix === undefined ? {} : { prefix })) {
      const [before, after] = [this.get(key, first), this.get(key, last)];
      if (isDeepStrictEqual(before, after)) continue;
      const change = before === undefined ? 'added' : after === undefined ? 'removed' : 'changed';
      yield { key, change, before, after };
    }
  }

  /** What there is; it does not wait for more. */
  watch({ key, prefix = '', since = this.seq }: WatchOptions = {}): AsyncIterable<Version<V>> {
    const wanted = () =>
      this.#state.done
        .slice(since)
        .filter((done) => done.key.startsWith(prefix) && (key ?? done.key) === done.key)
        .map((done) => this.#toldNow(done));
    return {
      async *[Symbol.asyncIterator]() {
        for (const version of wanted()) yield await Promise.resolve(version);
      },
    };
  }

  timeline(): never {
    throw new Error('the model has no timelines: what they show is in its history');
  }

  #snapshotNamed(name: string): ModelSnapshot<V> {
    const snapshot = this.#state.snapshots.get(name);
    if (snapshot === undefined) throw new TimekvError('ERR_TIMEKV_NO_SNAPSHOT', name);
    return snapshot;
  }

  #commit(): ModelCommit<V> {
    return new ModelCommit(this.#unit, this.#clock.now(), this.#state);
  }

  #seenNow(): ModelEntry<V>[] {
    const state = this.#state;
    if (this.#seen?.of !== state) {
      this.#seen = { of: state, entries: state.view.seen(state.entries) };
    }
    return this.#seen.entries;
  }

  #toldNow(done: Done<V>): Version<V> {
    const { key, seq } = done;
    const erased = { key, seq, value: undefined, state: 'erased' as const };
    if ('at' in done) return { ...erased, timestamp: done.at === 'all' ? NaN : done.at };
    if (!this.#state.entries.includes(done)) return { ...erased, timestamp: done.timestamp };
    const isGone = this.#state.entries.some(
      (each) =>
        each.state === 'expired' &&
        each.key === key &&
        each.timestamp === done.timestamp &&
        each.seq > seq,
    );
    const version = toVersion(done);
    const isTold = isGone && done.state === 'value' && done.expiresAt !== Infinity;
    return isTold ? { ...version, value: undefined, state: 'expired' } : version;
  }

  #placeOf(at: Time | 'all'): number | 'all' {
    return at === 'all' ? at : this.#number(at);
  }

  #number(time: Time): number {
    return toNumber(this.#unit, time);
  }
}
