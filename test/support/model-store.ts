/**
 * The store as a plain array: the whole specification of CONTRACT.md section 1 without a disk, an
 * index or a promise. Every question is answered by looking at every entry.
 */
import { isDeepStrictEqual } from 'node:util';
import { invalidArgument, TimekvError } from '../../src/base/errors.js';
import type {
  Difference,
  DiffOptions,
  ExpireOptions,
  HistoryOptions,
  KeysOptions,
  LoadRow,
  Operation,
  ScanOptions,
  SetOptions,
  Time,
  Unit,
  Version,
  WatchOptions,
} from '../../src/options.js';
import {
  answer,
  conflict,
  type Done,
  type ModelEntry,
  requireTimestamp,
  toVersion,
} from './model-entries.js';

export class ModelStore<V = string> {
  readonly #unit: Unit;
  readonly #clock: { now(): number };
  /** All operations, by seq. */
  #done: Done<V>[] = [];
  /** What is left of them, by seq. */
  #entries: ModelEntry<V>[] = [];
  /** The largest timestamp ever written, erased or not. */
  #largest = 0;
  /** The last *now* that was given to a write. */
  #lastNow = -Infinity;
  readonly #snapshots = new Map<string, { seq: number; now: number }>();
  /** Of a store at a snapshot: when that was taken. */
  #pinnedNow: number | undefined;
  /** Of a backup, in which what was dropped before is not told any more. */
  #wasThinned = false;

  constructor(unit: Unit, clock: { now(): number }) {
    this.#unit = unit;
    this.#clock = clock;
  }

  get seq(): number {
    return this.#done.length;
  }

