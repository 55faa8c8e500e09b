/**
 * The entries of one WAL file, sorted: a skip list in typed arrays, over an arena with copies of the
 * frames' payloads, in which keys and values stay as they are. Entries are only ever added, so a cursor
 * holds its place while others are inserted; a cursor made for a seq does not see what is later than that.
 */
import type { Cursor, Found, Span } from '../base/cursor.js';
import { noBytes } from '../base/bytes.js';
import { compareVersions, type Entry, isKind, Kind } from '../base/entry.js';
import {
  recordExpiresAt,
  recordKeyBytes,
  recordKeyOffset,
  RecordReader,
  recordTimestamp,
  recordValueBytes,
} from '../wal/record.js';
import { Arena } from './arena.js';
import { FoundInMemory } from './found-in-memory.js';
import { type Indexed, NodeIndex } from './node-index.js';
import { NodeCursor, noNode as none, type Nodes } from './node-cursor.js';
import { type Ordered, sortNodes } from './node-order.js';
import { TableTraits } from './table-traits.js';
import { SeqRuns } from './seq-runs.js';
import { SortedNodes, type Unordered } from './sorted-nodes.js';
import { headTower, levelsMax, Towers } from './towers.js';

/**
 * A power of two; room for few, since most stores that are opened for one answer have no more. (An
 * empty one, as each new log has, takes nothing: reading behind the end of an array is no link.)
 */
const firstNodes = 64;
const head = 0; // Node 0 holds the start of every list and no entry.

/**
 * A node is one row of numbers of 32 bits; all else of an entry stands in its record, which begins
 * right before the key that is looked at anyway.
 */
const rowWords = 4;
/** The chunk of the arena that the record lies in, and where. */
const chunkAt = 0;
const recordAt = 1;
/** The entries next to it in order. */
const nextAt = 2;
const backAt = 3;
/** So many versions of a key are stepped over before a search is quicker. */
const stepsMax = 8;

export class Memtable implements Nodes, Ordered, Unordered, Indexed {
  readonly #arena = new Arena();
  #nodes = 1;
  #rows = new Uint32Array(0);
  readonly #towers = new Towers();
  /** Made by the first lookup, mostly: many tables are only ever filled and written. */
  #index: NodeIndex | undefined;
  readonly #seqs = new SeqRuns();
  #userBytes = 0;
  #minTimestamp = Infinity;
  readonly #reader = new RecordReader();
  /** Where the last seek went down: a node on level 0, towers above. */
  readonly #path = new Uint32Array(levelsMax);
  #isGathering = false;
  /** What some entries are beside versions. */
  readonly traits = new TableTraits(() => new Memtable());

  /** @param isIndexed keys are found by their hashes from the start, and not from the first lookup on */
  constructor(isIndexed = false) {
    if (isIndexed) this.#index = NodeIndex.of(this);
  }

  get entries(): number {
    return this.#nodes - 1;
  }

  /** Bytes of keys and values. */
  get userBytes(): number {
    return this.#userBytes;
  }

  /** What this table takes of the memory tier, in bytes. */
  get memoryBytes(): number {
    const expiries = this.traits.expiries?.memoryBytes ?? 0;
    const index = this.#index?.memoryBytes ?? 0;
    return this.#arena.bytes + this.#rows.byteLength + this.#towers.memoryBytes + index + expiries;
  }

  /** Adds every record of a frame's payload; the first has seq `firstSeq`. Copies the payload. */
  addFrame(payload: Buffer, firstSeq: number): void {
    const { chunk, bytes, start } = this.#arena.copy(payload);
    const reader = this.#reader;
    reader.reset(bytes.subarray(0, start + payload.length), start);
    this.#seqs.begin(this.#nodes, firstSeq);
    for (let seq = firstSeq; reader.next(); seq++) {
      this.#insert(chunk, bytes, seq);
      if (reader.kind !== Kind.value || reader.expires) this.traits.note(reader, seq);
    }
    reader.reset(noBytes, 0);
  }

  /** From now on frames are only taken, to be put in order all at once: nothing is read before. */
  gather(): void {
    this.#isGathering = true;
    this.traits.gather();
  }

  /** Puts in order what was gathered; yields where others may have a turn. */
  *sorting(): Generator<undefined> {
    const nodes = yield* this.#sorted();
    this.#unlink();
    const last = this.#path.fill(head);
    for (const node of nodes) {
      const tower = this.#towers.end;
      const height = this.#towers.drawHeight();
      this.#linkIn(node, height, none);
      last[0] = node;
      last.fill(tower, 1, height);
    }
    this.#isGathering = false;
    yield* this.traits.sorting();
  }

  sortNow(): void {
    for (const _ of this.sorting());
  }

