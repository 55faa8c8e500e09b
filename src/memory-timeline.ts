/** A collection of values by time, in memory alone. */
import { invalidArgument, TimekvError } from './base/errors.js';
import { shown } from './checks.js';
import { type Place, TimeRuns } from './packed/time-runs.js';

/** A value and its time. */
export interface Timed<V> {
  timestamp: number;
  value: V;
}

/**
 * Values of any kind by timestamp in memory: what `store.timeline(key)` offers, without a store and
 * without promises. Timestamps are any finite numbers, in any order.
 */
export class MemoryTimeline<V = string> {
  readonly #runs = new TimeRuns<V>();

  /**
   * Adds a value at a time at which there is none.
   * @returns the timestamp
   * @throws ERR_TIMEKV_CONFLICT if there is a value at that time: nothing was added;
   *   ERR_TIMEKV_INVALID_ARGUMENT if the time is no finite number
   */
  add(at: number, value: V): number {
    if (this.#runs.add(checkTimestamp(at, 'at'), value)) return at;
    throw conflict(`there is a value at ${at} already; choose another time, or addUnique`);
  }

  /**
   * Adds a value at a time, or at the first free one behind it, in steps of 1.
   * @param maxOffset how far behind it may be; an integer of 0 or more, default 1,000
   * @returns the timestamp that it got
   * @throws ERR_TIMEKV_CONFLICT if all of these are taken; ERR_TIMEKV_INVALID_ARGUMENT
   */
  addUnique(at: number, value: V, maxOffset = 1000): number {
    checkTimestamp(at, 'at');
    if (!Number.isSafeInteger(maxOffset) || maxOffset < 0) {
      throw invalidArgument(`maxOffset ${shown(maxOffset)} is not an integer of 0 or more`);
    }
    for (let offset = 0; offset <= maxOffset; offset++) {
      if (this.#runs.add(at + offset, value)) return at + offset;
    }
    throw conflict(`there are values at all times from ${at} to ${at + maxOffset}`);
  }

  /**
   * The values from one time to another, both included, oldest first. What is added or removed while
   * it is gone through is met if it lies ahead.
   */
  range(from: number, to: number): Iterable<Timed<V>> {
    const first = checkTimestamp(from, 'from');
    const last = checkTimestamp(to, 'to');
    return { [Symbol.iterator]: () => new Going(this.#runs, first, last) };
  }

  /**
   * The values of a time up to the latest one.
   * @param duration 0 or more
   */
  last(duration: number): Iterable<Timed<V>> {
    if (!(duration >= 0)) throw invalidArgument(`duration ${shown(duration)} is not 0 or more`);
    const runs = this.#runs;
    return {
      [Symbol.iterator]: () => new Going(runs, runs.lastTime - duration, runs.lastTime),
    };
  }

  /** All values, oldest first. */
  all(): Iterable<Timed<V>> {
    return { [Symbol.iterator]: () => new Going(this.#runs, -Infinity, Infinity) };
  }

  /** The value with this very timestamp. */
  at(time: number): Timed<V> | undefined {
    const found = this.#firstFrom(checkTimestamp(time, 'time'));
    return found?.timestamp === time ? found : undefined;
  }

  /** The value with the greatest timestamp up to a time. */
  asOf(time: number): Timed<V> | undefined {
    const place = { run: 0, at: 0 };
    this.#runs.seek(place, checkTimestamp(time, 'time'));
    if (this.#runs.timeAt(place) !== time && !this.#runs.previous(place)) return undefined;
    return this.#entryAt(place);
  }

  /** The value with the smallest timestamp. */
  earliest(): Timed<V> | undefined {
    return this.#entryAt({ run: 0, at: 0 });
  }

  /** The value with the greatest timestamp. */
  latest(): Timed<V> | undefined {
    return this.#firstFrom(this.#runs.lastTime);
  }

  /** The timestamps of all values, oldest first. */
  *timestamps(): Generator<number, undefined> {
    for (const { timestamp } of this.all()) yield timestamp;
    return undefined;
  }

  /** How many values there are. */
  get size(): number {
    return this.#runs.size;
  }

  /** True if there is no value. */
  get isEmpty(): boolean {
    return this.#runs.size === 0;
  }

  /**
   * Removes the value with this very timestamp.
   * @returns false if there was none
   */
  remove(time: number): boolean {
    const place = { run: 0, at: 0 };
    this.#runs.seek(place, checkTimestamp(time, 'time'));
    if (this.#runs.timeAt(place) !== time) return false;
    this.#runs.remove(place);
    return true;
  }

  /**
   * Removes all values.
   * @returns how many there were
   */
  clear(): number {
    const { size } = this.#runs;
    this.#runs.clear();
    return size;
  }

  #firstFrom(time: number): Timed<V> | undefined {
    const place = { run: 0, at: 0 };
    this.#runs.seek(place, time);
    return this.#entryAt(place);
  }

  #entryAt(place: Place): Timed<V> | undefined {
    const timestamp = this.#runs.timeAt(place);
    return timestamp === undefined ? undefined : { timestamp, value: this.#runs.valueAt(place) };
  }
}

/** From one time to another, both included. */
class Going<V> implements IterableIterator<Timed<V>, undefined> {
  readonly #runs: TimeRuns<V>;
  /** Nothing is handed out twice: where it began, then what came last. */
  #from: number;
  #hasBegun = false;
  readonly #to: number;
  readonly #place: Place = { run: 0, at: 0 };
  #changes: number;

  constructor(runs: TimeRuns<V>, from: number, to: number) {
    this.#runs = runs;
    this.#from = from;
    this.#to = to;
    this.#changes = runs.changes;
    runs.seek(this.#place, from);
  }

  next(): IteratorResult<Timed<V>, undefined> {
    const runs = this.#runs;
    const place = this.#place;
    if (this.#changes !== runs.changes) this.#seekAgain();
    const timestamp = runs.timeAt(place);
    if (timestamp === undefined || timestamp > this.#to) return { done: true, value: undefined };
    const value = { timestamp, value: runs.valueAt(place) };
    this.#from = timestamp;
    this.#hasBegun = true;
    runs.next(place);
    return { done: false, value };
  }

  #seekAgain(): void {
    const runs = this.#runs;
    runs.seek(this.#place, this.#from);
    if (this.#hasBegun && runs.timeAt(this.#place) === this.#from) runs.next(this.#place);
    this.#changes = runs.changes;
  }

  [Symbol.iterator](): this {
    return this;
  }
}

function checkTimestamp(time: number, name: string): number {
  if (Number.isFinite(time)) return time;
  throw invalidArgument(`${name} ${shown(time)} is not a finite number`);
}

function conflict(message: string): TimekvError {
  return new TimekvError('ERR_TIMEKV_CONFLICT', message);
}