  /** The same store with a life of its own from now on. */
  clone(): ModelStore<V> {
    const copy = new ModelStore<V>(this.#unit, this.#clock);
    copy.#done = this.#done;
    copy.#entries = this.#entries;
    copy.#largest = this.#largest;
    copy.#lastNow = this.#lastNow;
    copy.#wasThinned = this.#wasThinned;
    for (const [name, snapshot] of this.#snapshots) copy.#snapshots.set(name, snapshot);
    return copy;
  }

  /** Every timestamp and expiry there is, for checking at each of them and beside it. */
  instants(): number[] {
    const all = this.#entries.flatMap((entry) => [entry.timestamp, entry.expiresAt]);
    return [...new Set(all)].filter(Number.isFinite).sort((a, b) => a - b);
  }

  /** True if merges may drop some of what was written. */
  get isThinned(): boolean {
    return this.#wasThinned || this.#done.some((done) => 'at' in done || done.state === 'expired');
  }

  /** Without a name there is nothing to do. */
  snapshot(name?: string): void {
    if (name === undefined) return;
    if (this.#snapshots.has(name)) throw new TimekvError('ERR_TIMEKV_EXISTS', name);
    this.#snapshots.set(name, { seq: this.seq, now: this.now() });
  }

  removeSnapshot(name: string): void {
    if (!this.#snapshots.delete(name)) throw new TimekvError('ERR_TIMEKV_NO_SNAPSHOT', name);
  }

  snapshots(): { name: string; seq: number; now: number }[] {
    return [...this.#snapshots].map(([name, snapshot]) => ({ name, ...snapshot }));
  }

  /** What was there then, without what has been erased since. */
  atSnapshot(name: string): ModelStore<V> {
    const snapshot = this.#snapshotNamed(name);
    const copy = new ModelStore<V>(this.#unit, this.#clock);
    copy.#entries = this.#entries.filter(({ seq }) => seq <= snapshot.seq);
    copy.#pinnedNow = snapshot.now;
    return copy;
  }

  /** What a backup holds that is made now: of everything, or of a snapshot. */
  backup(name?: string): ModelStore<V> {
    if (name === undefined) return this.clone();
    const { seq: last, now } = this.#snapshotNamed(name);
    const copy = new ModelStore<V>(this.#unit, this.#clock);
    copy.#done = this.#done.slice(0, last);
    copy.#entries = this.#entries.filter(({ seq }) => seq <= last);
    copy.#wasThinned = this.isThinned;
    // Where nothing was written, no now was given.
    if (last > 0) [copy.#largest, copy.#lastNow] = [now, now];
    for (const [each, snapshot] of this.#snapshots) {
      if (snapshot.seq <= last) copy.#snapshots.set(each, snapshot);
    }
    return copy;
  }

  now(): number {
    if (this.#pinnedNow !== undefined) return this.#pinnedNow;
    if (this.#unit === 'tick') return this.#largest;
    return Math.max(this.#clock.now(), this.#lastNow);
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

  batch(operations: Operation<V>[]): number[] {
    const before = this.#entries;
    const state = { done: [...this.#done], after: [...before], largest: this.#largest };
    const batchNow = Math.max(this.#clock.now(), this.#lastNow + 1);
    let lastNow = this.#lastNow;
    const answers = operations.map((operation) => {
      if (operation.type === 'erase') {
        const { key, at } = operation;
        return this.#erase(state, key, at === 'all' ? at : this.#number(at));
      }
      const next = this.#unit === 'tick' ? state.largest + 1 : batchNow;
      const asked = operation.at === undefined ? next : this.#number(operation.at);
      const { after } = state;
      const entry = this.#entry(operation, asked, { before, after, seq: state.done.length + 1 });
      if (operation.at === undefined) lastNow = Math.max(lastNow, entry.timestamp);
      const isFirst = state.done.every((each) => 'at' in each);
      state.largest = isFirst ? entry.timestamp : Math.max(state.largest, entry.timestamp);
      after.push(entry);
      state.done.push(entry);
      return entry.timestamp;
    });
    this.#done = state.done;
    this.#entries = state.after;
    this.#largest = state.largest;
    this.#lastNow = lastNow;
    return answers;
  }

  /** Answers how many versions went. */
  #erase(
    state: { done: Done<V>[]; after: ModelEntry<V>[] },
    key: string,
    at: number | 'all',
  ): number {
    const isMeant = (entry: ModelEntry<V>): boolean =>
      entry.key === key && (at === 'all' || entry.timestamp === at);
    const times = new Set(state.after.filter(isMeant).map(({ timestamp }) => timestamp));
    if (times.size === 0) return 0;
    state.after = state.after.filter((entry) => !isMeant(entry));
    state.done.push({ key, at, seq: state.done.length + 1 });
    return times.size;
  }

  expire({ limit = Infinity }: ExpireOptions = {}): Version<V>[] {
    const newest = new Map<string, ModelEntry<V>>();
    for (const entry of this.#entries) newest.set(`${entry.timestamp} ${entry.key}`, entry);
    const now = this.now();
    const expired = [...newest.values()]
      .filter(({ state, expiresAt }) => state === 'value' && expiresAt <= now)
      .sort(
        (a, b) =>
          a.expiresAt - b.expiresAt ||
          Buffer.compare(Buffer.from(a.key), Buffer.from(b.key)) ||
          b.timestamp - a.timestamp,
      )
      .slice(0, limit);
    for (const { key, timestamp, expiresAt } of expired) {
      const stub = { key, timestamp, expiresAt, seq: this.seq + 1, state: 'expired' as const };
      this.#entries = [...this.#entries, stub];
      this.#done = [...this.#done, stub];
    }
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
    const stub = { ...(this.#done.at(-1) as ModelEntry<V>), state: 'expired' as const };
    this.#done = [...this.#done.slice(0, -1), stub];
    this.#entries = [...this.#entries.slice(0, -1), stub];
  }

  get(key: string, at?: Time): V | undefined {
    return this.version(key, at)?.value;
  }

  version(key: string, at?: Time): Version<V> | undefined {
    const found = answer(this.#entries, key, at === undefined ? this.now() : this.#number(at));
    return found && toVersion(found);
  }

  history(key: string, { from, to, limit, reverse }: HistoryOptions = {}): Version<V>[] {
    const first = from === undefined ? -Infinity : this.#number(from);
    const last = to === undefined ? Infinity : this.#number(to);
    const newest = new Map<number, ModelEntry<V>>();
    for (const entry of this.#entries) {
      const inRange = first <= entry.timestamp && entry.timestamp <= last;
      if (entry.key === key && inRange) newest.set(entry.timestamp, entry);
    }
    const rows = [...newest.values()].sort((a, b) => a.timestamp - b.timestamp);
    if (reverse === true) rows.reverse();
    return rows.slice(0, limit).map(toVersion);
  }

  *scan(options: ScanOptions = {}): Generator<Version<V>> {
    const at = options.at === undefined ? this.now() : this.#number(options.at);
    let left = options.limit ?? Infinity;
    for (const key of this.#keysIn(options)) {
      if (left === 0) return;
      const version = this.version(key, at);
      if (version === undefined) continue;
      left -= 1;
      yield version;
    }
  }

  *keys(options: KeysOptions = {}): Generator<string> {
    if (options.all === true) yield* this.#keysIn(options).slice(0, options.limit);
    else for (const { key } of this.scan(options)) yield key;
  }

  *diff(from: Time, to?: Time, { prefix }: DiffOptions = {}): Generator<Difference<V>> {
    const [first, last] = [this.#number(from), to === undefined ? this.now() : this.#number(to)];
    for (const key of this.#keysIn(prefix === undefined ? {} : { prefix })) {
      const [before, after] = [this.get(key, first), this.get(key, last)];
      if (isDeepStrictEqual(before, after)) continue;
      const change = before === undefined ? 'added' : after === undefined ? 'removed' : 'changed';
      yield { key, change, before, after };
    }
  }

  /** What there is; it does not wait for more. */
  watch({ key, prefix = '', since = this.seq }: WatchOptions = {}): AsyncIterable<Version<V>> {
    const wanted = () =>
      this.#done
        .slice(since)
        .filter((done) => done.key.startsWith(prefix) && (key ?? done.key) === done.key)
        .map((done) => this.#toldNow(done));
    return {
      async *[Symbol.asyncIterator]() {
        for (const version of wanted()) yield await Promise.resolve(version);
      },
    };
  }

  #snapshotNamed(name: string): { seq: number; now: number } {
    const snapshot = this.#snapshots.get(name);
    if (snapshot === undefined) throw new TimekvError('ERR_TIMEKV_NO_SNAPSHOT', name);
    return snapshot;
  }

  #toldNow(done: Done<V>): Version<V> {
    const { key, seq } = done;
    const erased = { key, seq, value: undefined, state: 'erased' as const };
    if ('at' in done) return { ...erased, timestamp: done.at === 'all' ? NaN : done.at };
    if (!this.#entries.includes(done)) return { ...erased, timestamp: done.timestamp };
    const isGone = this.#entries.some(
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

  #keysIn({ prefix = '', start, end, reverse }: ScanOptions): string[] {
    const first = start === undefined ? undefined : Buffer.from(start);
    const last = end === undefined ? undefined : Buffer.from(end);
    const keys = [...new Set(this.#entries.map((entry) => entry.key))]
      .filter((key) => key.startsWith(prefix))
      .map((key) => ({ key, bytes: Buffer.from(key) }))
      .filter(({ bytes }) => first === undefined || Buffer.compare(bytes, first) >= 0)
      .filter(({ bytes }) => last === undefined || Buffer.compare(bytes, last) < 0)
      // UTF-8 bytes, ascending.
      .sort((a, b) => Buffer.compare(a.bytes, b.bytes))
      .map(({ key }) => key);
    return reverse === true ? keys.reverse() : keys;
  }

  #entry(
    operation: Exclude<Operation<V>, { type: 'erase' }>,
    asked: number,
    { before, after, seq }: { before: ModelEntry<V>[]; after: ModelEntry<V>[]; seq: number },
  ): ModelEntry<V> {
    const { key } = operation;
    requireTimestamp(asked);
    if (operation.type === 'delete') {
      return { key, timestamp: asked, seq, state: 'deleted', expiresAt: Infinity };
    }
    const isTaken = (time: number): boolean =>
      after.some((entry) => entry.key === key && entry.timestamp === time);
    let timestamp = asked;
    if (operation.onConflict === 'fail' && isTaken(asked)) throw conflict('taken');
    if (operation.onConflict === 'bump') {
      while (isTaken(timestamp)) timestamp += 1;
      if (timestamp > asked + (operation.maxBump ?? 1000)) throw conflict('no free timestamp');
      if (!Number.isSafeInteger(timestamp)) throw conflict('no free timestamp');
    }
    if (operation.ifSeq !== undefined) {
      const current = answer(before, key, timestamp)?.seq ?? 'none';
      if (current !== operation.ifSeq) throw conflict(`ifSeq, but it is ${current}`);
    }
    const expiresAt =
      operation.expiresAt !== undefined
        ? this.#number(operation.expiresAt)
        : timestamp + (operation.ttl ?? Infinity);
    if (expiresAt <= timestamp) throw invalidArgument('it would expire before it begins');
    if (expiresAt !== Infinity) requireTimestamp(expiresAt);
    return { key, timestamp, seq, state: 'value', value: operation.value, expiresAt };
  }

  #number(time: Time): number {
    if (typeof time === 'number') return time;
    if (this.#unit === 'us') return time.getTime() * 1000;
    throw invalidArgument('a Date in a tick store');
  }
}
