/** One key's history as a collection. */
import { invalidArgument } from './base/errors.js';
import { shown } from './checks.js';
import type { HistoryOptions, SetOptions, Time, Valued, Version, WhenOptions } from './options.js';

/** What a timeline calls of a store, as everybody may. */
interface TimelineStore<V> {
  set(key: string, value: V, at: Time, options: SetOptions): Promise<number>;
  erase(key: string, at: Time | 'all'): Promise<number>;
  version(key: string, at: Time): Version<V> | undefined;
  now(): number;
}

/** What it needs beside that. */
export interface TimelineSource<V> {
  /** The versions that have a value, as `history` has them. */
  valued(options?: HistoryOptions): Iterable<Valued<V>>;
  /** Their timestamps. */
  timestamps(options?: HistoryOptions): Iterable<number>;
  /** Resolves to true when a value is committed, to false when that takes too long. */
  committed(options: WhenOptions): Promise<boolean>;
}

/**
 * One key's history as a collection of values by time; `store.timeline(key)` makes one. It holds
 * nothing: each call reads or writes the store, so that any number of them, in any number of
 * processes, are the same collection.
 */
export class Timeline<V = string> {
  /** The key whose history it is. */
  readonly key: string;
  readonly #store: TimelineStore<V>;
  readonly #source: TimelineSource<V>;

  /** Not for users: call `store.timeline(key)`. */
  constructor(key: string, store: TimelineStore<V>, source: TimelineSource<V>) {
    this.key = key;
    this.#store = store;
    this.#source = source;
  }

  /**
   * Adds a value at a time at which there is none.
   * @returns the timestamp, once it is committed
   * @throws ERR_TIMEKV_CONFLICT if there is a version at that time, also a tombstone: nothing was
   *   written; and what `set` throws
   */
  async add(at: Time, value: V): Promise<number> {
    return this.#store.set(this.key, value, at, { onConflict: 'fail' });
  }

  /**
   * Adds a value at a time, or at the first free one behind it.
   * @param maxOffset how far behind it may be, in the store's unit; an integer of 0 or more, default 1,000
   * @returns the timestamp that it got
   * @throws ERR_TIMEKV_CONFLICT if all of these are taken; and what `set` throws
   */
  async addUnique(at: Time, value: V, maxOffset = 1000): Promise<number> {
    return this.#store.set(this.key, value, at, { onConflict: 'bump', maxBump: maxOffset });
  }

  /**
   * The values from one time to another, both included, oldest first: one consistent view each time
   * that it is gone through. What has expired is among them until it is taken out (`store.expire`).
   * @throws from its iterators: ERR_TIMEKV_HISTORY_TRUNCATED if `from` lies before what retention has
   *   left
   */
  range(from: Time, to: Time): Iterable<Valued<V>> {
    return this.#source.valued({ from, to });
  }

  /**
   * The values of the time up to now.
   * @param duration in the store's unit, 0 or more
   * @throws as `range` does
   */
  last(duration: number): Iterable<Valued<V>> {
    if (!Number.isSafeInteger(duration) || duration < 0) {
      throw invalidArgument(`duration ${shown(duration)} is not an integer of 0 or more`);
    }
    const now = this.#store.now();
    return this.range(Math.max(now - duration, Number.MIN_SAFE_INTEGER), now);
  }

  /** All values, oldest first, also those at times to come. */
  all(): Iterable<Valued<V>> {
    return this.#source.valued();
  }

  /** The version with this very timestamp; undefined if there is none, or it is no value. */
  at(time: Time): Valued<V> | undefined {
    return this.#only({ from: time, to: time });
  }

  /** The version that is valid as of a time: what `store.version` answers. */
  asOf(time: Time): Valued<V> | undefined {
    return this.#store.version(this.key, time) as Valued<V> | undefined;
  }

  /** The value with the smallest timestamp. */
  earliest(): Valued<V> | undefined {
    return this.#only({});
  }

  /** The value with the greatest timestamp, which may lie in the future. */
  latest(): Valued<V> | undefined {
    return this.#only({ reverse: true });
  }

  #only(options: HistoryOptions): Valued<V> | undefined {
    for (const version of this.#source.valued({ ...options, limit: 1 })) return version;
    return undefined;
  }

  /** The timestamps of all values, oldest first. */
  timestamps(): Iterable<number> {
    return this.#source.timestamps();
  }

  /** How many values there are. Goes through all of them. */
  get size(): number {
    let size = 0;
    for (const _ of this.#source.timestamps()) size++;
    return size;
  }

  /** True if there is no value. */
  get isEmpty(): boolean {
    for (const _ of this.#source.timestamps({ limit: 1 })) return false;
    return true;
  }

  /**
   * Erases the version with this very timestamp, as `store.erase` does.
   * @returns false if there was none
   */
  async remove(time: Time): Promise<boolean> {
    return (await this.#store.erase(this.key, time)) > 0;
  }

  /**
   * Erases the whole history.
   * @returns how many versions it had, tombstones among them
   */
  async clear(): Promise<number> {
    return this.#store.erase(this.key, 'all');
  }

  /**
   * Waits until anybody commits a value, at whatever time.
   * @returns false if none was within `timeout` milliseconds
   * @throws the reason of the signal; ERR_TIMEKV_CLOSED if the store is closed meanwhile
   */
  async wait(options: WhenOptions = {}): Promise<boolean> {
    return this.#source.committed(options);
  }
}
