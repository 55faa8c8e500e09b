/** The in-memory structure alone. */
import { invalidArgument } from './base/errors.js';
import { shown } from './checks.js';
import { KeyIndex } from './packed/key-index.js';
import { Texts } from './packed/texts.js';
import { none, Treaps } from './packed/treaps.js';

/**
 * Strings by key and time in memory: no disk, no promises. For one's own algorithms and tests; a store
 * has everything else. Packed: a version takes some 25 bytes beside its value where a key has many,
 * some 45 beside value and key where it is the only one (docs/performance.md).
 */
export class TimeMap {
  /** With the root of its history for each. */
  readonly #keys = new KeyIndex();
  readonly #histories = new Treaps();
  /** Of keys and values. */
  #texts = new Texts();

  /**
   * Writes a value at a time; in any order of times. The same key and time again replaces.
   * @param timestamp any finite number
   * @throws ERR_TIMEKV_INVALID_ARGUMENT if it is none; RangeError where keys and values come to 4 GiB
   */
  set(key: string, value: string, timestamp: number): void {
    if (!Number.isFinite(timestamp)) {
      throw invalidArgument(`timestamp ${shown(timestamp)} is not a finite number`);
    }
    const number = this.#keys.findOrAdd(key, this.#texts);
    const root = this.#keys.own(number);
    const histories = this.#histories;
    const found = histories.lastUpTo(root, timestamp);
    if (found !== none && histories.number(found) === timestamp) {
      histories.setValue(found, this.#texts.replace(histories.value(found), value));
      if (this.#texts.isWasteful) this.#repack();
    } else {
      this.#keys.setOwn(number, histories.add(root, timestamp, this.#texts.add(value)));
    }
  }

  /** The value with the largest timestamp ≤ the given one; `''` if there is none. */
  get(key: string, timestamp: number): string {
    const number = this.#keys.find(key, this.#texts);
    if (number < 0) return '';
    const found = this.#histories.lastUpTo(this.#keys.own(number), timestamp);
    return found === none ? '' : this.#texts.get(this.#histories.value(found));
  }

  /** Values that were replaced by others of another length leave gaps. */
  #repack(): void {
    const texts = new Texts();
    this.#keys.move(this.#texts, texts);
    for (let entry = 1; entry <= this.#histories.count; entry++) {
      const value = this.#texts.get(this.#histories.value(entry));
      this.#histories.setValue(entry, texts.add(value));
    }
    this.#texts = texts;
  }
}
