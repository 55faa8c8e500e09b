/**
 * The entries of one WAL file, sorted: a skip list (W. Pugh, "Skip lists: a probabilistic
 * alternative to balanced trees", 1990) in typed arrays, over an arena with copies of the frames' payloads, in
 * which keys and values stay as they are. Entries are only ever added, so a cursor holds its place
 * while others are inserted; a cursor made for a seq does not see what is later than that.
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
import { NodeCursor, noNode as none, type Nodes } from './node-cursor.js';
import { type Ordered, sortNodes } from './node-order.js';
import { TableTraits } from './table-traits.js';
import { RandomHeights } from './random-heights.js';
import { SeqRuns } from './seq-runs.js';
import { SortedNodes, type Unordered } from './sorted-nodes.js';

const maxHeight = 12;
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

export class Memtable implements Nodes, Ordered, Unordered {
  readonly #arena = new Arena();
  #nodes = 1;
  #rows = new Uint32Array(0);
  /**
   * Of every fourth node a tower, by the numbers of their places here: the node, then on each level
   * from 1 the next tower. That of the head comes first, so 0 is behind the last.
   */
  #towers = new Uint32Array(0);
  #towersUsed = maxHeight;
  #height = 1;
  readonly #heights = new RandomHeights(maxHeight);
  readonly #seqs = new SeqRuns();
  #userBytes = 0;
  #minTimestamp = Infinity;
  readonly #reader = new RecordReader();
  /** Where the last seek went down: a node on level 0, towers above. */
  readonly #path = new Uint32Array(maxHeight);
  #isGathering = false;
  /** What some entries are beside versions. */
  readonly traits = new TableTraits(() => new Memtable());

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
    return this.#arena.bytes + this.#rows.byteLength + this.#towers.byteLength + expiries;
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
      const tower = this.#towersUsed;
      const height = this.#linkIn(node, none);
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
    this.#towers.fill(head, 0, maxHeight);
    this.#towersUsed = maxHeight;
    this.#height = 1;
  }

  /** The first entry at or after (key, timestamp) of this key, of those with seq ≤ `seqMax`. */
  find(key: Buffer, timestamp: number, seqMax: number): Found | undefined {
    if (timestamp < this.#minTimestamp) return undefined;
    let node = this.#seek(key, timestamp, Infinity);
    while (node !== none && this.seqOf(node) > seqMax) node = this.next(node);
    if (node === none || this.#compareKeyTo(node, key) !== 0) return undefined;
    return new FoundInMemory({
      timestamp: this.timestampOf(node),
      seq: this.seqOf(node),
      kind: this.kindOf(node),
      expiresAt: this.expiresAtOf(node),
      value: this.valueOf(node),
    });
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
    let tower = head;
    for (let level = this.#height - 1; level >= 1; level--) {
      for (let next = this.#above(tower, level); next !== head; next = this.#above(tower, level)) {
        tower = next;
      }
    }
    let node = this.#nodeOf(tower);
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

  #nodeOf(tower: number): number {
    return this.#towers[tower] ?? head;
  }

  /** The next tower on a level. */
  #above(tower: number, level: number): number {
    return this.#towers[tower + level] ?? head;
  }

  #insert(chunk: number, payload: Buffer, seq: number): void {
    const reader = this.#reader;
    const key = payload.subarray(reader.keyOffset, reader.keyOffset + reader.keyBytes);
    const after = this.#isGathering ? none : this.#seek(key, reader.timestamp, seq);
    const node = this.#newNode();
    const row = node * rowWords;
    this.#rows[row + chunkAt] = chunk;
    this.#rows[row + recordAt] = reader.offset;
    this.#rows[row + nextAt] = none;
    this.#rows[row + backAt] = none;
    this.#userBytes += reader.keyBytes + reader.valueBytes;
    if (reader.timestamp < this.#minTimestamp) this.#minTimestamp = reader.timestamp;
    if (!this.#isGathering) this.#linkIn(node, after);
  }

  /** Links a node in behind the path, as the last seek left it; answers on how many levels. */
  #linkIn(node: number, after: number): number {
    const height = this.#heights.draw();
    for (; this.#height < height; this.#height++) this.#path[this.#height] = head;
    if (height > 1) this.#addTower(node, height);
    const rows = this.#rows;
    const before = this.#path[0] ?? head;
    rows[node * rowWords + nextAt] = rows[before * rowWords + nextAt] ?? none;
    rows[node * rowWords + backAt] = before;
    rows[before * rowWords + nextAt] = node;
    if (after !== none) rows[after * rowWords + backAt] = node;
    return height;
  }

  #addTower(node: number, height: number): void {
    const tower = this.#towersUsed;
    this.#towersUsed += height;
    while (this.#towersUsed > this.#towers.length) this.#growTowers();
    const towers = this.#towers;
    towers[tower] = node;
    for (let level = 1; level < height; level++) {
      const before = (this.#path[level] ?? head) + level;
      towers[tower + level] = towers[before] ?? head;
      towers[before] = tower;
    }
  }

  #newNode(): number {
    if (this.#nodes * rowWords >= this.#rows.length) {
      const grown = new Uint32Array(Math.max(firstNodes * rowWords, this.#rows.length * 2));
      grown.set(this.#rows);
      this.#rows = grown;
    }
    return this.#nodes++;
  }

  #growTowers(): void {
    const grown = new Uint32Array(Math.max(firstNodes, this.#towers.length * 2));
    grown.set(this.#towers);
    this.#towers = grown;
  }

  /** The first node at or after the place; `#path` then has the last node before it, per level. */
  #seek(key: Buffer, timestamp: number, seq: number): number {
    let tower = head;
    for (let level = this.#height - 1; level >= 1; level--) {
      for (;;) {
        const next = this.#above(tower, level);
        if (next === head) break;
        if (this.compareToPlace(this.#nodeOf(next), key, timestamp, seq) >= 0) break;
        tower = next;
      }
      this.#path[level] = tower;
    }
    let node = this.#nodeOf(tower);
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
