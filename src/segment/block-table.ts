/**
 * The blocks of the cache by segment and offset: a hash table that is chained through the blocks
 * themselves. A Map would be made anew, whole, after every so many changes, which is garbage by the
 * megabyte in a cache that turns over.
 */
import { noBytes } from '../base/bytes.js';

/** A block that is held. A class, so that all of them have one shape: it is quicker. */
export class CachedBlock {
  segment = -1;
  offset = -1;
  /** A view into the memory of the cache. */
  bytes: Buffer = noBytes;
  /** Whether it was asked for since it was last looked at for eviction. */
  isUsed = false;
  /** The next one in its chain of the table. */
  next: CachedBlock | undefined;
}

const firstChains = 64;

function emptyChains(length: number): (CachedBlock | undefined)[] {
  return Array.from({ length });
}

export class BlockTable {
  #chains: (CachedBlock | undefined)[] = [];
  #count = 0;

  get count(): number {
    return this.#count;
  }

  get(segment: number, offset: number): CachedBlock | undefined {
    let block = this.#chains[this.#chainOf(segment, offset)];
    while (block !== undefined && (block.offset !== offset || block.segment !== segment)) {
      block = block.next;
    }
    return block;
  }

  /** @param block of a place that no other block in the table has */
  add(block: CachedBlock): void {
    if (++this.#count > this.#chains.length) this.#grow();
    this.#link(block);
  }

  /** @param block one that is in the table */
  remove(block: CachedBlock): void {
    this.#count--;
    const chain = this.#chainOf(block.segment, block.offset);
    const first = this.#chains[chain];
    if (first === block) {
      this.#chains[chain] = block.next;
    } else {
      let before = first;
      while (before !== undefined && before.next !== block) before = before.next;
      if (before !== undefined) before.next = block.next;
    }
    block.next = undefined;
  }

  #link(block: CachedBlock): void {
    const chain = this.#chainOf(block.segment, block.offset);
    block.next = this.#chains[chain];
    this.#chains[chain] = block;
  }

  #grow(): void {
    const chains = this.#chains;
    this.#chains = emptyChains(Math.max(firstChains, 2 * chains.length));
    for (const first of chains) {
      for (let block = first; block !== undefined;) {
        const following: CachedBlock | undefined = block.next;
        this.#link(block);
        block = following;
      }
    }
  }

  /** Mixes as MurmurHash3's finaliser does (A. Appleby, public domain). */
  #chainOf(segment: number, offset: number): number {
    let hash = Math.imul(segment, 0x9e3779b1) ^ offset ^ Math.floor(offset / 2 ** 32);
    hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
    hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
    return (hash ^ (hash >>> 16)) & (this.#chains.length - 1);
  }
}
