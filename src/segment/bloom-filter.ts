/**
 * A bloom filter over keys (never timestamps), in blocks of at most 4 KiB that each cover a run of
 * neighbouring keys. A key touches a single 64-byte line of one block: `probes` of its 512 bits.
 */
import type { Span } from '../base/cursor.js';
import { filterBitsPerKey, KiB } from '../base/limits.js';
import { mix32 } from '../base/mix.js';
import { uintAt } from './byte-reader.js';

const lineBytes = 64;
const lineBits = 8 * lineBytes;
const filterBlockBytes = 4 * KiB;
/** So many keys fill a filter block. */
const filterBlockKeys = Math.floor((8 * filterBlockBytes) / filterBitsPerKey);
/** For 10 bits a key in lines of 512 bits, 6 gives the fewest false positives. */
const probes = 6;

/** MurmurHash3 (x86, 32 bits, seed 0). Persisted: the filters of every segment depend on it. */
export function hashKey(key: Buffer): number {
  const length = key.length;
  const tail = length & ~3;
  let hash = 0;
  for (let i = 0; i < tail; i += 4) {
    hash ^= scramble(uintAt(key, i, 4));
    hash = Math.imul((hash << 13) | (hash >>> 19), 5) + 0xe6546b64;
  }
  if (tail < length) {
    hash ^= scramble(uintAt(key, tail, length - tail));
  }
  return mix32(hash ^ length);
}

function scramble(word: number): number {
  const mixed = Math.imul(word, 0xcc9e2d51);
  return Math.imul((mixed << 15) | (mixed >>> 17), 0x1b873593);
}

/** Where the line of a hash begins in a block of so many bytes. */
function lineStart(hash: number, blockBytes: number): number {
  return Math.floor((hash * (blockBytes / lineBytes)) / 2 ** 32) * lineBytes;
}

/** The bits come from a second mixing, so that they do not depend on the choice of the line. */
function firstBits(hash: number): number {
  return Math.imul(hash, 0x9e3779b1);
}

function nextBits(bits: number): number {
  return Math.imul(bits, 0x9e3779b1);
}

/** False if a key with this hash is surely not among those that the filter block was built from. */
export function mayContain(block: Span, hash: number): boolean {
  const { bytes, start } = block;
  const line = start + lineStart(hash, block.length);
  let bits = firstBits(hash);
  for (let i = 0; i < probes; i++) {
    const bit = bits >>> 23;
    if (((bytes[line + (bit >>> 3)] as number) & (1 << (bit & 7))) === 0) return false;
    bits = nextBits(bits);
  }
  return true;
}

/** True if a filter block can have this size. */
export function isFilterSize(bytes: number): boolean {
  return bytes > 0 && bytes <= filterBlockBytes && bytes % lineBytes === 0;
}

/** Collects the keys of one filter block. */
export class FilterBlockBuilder {
  readonly #hashes = new Uint32Array(filterBlockKeys);
  #count = 0;

  get isEmpty(): boolean {
    return this.#count === 0;
  }

  get isFull(): boolean {
    return this.#count === filterBlockKeys;
  }

  add(key: Buffer): void {
    this.#hashes[this.#count++] = hashKey(key);
  }

  /** The finished filter block. Empties the builder. */
  finish(): Buffer {
    const lines = Math.ceil((this.#count * filterBitsPerKey) / lineBits);
    const block = Buffer.alloc(lines * lineBytes);
    for (let key = 0; key < this.#count; key++) {
      const hash = this.#hashes[key] as number;
      const line = lineStart(hash, block.length);
      let bits = firstBits(hash);
      for (let i = 0; i < probes; i++) {
        const bit = bits >>> 23;
        const at = line + (bit >>> 3);
        block[at] = (block[at] as number) | (1 << (bit & 7));
        bits = nextBits(bits);
      }
    }
    this.#count = 0;
    return block;
  }
}
