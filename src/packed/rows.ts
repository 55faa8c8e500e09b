import { growing } from './growing.js';

const pageBits = 13;
const pageRows = 2 ** pageBits;
const firstRows = 16;

/**
 * Rows of numbers of 32 bits, by number from 0: in pages, which stay where they are, so that growing
 * copies nothing but the first one. A row that was never written is zeros.
 */
export class Rows {
  readonly #words: number;
  readonly #pages: Uint32Array[] = [];

  /** @param words how many numbers a row has */
  constructor(words: number) {
    this.#words = words;
  }

  get(row: number, word: number): number {
    const page = this.#pages[row >>> pageBits] as Uint32Array;
    return page[(row & (pageRows - 1)) * this.#words + word] as number;
  }

  /** Grows as far as the row, if it is behind all others by one at most. */
  set(row: number, word: number, value: number): void {
    const number = row >>> pageBits;
    const at = (row & (pageRows - 1)) * this.#words + word;
    let page = this.#pages[number];
    if (page === undefined || at >= page.length) page = this.#grow(number, row & (pageRows - 1));
    page[at] = value;
  }

  #grow(number: number, row: number): Uint32Array {
    const before = this.#pages[number];
    const rows = number === 0 ? growing(firstRows, row + 1) : pageRows;
    const grown = new Uint32Array(rows * this.#words);
    if (before !== undefined) grown.set(before);
    this.#pages[number] = grown;
    return grown;
  }
}
