/**
 * Keys by number, from 0, with a number of 32 bits that belongs to each: a hash table with open
 * addressing and linear probing (D. E. Knuth, "The Art of Computer Programming" 3, 6.4, algorithm L).
 */
import { mix32 } from '../base/mix.js';
import { Rows } from './rows.js';
import type { Texts } from './texts.js';

const firstSlots = 16;
/** No more of the slots are taken. */
const fullest = 3 / 4;

// Of a row.
const hashAt = 0;
const textAt = 1;
const ownAt = 2;

export class KeyIndex {
  /** By slot: the number of a key, and 1; 0: none. */
  #slots = new Uint32Array(firstSlots);
  readonly #rows = new Rows(3);
  #count = 0;

  /** The number of a key; −1: it has none. */
  find(key: string, texts: Texts): number {
    const slot = this.#slotOf(key, hashOf(key), texts);
    return (this.#slots[slot] as number) - 1;
  }

  /** The same, and it has one from now on. */
  findOrAdd(key: string, texts: Texts): number {
    const hash = hashOf(key);
    const slot = this.#slotOf(key, hash, texts);
    const found = this.#slots[slot] as number;
    if (found > 0) return found - 1;
    const number = this.#count++;
    this.#rows.set(number, hashAt, hash);
    this.#rows.set(number, textAt, texts.add(key));
    this.#slots[slot] = number + 1;
    if (this.#count > fullest * this.#slots.length) this.#grow();
    return number;
  }

  /** What belongs to a key; 0 at first. */
  own(number: number): number {
    return this.#rows.get(number, ownAt);
  }

  setOwn(number: number, own: number): void {
    this.#rows.set(number, ownAt, own);
  }

  /** Takes the keys along to other texts. */
  move(from: Texts, to: Texts): void {
    for (let number = 0; number < this.#count; number++) {
      const text = from.get(this.#rows.get(number, textAt));
      this.#rows.set(number, textAt, to.add(text));
    }
  }

  /** That of the key, or the free one where it belongs. */
  #slotOf(key: string, hash: number, texts: Texts): number {
    const slots = this.#slots;
    const mask = slots.length - 1;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const number = (slots[slot] as number) - 1;
      if (number < 0) return slot;
      if (this.#rows.get(number, hashAt) !== hash) continue;
      if (texts.holds(this.#rows.get(number, textAt), key)) return slot;
    }
  }

  #grow(): void {
    const slots = new Uint32Array(2 * this.#slots.length);
    const mask = slots.length - 1;
    for (let number = 0; number < this.#count; number++) {
      let slot = this.#rows.get(number, hashAt) & mask;
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = number + 1;
    }
    this.#slots = slots;
  }
}

/** FNV-1a (G. Fowler, L. C. Noll, K.-P. Vo) over the characters, mixed once more for its low bits. */
function hashOf(key: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < key.length; at++) {
    hash = Math.imul(hash ^ key.charCodeAt(at), 0x01000193);
  }
  return mix32(hash);
}
