/**
 * The entries of a memtable that were put in order for a flush: a row of numbers instead of links
 * between them, since nothing is added any more.
 */
import type { Cursor, Span } from '../base/cursor.js';
import type { Kind } from '../base/entry.js';
import { NodeCursor, noNode, type Nodes } from './node-cursor.js';

/** What has entries by number, and compares them with places. */
export interface Unordered extends Omit<
  Nodes,
  'firstNode' | 'lastNode' | 'next' | 'previous' | 'nodeAtOrAfter' | 'nodeBefore'
> {
  /** Negative if the entry comes before the place. */
  compareToPlace(node: number, key: Buffer, timestamp: number, seq: number): number;
}

/** Numbers entries by their rank, from 1. */
export class SortedNodes implements Nodes {
  readonly #of: Unordered;
  readonly #order: Uint32Array;

  private constructor(of: Unordered, order: Uint32Array) {
    this.#of = of;
    this.#order = order;
  }

  /** @param order the numbers of the entries, sorted */
  static cursor(of: Unordered, order: Uint32Array): Cursor {
    return new NodeCursor(new SortedNodes(of, order), Infinity);
  }

  firstNode(): number {
    return this.#order.length === 0 ? noNode : 1;
  }

  lastNode(): number {
    return this.#order.length;
  }

  next(rank: number): number {
    return rank < this.#order.length ? rank + 1 : noNode;
  }

  previous(rank: number): number {
    return rank - 1;
  }

  nodeAtOrAfter(key: Buffer, timestamp: number, seq: number): number {
    return this.next(this.nodeBefore(key, timestamp, seq));
  }

  nodeBefore(key: Buffer, timestamp: number, seq: number): number {
    let low = 0;
    let high = this.#order.length;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if (this.#of.compareToPlace(this.#at(middle), key, timestamp, seq) < 0) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  keyOf(rank: number): Buffer {
    return this.#of.keyOf(this.#at(rank));
  }

  timestampOf(rank: number): number {
    return this.#of.timestampOf(this.#at(rank));
  }

  seqOf(rank: number): number {
    return this.#of.seqOf(this.#at(rank));
  }

  kindOf(rank: number): Kind {
    return this.#of.kindOf(this.#at(rank));
  }

  expiresAtOf(rank: number): number {
    return this.#of.expiresAtOf(this.#at(rank));
  }

  valueOf(rank: number): Buffer {
    return this.#of.valueOf(this.#at(rank));
  }

  locateValue(rank: number, into: Span): void {
    this.#of.locateValue(this.#at(rank), into);
  }

  shareKey(a: number, b: number): boolean {
    return this.#of.shareKey(this.#at(a), this.#at(b));
  }

  #at(rank: number): number {
    return this.#order[rank - 1] as number;
  }
}
