/**
 * The upper levels of a skip list: of every fourth node a tower, by which a search goes over many
 * others. (W. Pugh, "Skip lists: a probabilistic alternative to balanced trees", 1990.)
 */
import { RandomHeights } from './random-heights.js';

/** Levels, that of the nodes included. */
export const levelsMax = 12;
/** Where every level begins, and behind the last tower of each. */
export const headTower = 0;
/** A power of two. */
const firstWords = 64;

export class Towers {
  /**
   * A tower is known by the place where it lies here: its node, then on each level from 1 the next
   * tower. That of the head comes first.
   */
  #words = new Uint32Array(0);
  #used = levelsMax;
  #levels = 1;
  readonly #heights = new RandomHeights(levelsMax);

  /** How many there are so far, that of the nodes included. */
  get levels(): number {
    return this.#levels;
  }

  /** Where the next one will lie. */
  get end(): number {
    return this.#used;
  }

  get memoryBytes(): number {
    return this.#words.byteLength;
  }

  /** The node that it stands on; that of the head is 0. */
  nodeOf(tower: number): number {
    return this.#words[tower] ?? headTower;
  }

  /** The next tower on a level. */
  next(tower: number, level: number): number {
    return this.#words[tower + level] ?? headTower;
  }

  /** On how many levels the next node is to be: 1, where it has no tower. */
  drawHeight(): number {
    return this.#heights.draw();
  }

  /** @param path by level the last tower before it; those of new levels are added */
  add(node: number, height: number, path: Uint32Array): void {
    for (; this.#levels < height; this.#levels++) path[this.#levels] = headTower;
    const tower = this.#used;
    this.#used += height;
    while (this.#used > this.#words.length) this.#grow();
    const words = this.#words;
    words[tower] = node;
    for (let level = 1; level < height; level++) {
      const before = (path[level] ?? headTower) + level;
      words[tower + level] = words[before] ?? headTower;
      words[before] = tower;
    }
  }

  /** Forgets all, and keeps the memory. */
  clear(): void {
    this.#words.fill(headTower, 0, levelsMax);
    this.#used = levelsMax;
    this.#levels = 1;
  }

  #grow(): void {
    const grown = new Uint32Array(Math.max(firstWords, this.#words.length * 2));
    grown.set(this.#words);
    this.#words = grown;
  }
}
