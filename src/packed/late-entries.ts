/** Entries that came out of order, and wait to be put in their places: nobody has asked for an order yet. */
import { TimeSet } from './time-set.js';
import type { Run, Timed } from './timed.js';

interface Waiting<V> {
  /** By place, as they came. */
  times: number[];
  values: V[];
  earliestTime: number;
  latestTime: number;
  /** True if all times are whole numbers. */
  areWhole: boolean;
}

function nobody<V>(): Waiting<V> {
  return {
    times: [],
    values: [],
    earliestTime: Infinity,
    latestTime: -Infinity,
    areWhole: true,
  };
}

export class LateEntries<V> {
  /** Of all entries that there are; of these with their places. */
  readonly #known = new TimeSet();
  #waiting = nobody<V>();

  /** @param runs those that are in their places */
  constructor(runs: readonly Run<V>[]) {
    for (const { times } of runs) for (const time of times) this.note(time);
  }

  get size(): number {
    return this.#waiting.times.length;
  }

  /** Infinity if there is none. */
  get earliestTime(): number {
    return this.#waiting.earliestTime;
  }

  get earliest(): Timed<V> {
    const { earliestTime, values } = this.#waiting;
    return { timestamp: earliestTime, value: values[this.#known.placeOf(earliestTime)] as V };
  }

  /** Of an entry in its place: its time is taken. */
  note(time: number): void {
    this.#known.add(time, 0);
  }

  /** The opposite: nothing is there any more. */
  forget(time: number): void {
    this.#known.delete(time);
  }

  /** @returns false if the time is taken */
  add(time: number, value: V): boolean {
    const waiting = this.#waiting;
    if (!this.#known.add(time, waiting.times.length)) return false;
    if (time < waiting.earliestTime) waiting.earliestTime = time;
    if (time > waiting.latestTime) waiting.latestTime = time;
    if (!Number.isInteger(time)) waiting.areWhole = false;
    waiting.times.push(time);
    waiting.values.push(value);
    return true;
  }

  /** Hands all of them out, in order; their times stay taken. */
  take(): { times: Float64Array; values: V[] } {
    const times = new Float64Array(this.#waiting.times);
    const values = this.#fitTogether() ? this.#sortTogether(times) : this.#sortTimes(times);
    this.#waiting = nobody();
    return { times, values };
  }

  /** True if a time and a place fit into the whole numbers that a float64 holds. */
  #fitTogether(): boolean {
    const { earliestTime, latestTime, areWhole } = this.#waiting;
    const span = latestTime - earliestTime + 1;
    return areWhole && span * this.#places <= 2 ** 53;
  }

  /** A power of two, more than the last place. */
  get #places(): number {
    return 2 ** Math.ceil(Math.log2(this.size));
  }

  /**
   * V8 sorts plain numbers several times as fast as it calls a function: a time with its place is one.
   * @returns the values of the times, which are sorted
   */
  #sortTogether(times: Float64Array): V[] {
    const { earliestTime: first, values: own } = this.#waiting;
    const places = this.#places;
    for (let place = 0; place < times.length; place++) {
      times[place] = ((times[place] as number) - first) * places + place;
    }
    times.sort();
    const values: V[] = [];
    for (let at = 0; at < times.length; at++) {
      const both = times[at] as number;
      const behind = Math.floor(both / places);
      times[at] = first + behind;
      values.push(own[both - behind * places] as V);
    }
    return values;
  }

  /** Where they do not fit, each place is looked up. */
  #sortTimes(times: Float64Array): V[] {
    times.sort();
    const { values: own } = this.#waiting;
    const values: V[] = [];
    for (let at = 0; at < times.length; at++) {
      values.push(own[this.#known.placeOf(times[at] as number)] as V);
    }
    return values;
  }
}
