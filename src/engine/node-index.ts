/**
 * Where the versions of each key begin in a memtable: a hash table with open addressing and linear
 * probing (D. Knuth, "The Art of Computer Programming" 3, 6.4, algorithm L) in one typed array. Keys are
 * only ever added.
 */
import { mix32 } from '../base/mix.js';
import { noNode } from './node-cursor.js';

/** Entries by number, linked in their order. */
export interface Indexed {
  /** What the key of an entry lies in. */
  keyMemory(node: number): Uint8Array;
  keyStart(node: number): number;
  keyLength(node: number): number;
  /** Of two entries of one key: the latest comes first. */
  compareVersions(a: number, b: number): number;
  firstNode(): number;
  next(node: number): number;
  /** True if both are of one key. */
  shareKey(a: number, b: number): boolean;
}

/** A slot is the hash of a key and its first node; an empty one has none. */
const slotWords = 2;
const hashAt = 0;
const nodeAt = 1;
/** A power of two. */
const firstSlots = 64;
/** Far more than ever come in a row, unless somebody has looked for keys whose hashes are the same. */
const probesMax = 1024;

export class NodeIndex {
  readonly #of: Indexed;
  #words = new Uint32Array(firstSlots * slotWords);
  #count = 0;
  #isGivenUp = false;
  /** The hash that was looked for last, and the word where its slot begins. */
  #hash = 0;
  #slot = 0;

  private constructor(of: Indexed) {
    this.#of = of;
  }

  /** Of all entries that there are; those that come later are to be added. */
  static of(nodes: Indexed): NodeIndex {
    const index = new NodeIndex(nodes);
    let last = noNode;
    for (let node = nodes.firstNode(); node !== noNode; node = nodes.next(node)) {
      if (last === noNode || !nodes.shareKey(last, node)) index.add(node);
      last = node;
    }
    return index;
  }

  get memoryBytes(): number {
    return this.#words.byteLength;
  }

  /**
   * @returns the first node of the key in `memory` from `start` on; none: there is none; undefined: it
   *   would take too long, and so it would from now on
   */
  find(memory: Uint8Array, start: number, length: number): number | undefined {
    if (this.#isGivenUp) return undefined;
    const hash = hashOf(memory, start, length);
    const words = this.#words;
    const last = words.length - slotWords;
    let slot = (hash * slotWords) & last;
    this.#hash = hash;
    for (let probes = 0; probes < probesMax; probes++) {
      const node = words[slot + nodeAt] as number;
      if (
        node === noNode ||
        (words[slot + hashAt] === hash && this.#isKeyOf(node, memory, start, length))
      ) {
        this.#slot = slot;
        return node;
      }
      slot = (slot + slotWords) & last;
    }
    this.#isGivenUp = true;
    return undefined;
  }

  /** @returns what comes right behind it, where it is the latest version of a key that was known; or none */
  add(node: number): number {
    const of = this.#of;
    const first = this.find(of.keyMemory(node), of.keyStart(node), of.keyLength(node));
    if (first === undefined) return noNode;
    if (first !== noNode && of.compareVersions(node, first) > 0) return noNode;
    this.#set(node);
    return first;
  }

  /** Of the key that was looked for last, and found or not: this is its first node from now on. */
  #set(node: number): void {
    const words = this.#words;
    const isNew = words[this.#slot + nodeAt] === noNode;
    words[this.#slot + hashAt] = this.#hash;
    words[this.#slot + nodeAt] = node;
    if (isNew && ++this.#count * slotWords * 4 > words.length * 3) this.#grow();
  }

  /** Its end is looked at first: keys that are alike mostly begin alike. */
  #isKeyOf(node: number, memory: Uint8Array, start: number, length: number): boolean {
    const of = this.#of;
    if (of.keyLength(node) !== length) return false;
    const own = of.keyMemory(node);
    const ownStart = of.keyStart(node);
    let at = length - 1;
    while (at >= 0 && own[ownStart + at] === memory[start + at]) at--;
    return at < 0;
  }

  #grow(): void {
    const words = this.#words;
    const grown = new Uint32Array(words.length * 2);
    const last = grown.length - slotWords;
    for (let from = 0; from < words.length; from += slotWords) {
      const node = words[from + nodeAt] as number;
      if (node === noNode) continue;
      const hash = words[from + hashAt] as number;
      let slot = (hash * slotWords) & last;
      while (grown[slot + nodeAt] !== noNode) slot = (slot + slotWords) & last;
      grown[slot + hashAt] = hash;
      grown[slot + nodeAt] = node;
    }
    this.#words = grown;
  }
}

/** 32 bits: FNV-1a (G. Fowler, L. C. Noll, K.-P. Vo), mixed once more, since low bits count. */
export function hashOf(memory: Uint8Array, start: number, length: number): number {
  let hash = 0x811c9dc5;
  for (let at = start; at < start + length; at++) {
    hash = Math.imul(hash ^ (memory[at] as number), 0x01000193);
  }
  return mix32(hash);
}
