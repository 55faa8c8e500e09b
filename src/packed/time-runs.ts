/**
 * Values by timestamp, in order: sorted arrays of bounded length, one behind the other, found by
 * their first timestamps. What comes in order is appended. What does not moves half a run at most; but
 * where much of it does not, it waits until somebody asks for an order.
 */
import { LateEntries } from './late-entries.js';
import { type Run, type Timed, timedAt } from './timed.js';

/** No run is longer; one that would be is halved. (Measured: from 32 to 128 it is all the same.) */
const longest = 64;
/** So many may come out of order, and one in eight of all, before others wait. */
const insertedMin = 64;
const insertedShare = 8;
/** Fewer of those that wait are put in their places one by one; else all are merged. */
const mergedShare = 16;

export class TimeRuns<V> {
  /** None of them is empty. */
  #runs: Run<V>[] = [];
  /** The first timestamp of each. */
  #firsts: number[] = [];
  #size = 0;
  #last = -Infinity;
  /** How many came out of order. */
  #inserted = 0;
  /** Those that wait; undefined until so many came. */
  #late: LateEntries<V> | undefined;
  /** How often entries were added or removed: a place holds until the next time. */
  changes = 0;
  /** In its run, of the entry that was looked for last. */
  at = 0;

  get size(): number {
    return this.#size;
  }

  /** −Infinity if there is none. */
  get lastTime(): number {
    return this.#last;
  }

  clear(): void {
    this.#runs = [];
    this.#firsts = [];
    this.#size = 0;
    this.#last = -Infinity;
    this.#inserted = 0;
    this.#late = undefined;
    this.changes++;
  }

  /** The first entry, of those that wait too. */
  earliest(): Timed<V> | undefined {
    const run = this.#runs[0];
    const late = this.#late;
    if (run === undefined) return undefined; // Who waits does so behind others.
    if (late !== undefined && late.earliestTime < (run.times[0] as number)) return late.earliest;
    return timedAt(run, 0);
  }

  /** The last entry, which never waits. */
  latest(): Timed<V> | undefined {
    const run = this.#runs.at(-1);
    return run && timedAt(run, run.times.length - 1);
  }

  /** The runs are numbered from 0, and those that are found hold all; undefined: there is none. */
  run(number: number): Run<V> | undefined {
    return this.#runs[number];
  }

  /** Finds the first entry at or after a time: answers the number of its run, and sets `at`. */
  seek(time: number): number {
    this.#settle();
    const number = this.#numberOf(time);
    const run = this.#runs[number];
    this.at = run === undefined ? 0 : countBefore(run.times, time);
    if (this.at !== run?.times.length) return number;
    this.at = 0;
    return number + 1;
  }

  /** The same of the last entry at or before a time; −1: there is none. */
  seekUpTo(time: number): number {
    this.#settle();
    const number = this.#numberOf(time);
    const run = this.#runs[number];
    this.at = run === undefined ? -1 : countUpTo(run.times, time) - 1;
    return this.at < 0 ? -1 : number;
  }

  /** @returns false if there is an entry at this time: nothing was added */
  add(time: number, value: V): boolean {
    if (time > this.#last) {
      this.#append(time, value);
      this.#late?.note(time);
    } else if (!this.#addLate(time, value)) {
      return false;
    }
    this.#size++;
    this.changes++;
    return true;
  }

  /** @returns false if there is no entry at this time */
  remove(time: number): boolean {
    const number = this.seek(time);
    const { at } = this;
    const run = this.#runs[number];
    if (run?.times[at] !== time) return false;
    run.times.splice(at, 1);
    run.values.splice(at, 1);
    this.#late?.forget(time);
    if (run.times.length === 0) {
      this.#runs.splice(number, 1);
      this.#firsts.splice(number, 1);
    } else if (at === 0) {
      this.#firsts[number] = run.times[0] as number;
    }
    this.#last = this.#runs.at(-1)?.times.at(-1) ?? -Infinity;
    this.#size--;
    this.changes++;
    return true;
  }

  /** Of the run in which a time belongs. */
  #numberOf(time: number): number {
    return Math.max(0, countUpTo(this.#firsts, time) - 1);
  }

  #append(time: number, value: V): void {
    const last = this.#runs.at(-1);
    if (last === undefined || last.times.length === longest) {
      this.#runs.push({ times: [time], values: [value] });
      this.#firsts.push(time);
    } else {
      last.times.push(time);
      last.values.push(value);
    }
    this.#last = time;
  }

  #addLate(time: number, value: V): boolean {
    if (this.#late !== undefined) return this.#late.add(time, value);
    if (!this.#insert(time, value)) return false;
    const inserted = ++this.#inserted;
    if (inserted > insertedMin && inserted * insertedShare > this.#size) {
      this.#late = new LateEntries(this.#runs);
    }
    return true;
  }

  /** Puts what waits in its places. */
  #settle(): void {
    const late = this.#late;
    if (late === undefined || late.size === 0) return;
    const settled = this.#size - late.size;
    const { times, values } = late.take();
    if (times.length * mergedShare > settled) {
      this.#merge(times, values);
    } else {
      for (let at = 0; at < times.length; at++) this.#insert(times[at] as number, values[at] as V);
    }
  }

  #merge(times: Float64Array, values: readonly V[]): void {
    const runs = this.#runs;
    this.#runs = [];
    this.#firsts = [];
    let at = 0;
    for (const run of runs) {
      for (let place = 0; place < run.times.length; place++) {
        const time = run.times[place] as number;
        for (; (times[at] as number) < time; at++) {
          this.#append(times[at] as number, values[at] as V);
        }
        this.#append(time, run.values[place] as V);
      }
    }
    // What waits is earlier than the last of the others.
  }

  #insert(time: number, value: V): boolean {
    const number = this.#numberOf(time);
    const { times, values } = this.#runs[number] as Run<V>;
    const at = countBefore(times, time);
    if (times[at] === time) return false;
    times.splice(at, 0, time);
    values.splice(at, 0, value);
    if (at === 0) this.#firsts[number] = time;
    if (times.length > longest) this.#halve(number);
    return true;
  }

  #halve(number: number): void {
    const { times, values } = this.#runs[number] as Run<V>;
    const half = times.length >>> 1;
    const behind = { times: times.splice(half), values: values.splice(half) };
    this.#runs.splice(number + 1, 0, behind);
    this.#firsts.splice(number + 1, 0, behind.times[0] as number);
  }
}

/**
 * How many of sorted numbers are less than one. Which half is gone on with is added up, and not branched
 * on: a processor that has to guess the way of each step, and is wrong at every second one, takes twice
 * as long.
 */
function countBefore(numbers: readonly number[], limit: number): number {
  let low = 0;
  let left = numbers.length;
  while (left > 1) {
    const half = left >>> 1;
    low += half * Number((numbers[low + half - 1] as number) < limit);
    left -= half;
  }
  return left === 1 && (numbers[low] as number) < limit ? low + 1 : low;
}

/** How many of them are not greater, where no two are the same. */
function countUpTo(numbers: readonly number[], limit: number): number {
  const before = countBefore(numbers, limit);
  return before < numbers.length && numbers[before] === limit ? before + 1 : before;
}
