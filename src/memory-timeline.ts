/** A collection of values by time, in memory alone. */
import { invalidArgument, TimekvError } from './base/errors.js';
import { shown } from './checks.js';
import { TimeRuns } from './packed/time-runs.js';
import { type Run, type Timed, timedAt } from './packed/timed.js';

export type { Timed } from './packed/timed.js';

/**
 * Values of any kind by timestamp in memory: what `store.timeline(key)` offers, without a store and
 * without promises. Timestamps are any finite numbers, in any order. Where many come out of order, the
 * next question puts them in order, which takes a fifth of a second for a million of them.
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
    return new Range(this.#runs, first, last);
  }

  /**
   * The values of a time up to the latest one.
   * @param duration 0 or more
   */
  last(duration: number): Iterable<Timed<V>> {
    if (!(duration >= 0)) throw invalidArgument(`duration ${shown(duration)} is not 0 or more`);
    const runs = this.#runs;
    return new Range(runs, runs.lastTime - duration, runs.lastTime);
  }

  /** All values, oldest first. */
  all(): Iterable<Timed<V>> {
    return new Range(this.#runs, -Infinity, Infinity);
  }

  /** The value with this very timestamp. */
  at(time: number): Timed<V> | undefined {
    const runs = this.#runs;
    const run = runs.run(runs.seek(checkTimestamp(time, 'time')));
    return run?.times[runs.at] === time ? timedAt(run, runs.at) : undefined;
  }

  /** The value with the greatest timestamp up to a time. */
  asOf(time: number): Timed<V> | undefined {
    const runs = this.#runs;
    const run = runs.run(runs.seekUpTo(checkTimestamp(time, 'time')));
    return run && timedAt(run, runs.at);
  }

  /** The value with the smallest timestamp. */
  earliest(): Timed<V> | undefined {
    return this.#runs.earliest();
  }

  /** The value with the greatest timestamp. */
  latest(): Timed<V> | undefined {
    return this.#runs.latest();
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
    return this.#runs.remove(checkTimestamp(time, 'time'));
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
}

/** From one time to another, both included; gone through as often as one likes. */
class Range<V> implements Iterable<Timed<V>, undefined> {
  readonly runs: TimeRuns<V>;
  readonly from: number;
  readonly to: number;

  constructor(runs: TimeRuns<V>, from: number, to: number) {
    this.runs = runs;
    this.from = from;
    this.to = to;
  }

  [Symbol.iterator](): Iterator<Timed<V>, undefined> {
    return new Going(this);
  }
}

/** Its fields are nobody else's; but those that begin with # make a range of ten take twice as long. */
class Going<V> implements Iterator<Timed<V>, undefined> {
  readonly runs: TimeRuns<V>;
  readonly to: number;
  /** Nothing is handed out twice: where it began, then what came last. */
  from: number;
  hasBegun = false;
  /** Where it stands, and since when that holds. */
  number: number;
  run: Run<V> | undefined;
  at: number;
  changes: number;

  constructor({ runs, from, to }: Range<V>) {
    this.runs = runs;
    this.from = from;
    this.to = to;
    this.number = runs.seek(from);
    this.run = runs.run(this.number);
    this.at = runs.at;
    this.changes = runs.changes;
  }

  next(): IteratorResult<Timed<V>, undefined> {
    if (this.changes !== this.runs.changes) this.seekAgain();
    const { run, at } = this;
    if (run === undefined) return { done: true, value: undefined };
    const timestamp = run.times[at] as number;
    if (timestamp > this.to) return { done: true, value: undefined };
    this.from = timestamp;
    this.hasBegun = true;
    this.step(run);
    return { done: false, value: { timestamp, value: run.values[at] as V } };
  }

  step(run: Run<V>): void {
    if (++this.at < run.times.length) return;
    this.run = this.runs.run(++this.number);
    this.at = 0;
  }

  seekAgain(): void {
    const { runs } = this;
    this.number = runs.seek(this.from);
    const run = (this.run = runs.run(this.number));
    this.at = runs.at;
    this.changes = runs.changes;
    if (run !== undefined && this.hasBegun && run.times[this.at] === this.from) this.step(run);
  }
}

function checkTimestamp(time: number, name: string): number {
  if (Number.isFinite(time)) return time;
  throw invalidArgument(`${name} ${shown(time)} is not a finite number`);
}

function conflict(message: string): TimekvError {
  return new TimekvError('ERR_TIMEKV_CONFLICT', message);
}
