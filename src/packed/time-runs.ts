/**
 * Values by timestamp, in order: sorted arrays of bounded length, one behind the other, found by
 * their first timestamps. What comes in order is appended; what does not moves half a run at most.
 */

/** No run is longer; one that would be is halved. (Measured: from 32 to 128 it is all the same.) */
const longest = 64;

/** Entries in the order of time; never empty. */
export interface Run<V> {
  readonly times: number[];
  readonly values: V[];
}

export class TimeRuns<V> {
  #runs: Run<V>[] = [];
  /** The first timestamp of each. */
  #firsts: number[] = [];
  #size = 0;
  #last = -Infinity;
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
    this.changes++;
  }

  /** The runs are numbered from 0; undefined: there is none. */
  run(number: number): Run<V> | undefined {
    return this.#runs[number];
  }

  /** Finds the first entry at or after a time: answers the number of its run, and sets `at`. */
  seek(time: number): number {
    const number = this.#numberOf(time);
    const run = this.#runs[number];
    this.at = run === undefined ? 0 : countBefore(run.times, time);
    if (this.at !== run?.times.length) return number;
    this.at = 0;
    return number + 1;
  }

  /** The same of the last entry at or before a time; −1: there is none. */
  seekUpTo(time: number): number {
    const number = this.#numberOf(time);
    const run = this.#runs[number];
    this.at = run === undefined ? -1 : countUpTo(run.times, time) - 1;
    return this.at < 0 ? -1 : number;
  }

  /** @returns false if there is an entry at this time: nothing was added */
  add(time: number, value: V): boolean {
    if (time > this.#last) this.#append(time, value);
    else if (!this.#insert(time, value)) return false;
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

/** How many of sorted numbers are less than one. */
function countBefore(numbers: readonly number[], limit: number): number {
  let low = 0;
  let high = numbers.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((numbers[middle] as number) < limit) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** How many of sorted numbers are not greater than one. */
function countUpTo(numbers: readonly number[], limit: number): number {
  let low = 0;
  let high = numbers.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((numbers[middle] as number) <= limit) low = middle + 1;
    else high = middle;
  }
  return low;
}
