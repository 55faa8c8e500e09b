/**
 * What the cache knows of its blocks: a row of numbers for each, found by segment and offset through
 * a hash table that is chained from row to row. Objects would be garbage by the megabyte in a cache
 * that turns over, and to look at one costs a reach into far memory more.
 */
import { mix32 } from '../base/mix.js';

/** In place of a block's number, where there is none. */
export const noBlock = -1;

const firstRows = 64;
/** A row: the offset in the file as a float64, then six numbers of 32 bits. */
export const rowBytes = 32;
const floats = rowBytes / 8;
const words = rowBytes / 4;
/** The segment's number; `noBlock` in a row that stands for none. */
const segmentAt = 2;
/** Where the block lies: in which chunk of memory, from where on, how many bytes. */
const chunkAt = 3;
const startAt = 4;
const lengthAt = 5;
/** The next block in its chain; of a row that stands for none, the next one of those. */
const nextAt = 6;
/** Whether it was asked for since it was last looked at for eviction. */
const usedAt = 7;

export class BlockTable {
  #floats = new Float64Array(0);
  #words = new Int32Array(0);
  #chains = new Int32Array(0);
  /** Rows that were ever taken. */
  #rows = 0;
  #spare = noBlock;
  #count = 0;

  get count(): number {
    return this.#count;
  }

  get(segment: number, offset: number): number {
    let block = this.#chains[this.#chainOf(segment, offset)] ?? noBlock;
    while (block !== noBlock && !this.isAt(block, segment, offset)) block = this.#next(block);
    return block;
  }

  /** True if a number, which may be one of long ago, is that of the block at this place. */
  isAt(block: number, segment: number, offset: number): boolean {
    return (
      this.#words[block * words + segmentAt] === segment && this.#floats[block * floats] === offset
    );
  }

  /** A number for a block of a place that no other one in the table has. */
  add(segment: number, offset: number): number {
    if (++this.#count > this.#chains.length) this.#growChains();
    const block = this.#row();
    this.#floats[block * floats] = offset;
    this.#words[block * words + segmentAt] = segment;
    this.#words[block * words + usedAt] = 0;
    this.#link(block);
    return block;
  }

  /** Says where the bytes of a block are. */
  place(block: number, chunk: number, start: number, length: number): void {
    const row = block * words;
    this.#words[row + chunkAt] = chunk;
    this.#words[row + startAt] = start;
    this.#words[row + lengthAt] = length;
  }

  /** Takes a block out. Its number may be given to another one. */
  remove(block: number): void {
    this.#count--;
    const chain = this.#chainOf(this.segment(block), this.#floats[block * floats] as number);
    let before = noBlock;
    for (let at = this.#chains[chain] as number; at !== block; at = this.#next(at)) before = at;
    if (before === noBlock) this.#chains[chain] = this.#next(block);
    else this.#words[before * words + nextAt] = this.#next(block);
    this.#words[block * words + segmentAt] = noBlock;
    this.#words[block * words + nextAt] = this.#spare;
    this.#spare = block;
  }

  segment(block: number): number {
    return this.#words[block * words + segmentAt] as number;
  }

  chunk(block: number): number {
    return this.#words[block * words + chunkAt] as number;
  }

  start(block: number): number {
    return this.#words[block * words + startAt] as number;
  }

  length(block: number): number {
    return this.#words[block * words + lengthAt] as number;
  }

  isUsed(block: number): boolean {
    return this.#words[block * words + usedAt] === 1;
  }

  setUsed(block: number, isUsed: boolean): void {
    this.#words[block * words + usedAt] = isUsed ? 1 : 0;
  }

  #next(block: number): number {
    return this.#words[block * words + nextAt] as number;
  }

  #row(): number {
    const spare = this.#spare;
    if (spare !== noBlock) {
      this.#spare = this.#next(spare);
      return spare;
    }
    if (this.#rows * words === this.#words.length) {
      const rows = new ArrayBuffer(Math.max(firstRows * rowBytes, 2 * this.#words.byteLength));
      const grown = new Int32Array(rows);
      grown.set(this.#words);
      this.#words = grown;
      this.#floats = new Float64Array(rows);
    }
    return this.#rows++;
  }

  #link(block: number): void {
    const chain = this.#chainOf(this.segment(block), this.#floats[block * floats] as number);
    this.#words[block * words + nextAt] = this.#chains[chain] as number;
    this.#chains[chain] = block;
  }

  #growChains(): void {
    this.#chains = new Int32Array(Math.max(firstRows, 2 * this.#chains.length)).fill(noBlock);
    for (let block = 0; block < this.#rows; block++) {
      if (this.segment(block) !== noBlock) this.#link(block);
    }
  }

  #chainOf(segment: number, offset: number): number {
    const both = Math.imul(segment, 0x9e3779b1) ^ offset ^ Math.floor(offset / 2 ** 32);
    return mix32(both) & (this.#chains.length - 1);
  }
}
