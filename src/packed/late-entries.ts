/** Entries that came out of order, and wait to be put in their places: nobody has asked for an order yet. */
import { TimeSet } from './time-set.js';
import type { Run, Timed } from './timed.js';

export class LateEntries<V> {
  /** Of all entries that there are; of these with their places. */
  readonly #known = new TimeSet();
  #times: number[] = [];
  #values: V[] = [];
  #earliestTime = Infinity;
  #latestTime = -Infinity;
  #areWhole = true;

  /** @param runs those that are in their places */
  constructor(runs: readonly Run<V>[]) {
    for (const { times } of runs) for (const time of times) this.note(time);
  }

  get size(): number {
    return this.#times.length;
  }

  /** Infinity if there is none. */
  get earliestTime(): number {
    return this.#earliestTime;
  }

  get earliest(): Timed<V> {
    const place = this.#known.placeOf(this.#earliestTime);
    return { timestamp: this.#earliestTime, value: this.#values[place] as V };
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
    const place = this.#times.length;
    if (!this.#known.add(time, place)) return false;
    if (time < this.#earliestTime) this.#earliestTime = time;
    if (time > this.#latestTime) this.#latestTime = time;
    if (!Number.isInteger(time)) this.#areWhole = false;
    this.#times.push(time);
    this.#values.push(value);
    return true;
  }

  /** Hands all of them out, in order; their times stay taken. */
  take(): { times: Float64Array; values: V[] } {
    const times = new Float64Array(this.#times);
    const values = this.#fitTogether() ? this.#sortTogether(times) : this.#sortTimes(times);
    this.#times = [];
    this.#values = [];
    this.#earliestTime = Infinity;
    this.#latestTime = -Infinity;
    this.#areWhole = true;
    return { times, values };
  }

  /** True if a time and a place fit into the whole numbers that a float64 holds. */
  #fitTogether(): boolean {
    const span = this.#latestTime - this.#earliestTime + 1;
    return this.#areWhole && span * this.#places <= 2 ** 53;
  }

  /** A power of two, more than the last place. */
  get #places(): number {
    return 2 ** Math.ceil(Math.log2(this.#times.length));
  }

  /**
   * V8 sorts plain numbers several times as fast as it calls a function: a time with its place is one.
   * @returns the values of the times, which are sorted
   */
  #sortTogether(times: Float64Array): V[] {
    const first = this.#earliestTime;
    const places = this.#places;
    for (let place = 0; place < times.length; place++) {
      times[place] = ((times[place] as number) - first) * places + place;
    }
    times.sort();
    const own = this.#values;
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
    const own = this.#values;
    const values: V[] = [];
    for (let at = 0; at < times.length; at++) {
      values.push(own[this.#known.placeOf(times[at] as number)] as V);
    }
    return values;
  }
}
