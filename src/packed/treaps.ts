/**
 * Many small sorted maps from a number to a number of 32 bits, in one piece of memory: treaps (C. Aragon,
 * R. Seidel, "Randomized search trees", 1989). Each takes 20 bytes an entry and nothing beside, however
 * it came to be. An entry's priority is made of its number, so it is not kept.
 */
import { mix32 } from '../base/mix.js';
import { Rows } from './rows.js';

/** In place of an entry. Entries are numbered from 1. */
export const none = 0;

// Of a row. A number of 64 bits is two of them.
const lowAt = 0;
const highAt = 1;
const valueAt = 2;
const leftAt = 3;
const rightAt = 4;

const float = new Float64Array(1);
const halves = new Uint32Array(float.buffer);

export class Treaps {
  readonly #rows = new Rows(5);
  #count = 0;

  constructor() {
    this.#rows.set(none, valueAt, 0);
  }

  get count(): number {
    return this.#count;
  }

  value(entry: number): number {
    return this.#rows.get(entry, valueAt);
  }

  setValue(entry: number, value: number): void {
    this.#rows.set(entry, valueAt, value);
  }

  number(entry: number): number {
    halves[0] = this.#rows.get(entry, lowAt);
    halves[1] = this.#rows.get(entry, highAt);
    return float[0] as number;
  }

  /** The entry with the greatest number up to a limit; `none` if there is none. */
  lastUpTo(root: number, limit: number): number {
    let found = none;
    for (let entry = root; entry !== none;) {
      const isUpTo = this.number(entry) <= limit;
      if (isUpTo) found = entry;
      entry = this.#rows.get(entry, isUpTo ? rightAt : leftAt);
    }
    return found;
  }

  /** Adds an entry with a number that the map does not have; answers its root from then on. */
  add(root: number, number: number, value: number): number {
    const entry = ++this.#count;
    float[0] = number;
    this.#rows.set(entry, lowAt, halves[0] as number);
    this.#rows.set(entry, highAt, halves[1] as number);
    this.#rows.set(entry, valueAt, value);
    // No two are the same.
    const priority = mix32(entry);
    let parent = none;
    let side = leftAt;
    let below = root;
    while (below !== none && mix32(below) >= priority) {
      parent = below;
      side = this.number(below) < number ? rightAt : leftAt;
      below = this.#rows.get(below, side);
    }
    this.#split(below, number, entry);
    if (parent === none) return entry;
    this.#rows.set(parent, side, entry);
    return root;
  }

  /** What is below an entry to be: less than the number to its left, more to its right. */
  #split(root: number, number: number, entry: number): void {
    // Where the next one of either side is hung, and on which side of that.
    let [left, leftSide] = [entry, leftAt];
    let [right, rightSide] = [entry, rightAt];
    let rest = root;
    while (rest !== none) {
      if (this.number(rest) < number) {
        this.#rows.set(left, leftSide, rest);
        [left, leftSide] = [rest, rightAt];
        rest = this.#rows.get(rest, rightAt);
      } else {
        this.#rows.set(right, rightSide, rest);
        [right, rightSide] = [rest, leftAt];
        rest = this.#rows.get(rest, leftAt);
      }
    }
    this.#rows.set(left, leftSide, none);
    this.#rows.set(right, rightSide, none);
  }
}
