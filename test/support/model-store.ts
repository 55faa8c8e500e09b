/**
 * The store as a plain array: the whole specification of CONTRACT.md section 1 without a disk, an
 * index or a promise. Every question is answered by looking at every entry.
 */
import { isDeepStrictEqual } from 'node:util';
import { invalidArgument, TimekvError } from '../../src/base/errors.js';
import type {
  Difference,
  DiffOptions,
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

interface ModelEntry<V> {
  key: string;
  timestamp: number;
  seq: number;
  /** Absent: a tombstone. */
  value?: V;
  expiresAt: number;
}

export class ModelStore<V = string> {
  readonly #unit: Unit;
  readonly #clock: { now(): number };
  #entries: ModelEntry<V>[] = [];
  /** The last *now* that was given to a write. */
  #lastNow = -Infinity;

  constructor(unit: Unit, clock: { now(): number }) {
    this.#unit = unit;
    this.#clock = clock;
  }

  get seq(): number {
    return this.#entries.length;
  }

  /** The same store with a life of its own from now on. */
  clone(): ModelStore<V> {
    const copy = new ModelStore<V>(this.#unit, this.#clock);
    copy.#entries = this.#entries;
    copy.#lastNow = this.#lastNow;
    return copy;
  }

  /** Every timestamp and expiry there is, for checking at each of them and beside it. */
  instants(): number[] {
    const all = this.#entries.flatMap((entry) => [entry.timestamp, entry.expiresAt]);
    return [...new Set(all)].filter(Number.isFinite).sort((a, b) => a - b);
  }

  now(): number {
    if (this.#unit === 'tick') return largest(this.#entries);
    return Math.max(this.#clock.now(), this.#lastNow);
  }

  set(key: string, value: V, at?: Time, options: SetOptions = {}): number {
    const operation: Operation<V> = { ...options, type: 'set', key, value };
    return this.batch([at === undefined ? operation : { ...operation, at }])[0] as number;
  }

  delete(key: string, at?: Time): number {
    return this.batch([{ type: 'delete', key, ...(at === undefined ? {} : { at }) }])[0] as number;
  }

  batch(operations: Operation<V>[]): number[] {
    const before = this.#entries;
    const after = [...before];
    const batchNow = Math.max(this.#clock.now(), this.#lastNow + 1);
    let lastNow = this.#lastNow;
    const answers = operations.map((operation) => {
      const next = this.#unit === 'tick' ? largest(after) + 1 : batchNow;
      const asked = operation.at === undefined ? next : this.#number(operation.at);
      const entry = this.#entry(operation, asked, { before, after });
      if (operation.at === undefined) lastNow = Math.max(lastNow, entry.timestamp);
      after.push(entry);
      return entry.timestamp;
    });
    this.#entries = after;
    this.#lastNow = lastNow;
    return answers;
  }

  load(rows: Iterable<LoadRow<V>>): number {
    let count = 0;
    for (const { state, value, at, ...rest } of rows) {
      if (state === 'deleted') this.delete(rest.key, at);
      else this.set(rest.key, value as V, at, rest);
      count += 1;
    }
    return count;
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

  scan(options: ScanOptions = {}): Version<V>[] {
    const at = options.at === undefined ? this.now() : this.#number(options.at);
    return this.#keysIn(options)
      .flatMap((key) => this.version(key, at) ?? [])
      .slice(0, options.limit);
  }

  keys(options: KeysOptions = {}): string[] {
    if (options.all === true) return this.#keysIn(options).slice(0, options.limit);
    return this.scan(options).map((version) => version.key);
  }

  diff(from: Time, to?: Time, { prefix }: DiffOptions = {}): Difference<V>[] {
    const [first, last] = [this.#number(from), to === undefined ? this.now() : this.#number(to)];
    return this.#keysIn(prefix === undefined ? {} : { prefix }).flatMap((key) => {
      const [before, after] = [this.get(key, first), this.get(key, last)];
      if (isDeepStrictEqual(before, after)) return [];
      const change = before === undefined ? 'added' : after === undefined ? 'removed' : 'changed';
      return { key, change, before, after };
    });
  }

  /** What there is; it does not wait for more. */
  watch({ key, prefix = '', since = this.seq }: WatchOptions = {}): AsyncIterable<Version<V>> {
    const wanted = () =>
      this.#entries
        .slice(since)
        .filter((entry) => entry.key.startsWith(prefix) && (key ?? entry.key) === entry.key);
    return {
      async *[Symbol.asyncIterator]() {
        for (const entry of wanted()) yield await Promise.resolve(toVersion(entry));
      },
    };
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
    operation: Operation<V>,
    asked: number,
    { before, after }: { before: ModelEntry<V>[]; after: ModelEntry<V>[] },
  ): ModelEntry<V> {
    const { key } = operation;
    const seq = after.length + 1;
    requireTimestamp(asked);
    if (operation.type === 'delete') return { key, timestamp: asked, seq, expiresAt: Infinity };
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
    return { key, timestamp, seq, value: operation.value, expiresAt };
  }

  #number(time: Time): number {
    if (typeof time === 'number') return time;
    if (this.#unit === 'us') return time.getTime() * 1000;
    throw invalidArgument('a Date in a tick store');
  }
}

/** The largest timestamp ever written; 0 before any. */
function largest(entries: ModelEntry<unknown>[]): number {
  const [first, ...others] = entries;
  if (first === undefined) return 0;
  return others.reduce((most, entry) => Math.max(most, entry.timestamp), first.timestamp);
}

/** The entry with the greatest (timestamp, seq) at or before `at`, if it has a value then. */
function answer<V>(entries: ModelEntry<V>[], key: string, at: number): ModelEntry<V> | undefined {
  let found: ModelEntry<V> | undefined;
  for (const entry of entries) {
    if (entry.key !== key || entry.timestamp > at) continue;
    // Entries stand in seq order, so that of equal timestamps the last one wins.
    if (found === undefined || entry.timestamp >= found.timestamp) found = entry;
  }
  if (found === undefined || !('value' in found) || at >= found.expiresAt) return undefined;
  return found;
}

function toVersion<V>({ key, timestamp, seq, value, expiresAt }: ModelEntry<V>): Version<V> {
  const state = value === undefined ? 'deleted' : 'value';
  const expiry = expiresAt === Infinity ? {} : { expiresAt };
  return { key, timestamp, value, seq, state, ...expiry };
}

function requireTimestamp(time: number): void {
  if (!Number.isSafeInteger(time)) throw invalidArgument(`${time} is no timestamp`);
}

function conflict(why: string): TimekvError {
  return new TimekvError('ERR_TIMEKV_CONFLICT', why);
}
