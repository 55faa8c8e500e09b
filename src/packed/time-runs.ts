/**
 * Values by timestamp, in order: sorted arrays of bounded length, one behind the other, found by
 * their first timestamps. What comes in order is appended; what does not moves half a run at most.
 */

/** No run is longer; one that would be is halved. */
const longest = 256;

interface Run<V> {
  times: number[];
  values: V[];
}

/** A place among the entries, in the order of time; behind the last one there is none. */
export interface Place {
  run: number;
  at: number;
}

export class TimeRuns<V> {
  #runs: Run<V>[] = [];
  /** The first timestamp of each. */
  #firsts: number[] = [];
  #size = 0;
  #last = -Infinity;
  /** How often entries were added or removed: a place holds until the next time. */
  changes = 0;

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

  /** Puts the place at the first entry at or after a time. */
  seek(place: Place, time: number): void {
    place.run = Math.max(0, countUpTo(this.#firsts, time) - 1);
    place.at = 0;
    const run = this.#runs[place.run];
    if (run === undefined) return;
    place.at = countBefore(run.times, time);
    if (place.at === run.times.length) this.#toNextRun(place);
  }

  next(place: Place): void {
    place.at++;
    if (place.at === this.#runs[place.run]?.times.length) this.#toNextRun(place);
  }

  /** @returns false if there is none before: the place stays as it is */
  previous(place: Place): boolean {
    if (place.at > 0) {
      place.at--;
      return true;
    }
    const before = this.#runs[place.run - 1];
    if (before === undefined) return false;
    place.run--;
    place.at = before.times.length - 1;
    return true;
  }

  /** Undefined if the place is behind the last entry. */
  timeAt({ run, at }: Place): number | undefined {
    return this.#runs[run]?.times[at];
  }

  valueAt({ run, at }: Place): V {
    return this.#runs[run]?.values[at] as V;
  }

  /** @returns false if there is an entry at this time: nothing was added */
  add(time: number, value: V): boolean {
    if (time > this.#last) this.#append(time, value);
    else if (!this.#insert(time, value)) return false;
    this.#size++;
    this.changes++;
    return true;
  }

  remove({ run: number, at }: Place): void {
    const { times, values } = this.#runs[number] as Run<V>;
    times.splice(at, 1);
    values.splice(at, 1);
    if (times.length === 0) {
      this.#runs.splice(number, 1);
      this.#firsts.splice(number, 1);
    } else if (at === 0) {
      this.#firsts[number] = times[0] as number;
    }
    this.#last = this.#runs.at(-1)?.times.at(-1) ?? -Infinity;
    this.#size--;
    this.changes++;
  }

  #toNextRun(place: Place): void {
    place.run++;
    place.at = 0;
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
    const number = Math.max(0, countUpTo(this.#firsts, time) - 1);
    const { times, values } = this.#runs[number] as Run<V>;
    const at = countBefore(times, time);
    if (times[at] === time) return false;
    insertAt(times, at, time);
    insertAt(values, at, value);
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

/** Beats `splice`, which makes an array of what it takes out. */
function insertAt<T>(array: T[], at: number, item: T): void {
  array.push(item);
  array.copyWithin(at + 1, at, array.length - 1);
  array[at] = item;
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
