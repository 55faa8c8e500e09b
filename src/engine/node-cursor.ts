/** A cursor over entries that are linked in order, while others are inserted. */
import type { Cursor, Span } from '../base/cursor.js';
import type { Kind } from '../base/entry.js';

/** No entry: before the first, and behind the last. */
export const noNode = 0;

/** So many versions of a key are stepped over before the rest is skipped by a seek. */
const stepsBeforeSeek = 8;

/** Entries by number, each with a next and a previous one. */
export interface Nodes {
  firstNode(): number;
  lastNode(): number;
  next(node: number): number;
  previous(node: number): number;
  nodeAtOrAfter(key: Buffer, timestamp: number, seq: number): number;
  nodeBefore(key: Buffer, timestamp: number, seq: number): number;
  keyOf(node: number): Buffer;
  timestampOf(node: number): number;
  seqOf(node: number): number;
  kindOf(node: number): Kind;
  expiresAtOf(node: number): number;
  valueOf(node: number): Buffer;
  locateValue(node: number, into: Span): void;
  /** True if both are of one key. */
  shareKey(a: number, b: number): boolean;
}

/** A cursor that does not see what is later than `seqMax`. */
export class NodeCursor implements Cursor {
  readonly #table: Nodes;
  readonly #seqMax: number;
  #node = noNode;
  /** The one before the last step. */
  #before = noNode;

  constructor(table: Nodes, seqMax: number) {
    this.#table = table;
    this.#seqMax = seqMax;
  }

  get valid(): boolean {
    return this.#node !== noNode;
  }

  get key(): Buffer {
    return this.#table.keyOf(this.#node);
  }

  get timestamp(): number {
    return this.#table.timestampOf(this.#node);
  }

  get seq(): number {
    return this.#table.seqOf(this.#node);
  }

  get kind(): Kind {
    return this.#table.kindOf(this.#node);
  }

  get expiresAt(): number {
    return this.#table.expiresAtOf(this.#node);
  }

  get staysOnKey(): boolean {
    return this.#table.shareKey(this.#before, this.#node);
  }

  value(): Buffer {
    return this.#table.valueOf(this.#node);
  }

  locateValue(into: Span): void {
    this.#table.locateValue(this.#node, into);
  }

  get run(): number {
    return 0;
  }

  locateRun(): void {
    throw new RangeError('entries in memory have no runs');
  }

  seek(key: Buffer, timestamp: number, seq: number): void {
    this.#forwardFrom(this.#table.nodeAtOrAfter(key, timestamp, seq));
  }

  seekBefore(key: Buffer, timestamp: number, seq: number): void {
    this.#backwardFrom(this.#table.nodeBefore(key, timestamp, seq));
  }

  first(): void {
    this.#forwardFrom(this.#table.firstNode());
  }

  last(): void {
    this.#backwardFrom(this.#table.lastNode());
  }

  nextKey(): void {
    const from = this.#node;
    for (let step = 0; step < stepsBeforeSeek; step++) {
      this.next();
      if (!this.valid || !this.#table.shareKey(from, this.#node)) return;
    }
    this.seek(this.#table.keyOf(from), -Infinity, -Infinity);
  }

  seekInKey(timestamp: number): boolean {
    const from = this.#node;
    for (let step = 0; step < stepsBeforeSeek; step++) {
      if (this.timestamp <= timestamp) return true;
      this.next();
      if (!this.valid || !this.#table.shareKey(from, this.#node)) return false;
    }
    this.seek(this.#table.keyOf(from), timestamp, Infinity);
    return this.valid && this.#table.shareKey(from, this.#node);
  }

  alone(): Cursor {
    return this;
  }

  next(): void {
    const before = this.#node;
    this.#forwardFrom(this.#table.next(before));
    this.#before = before;
  }

  previous(): void {
    const before = this.#node;
    this.#backwardFrom(this.#table.previous(before));
    this.#before = before;
  }

  #forwardFrom(start: number): void {
    let node = start;
    while (node !== noNode && this.#table.seqOf(node) > this.#seqMax) node = this.#table.next(node);
    this.#node = node;
  }

  #backwardFrom(start: number): void {
    let node = start;
    while (node !== noNode && this.#table.seqOf(node) > this.#seqMax) {
      node = this.#table.previous(node);
    }
    this.#node = node;
  }
}