  /** The same for a flush, which goes through all once and adds nothing: without any links. */
  *sortedCursor(): Generator<undefined, Cursor> {
    return SortedNodes.cursor(this, yield* this.#sorted());
  }

  *#sorted(): Generator<undefined, Uint32Array> {
    const nodes = new Uint32Array(this.entries);
    for (let at = 0; at < nodes.length; at++) nodes[at] = at + 1;
    yield* sortNodes(nodes, this);
    return nodes;
  }

  /** Empties the table and keeps its memory for the next use. No cursor may be in it any more. */
  clear(): void {
    this.#unlink();
    this.#nodes = 1;
    this.#isGathering = false;
    this.#seqs.clear();
    this.#userBytes = 0;
    this.#minTimestamp = Infinity;
    this.#arena.clear();
    this.traits.clear();
  }

  #unlink(): void {
    this.#rows.fill(none, 0, rowWords);
    this.#towers.clear();
    this.#index = undefined;
  }

  /** The first entry at or after (key, timestamp) of this key, of those with seq ≤ `seqMax`. */
  find(key: Buffer, timestamp: number, seqMax: number): Found | undefined {
    if (timestamp < this.#minTimestamp) return undefined;
    const node = this.#findNode(key, timestamp, seqMax);
    if (node === none) return undefined;
    const start = this.keyStart(node) + this.keyLength(node);
    const found = {
      timestamp: this.timestampOf(node),
      seq: this.seqOf(node),
      kind: this.kindOf(node),
      expiresAt: this.expiresAtOf(node),
    };
    const end = start + this.#valueLength(node);
    return new FoundInMemory(found, this.keyMemory(node), start, end);
  }

  #findNode(key: Buffer, timestamp: number, seqMax: number): number {
    this.#index ??= NodeIndex.of(this);
    let node = this.#index.find(key, 0, key.length);
    for (let steps = 0; node !== undefined && steps < stepsMax; steps++) {
      if (node === none) return none;
      if (this.timestampOf(node) <= timestamp && this.seqOf(node) <= seqMax) return node;
      const next = this.next(node);
      node = next !== none && this.shareKey(node, next) ? next : none;
    }
    node = this.#seek(key, timestamp, Infinity);
    while (node !== none && this.seqOf(node) > seqMax) node = this.next(node);
    return node !== none && this.#compareKeyTo(node, key) === 0 ? node : none;
  }

  /** The entry that was added as the n-th, from 1. */
  added(n: number): Entry {
    return {
      key: this.keyOf(n),
      timestamp: this.timestampOf(n),
      seq: this.seqOf(n),
      kind: this.kindOf(n),
      expiresAt: this.expiresAtOf(n),
      value: this.valueOf(n),
    };
  }

  /** All entries with seq ≤ `seqMax`, in both directions. */
  cursor(seqMax: number): Cursor {
    return new NodeCursor(this, seqMax);
  }

  next(node: number): number {
    return this.#rows[node * rowWords + nextAt] ?? none;
  }

  previous(node: number): number {
    return this.#rows[node * rowWords + backAt] ?? none;
  }

  firstNode(): number {
    return this.next(head);
  }

  lastNode(): number {
    const towers = this.#towers;
    let tower = headTower;
    for (let level = towers.levels - 1; level >= 1; level--) {
      let next = towers.next(tower, level);
      for (; next !== headTower; next = towers.next(tower, level)) tower = next;
    }
    let node = towers.nodeOf(tower);
    for (let next = this.next(node); next !== none; next = this.next(node)) node = next;
    return node;
  }

  nodeAtOrAfter(key: Buffer, timestamp: number, seq: number): number {
    return this.#seek(key, timestamp, seq);
  }

  nodeBefore(key: Buffer, timestamp: number, seq: number): number {
    this.#seek(key, timestamp, seq);
    return this.#path[0] ?? none;
  }

  keyOf(node: number): Buffer {
    const start = this.keyStart(node);
    return this.keyMemory(node).subarray(start, start + this.keyLength(node));
  }

  timestampOf(node: number): number {
    return recordTimestamp(this.keyMemory(node), this.#record(node));
  }

  seqOf(node: number): number {
    return this.#seqs.of(node);
  }

  kindOf(node: number): Kind {
    const kind = this.keyMemory(node)[this.#record(node)];
    return kind !== undefined && isKind(kind) ? kind : Kind.value;
  }

  expiresAtOf(node: number): number {
    return recordExpiresAt(this.keyMemory(node), this.#record(node));
  }

  valueOf(node: number): Buffer {
    const start = this.keyStart(node) + this.keyLength(node);
    return this.keyMemory(node).subarray(start, start + this.#valueLength(node));
  }

  locateValue(node: number, into: Span): void {
    const start = this.keyStart(node) + this.keyLength(node);
    into.set(this.keyMemory(node), start, start + this.#valueLength(node));
  }

  shareKey(a: number, b: number): boolean {
    const length = this.keyLength(a);
    if (length !== this.keyLength(b)) return false;
    const [inA, inB] = [this.keyMemory(a), this.keyMemory(b)];
    const [startA, startB] = [this.keyStart(a), this.keyStart(b)];
    let at = length - 1; // From the end, where keys differ first.
    while (at >= 0 && inA[startA + at] === inB[startB + at]) at--;
    return at < 0;
  }

  #valueLength(node: number): number {
    return recordValueBytes(this.keyMemory(node), this.#record(node));
  }

  #record(node: number): number {
    return this.#rows[node * rowWords + recordAt] as number;
  }

  #insert(chunk: number, payload: Buffer, seq: number): void {
    const reader = this.#reader;
    const node = this.#newNode();
    const row = node * rowWords;
    this.#rows[row + chunkAt] = chunk;
    this.#rows[row + recordAt] = reader.offset;
    this.#rows[row + nextAt] = none;
    this.#rows[row + backAt] = none;
    this.#userBytes += reader.keyBytes + reader.valueBytes;
    if (reader.timestamp < this.#minTimestamp) this.#minTimestamp = reader.timestamp;
    if (this.#isGathering) return;
    const { keyOffset, keyBytes, timestamp } = reader;
    const height = this.#towers.drawHeight();
    let after = this.#index?.add(node) ?? none;
    // Where it is the latest version, as most are, the next one is known, and the one before that.
    if (height === 1 && after !== none) {
      this.#path[0] = this.previous(after);
    } else {
      const key = payload.subarray(keyOffset, keyOffset + keyBytes);
      after = this.#seek(key, timestamp, seq);
    }
    this.#linkIn(node, height, after);
  }

  /** Links a node in behind the path. @param after the node that the path ends before */
  #linkIn(node: number, height: number, after: number): void {
    if (height > 1) this.#towers.add(node, height, this.#path);
    const rows = this.#rows;
    const before = this.#path[0] ?? head;
    rows[node * rowWords + nextAt] = rows[before * rowWords + nextAt] ?? none;
    rows[node * rowWords + backAt] = before;
    rows[before * rowWords + nextAt] = node;
    if (after !== none) rows[after * rowWords + backAt] = node;
  }

  #newNode(): number {
    if (this.#nodes * rowWords >= this.#rows.length) {
      const grown = new Uint32Array(Math.max(firstNodes * rowWords, this.#rows.length * 2));
      grown.set(this.#rows);
      this.#rows = grown;
    }
    return this.#nodes++;
  }

  /** The first node at or after the place; `#path` then has the last node before it, per level. */
  #seek(key: Buffer, timestamp: number, seq: number): number {
    const towers = this.#towers;
    let tower = headTower;
    for (let level = towers.levels - 1; level >= 1; level--) {
      for (;;) {
        const next = towers.next(tower, level);
        if (next === headTower) break;
        if (this.compareToPlace(towers.nodeOf(next), key, timestamp, seq) >= 0) break;
        tower = next;
      }
      this.#path[level] = tower;
    }
    let node = towers.nodeOf(tower);
    let next = this.next(node);
    while (next !== none && this.compareToPlace(next, key, timestamp, seq) < 0) {
      node = next;
      next = this.next(node);
    }
    this.#path[0] = node;
    return next;
  }

  // What sorting needs of a node.

  keyLength(node: number): number {
    return recordKeyBytes(this.keyMemory(node), this.#record(node));
  }

  keyMemory(node: number): Buffer {
    return this.#arena.chunk(this.#rows[node * rowWords + chunkAt] as number);
  }

  keyStart(node: number): number {
    return recordKeyOffset(this.keyMemory(node), this.#record(node));
  }

  compareNodes(a: number, b: number): number {
    return this.#compareKeyTo(a, this.keyOf(b)) || this.compareVersions(a, b);
  }

  /** Of one key: the latest comes first. */
  compareVersions(a: number, b: number): number {
    return compareVersions(this.timestampOf(a), this.seqOf(a), this.timestampOf(b), this.seqOf(b));
  }

  compareToPlace(node: number, key: Buffer, timestamp: number, seq: number): number {
    const byKey = this.#compareKeyTo(node, key);
    if (byKey !== 0) return byKey;
    const ownTimestamp = this.timestampOf(node);
    if (ownTimestamp !== timestamp) return ownTimestamp > timestamp ? -1 : 1;
    const ownSeq = this.seqOf(node);
    return ownSeq === seq ? 0 : ownSeq > seq ? -1 : 1;
  }

  /** A plain loop: for keys of usual length it beats the call into Buffer.compare three times over. */
  #compareKeyTo(node: number, key: Buffer): number {
    const payload = this.keyMemory(node);
    const start = this.keyStart(node);
    const length = this.keyLength(node);
    const common = Math.min(length, key.length);
    for (let index = 0; index < common; index++) {
      const difference = (payload[start + index] ?? 0) - (key[index] ?? 0);
      if (difference !== 0) return difference;
    }
    return length - key.length;
  }
}
