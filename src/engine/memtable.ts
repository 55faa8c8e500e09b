/**
 * The entries of one WAL file, sorted: a skip list (W. Pugh, "Skip lists: a probabilistic
 * alternative to balanced trees", 1990) in typed arrays, over an arena with copies of the frames' payloads, in
 * which keys and values stay as they are. Entries are only ever added, so a cursor holds its place
 * while others are inserted; a cursor made for a seq does not see what is later than that.
 */
import type { Cursor, Found, Span } from '../base/cursor.js';
import { noBytes } from '../base/bytes.js';
import { compareVersions, Kind, type Entry } from '../base/entry.js';
import { RecordReader } from '../wal/record.js';
import { Arena } from './arena.js';
import { FoundInMemory } from './found-in-memory.js';
import { NodeCursor, noNode as none, type Nodes } from './node-cursor.js';
import { type Ordered, sortNodes } from './node-order.js';
import { SortedNodes, type Unordered } from './sorted-nodes.js';

const maxHeight = 12;
/**
 * A power of two; room for few, since most stores that are opened for one answer have no more. (An
 * empty one, as each new log has, takes nothing: reading behind the end of an array is no link.)
 */
const firstNodes = 64;
const head = 0; // Node 0 holds the start of every list and no entry.

/**
 * A node is one row of numbers, so that reading an entry mostly reaches for memory once: its timestamp
 * and seq as float64, then six numbers of 32 bits.
 */
const rowBytes = 40;
const floats = rowBytes / 8;
const words = rowBytes / 4;
const timestampAt = 0;
const seqAt = 1;
/** The chunk of the arena in which key and value lie, one behind the other. */
const chunkAt = 4;
const keyOffsetAt = 5;
/** Bytes of the key, and above them the kind. */
const keyBytesAt = 6;
const valueBytesAt = 7;
/** Where its links begin in `#links`. */
const towerAt = 8;
const backAt = 9;
const kindShift = 16;
const keyBytesMask = 0xffff;

export class Memtable implements Nodes, Ordered, Unordered {
  readonly #arena = new Arena();
  #nodes = 1;
  #links = new Int32Array(0);
  #linksUsed = maxHeight;
  #height = 1;
  #random = 0x2545f491;
  /** The rows, seen as floats and as words. */
  #floats = new Float64Array(0);
  #words = new Uint32Array(0);
  readonly #expiresAt = new Map<number, number>();
  #userBytes = 0;
  readonly #reader = new RecordReader();
  readonly #path = new Uint32Array(maxHeight);
  #isGathering = false;

  get entries(): number {
    return this.#nodes - 1;
  }

  /** Bytes of keys and values. */
  get userBytes(): number {
    return this.#userBytes;
  }

  /** What this table takes of the memory tier, in bytes. */
  get memoryBytes(): number {
    const links = this.#links.length * 4;
    return this.#arena.bytes + this.#words.byteLength + links + this.#expiresAt.size * 40;
  }

  /** Adds every record of a frame's payload; the first has seq `firstSeq`. Copies the payload. */
  addFrame(payload: Buffer, firstSeq: number): void {
    const { chunk, bytes, start } = this.#arena.copy(payload);
    const reader = this.#reader;
    reader.reset(bytes.subarray(0, start + payload.length), start);
    for (let seq = firstSeq; reader.next(); seq++) this.#insert(chunk, bytes, seq);
    reader.reset(noBytes, 0);
  }

  /** From now on frames are only taken, to be put in order all at once: nothing is read before. */
  gather(): void {
    this.#isGathering = true;
  }

  /** Puts in order what was gathered; yields where others may have a turn. */
  *sorting(): Generator<undefined> {
    const nodes = yield* this.#sorted();
    this.#unlink();
    const last = this.#path.fill(head);
    for (const node of nodes) {
      const height = this.#linkIn(node, none);
      last.fill(node, 0, height);
    }
    this.#isGathering = false;
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
    this.#expiresAt.clear();
    this.#userBytes = 0;
    this.#arena.clear();
  }

  #unlink(): void {
    this.#links.fill(none, 0, maxHeight);
    this.#linksUsed = maxHeight;
    this.#height = 1;
  }

  /** The first entry at or after (key, timestamp) of this key, of those with seq ≤ `seqMax`. */
  find(key: Buffer, timestamp: number, seqMax: number): Found | undefined {
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
    return this.#links[this.#towerOf(node)] ?? none;
  }

  previous(node: number): number {
    return this.#words[node * words + backAt] ?? none;
  }

  firstNode(): number {
    return this.next(head);
  }

  lastNode(): number {
    let node = head;
    for (let level = this.#height - 1; level >= 0; level--) {
      for (let next = this.#link(node, level); next !== none; next = this.#link(node, level)) {
        node = next;
      }
    }
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
    return this.#floats[node * floats + timestampAt] as number;
  }

  seqOf(node: number): number {
    return this.#floats[node * floats + seqAt] as number;
  }

  kindOf(node: number): Kind {
    const kind = (this.#words[node * words + keyBytesAt] as number) >>> kindShift;
    return kind === Kind.tombstone ? Kind.tombstone : Kind.value;
  }

  expiresAtOf(node: number): number {
    return this.#expiresAt.size === 0 ? Infinity : (this.#expiresAt.get(node) ?? Infinity);
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
    return this.#words[node * words + valueBytesAt] as number;
  }

  #towerOf(node: number): number {
    return this.#words[node * words + towerAt] ?? 0;
  }

  #link(node: number, level: number): number {
    return this.#links[this.#towerOf(node) + level] ?? none;
  }

  #insert(chunk: number, payload: Buffer, seq: number): void {
    const reader = this.#reader;
    const key = payload.subarray(reader.keyOffset, reader.keyOffset + reader.keyBytes);
    const { timestamp, expiresAt } = reader;
    const after = this.#isGathering ? none : this.#seek(key, timestamp, seq);
    const node = this.#newNode();
    const float = node * floats;
    this.#floats[float + timestampAt] = timestamp;
    this.#floats[float + seqAt] = seq;
    const word = node * words;
    this.#words[word + chunkAt] = chunk;
    this.#words[word + keyOffsetAt] = reader.keyOffset;
    this.#words[word + keyBytesAt] = reader.keyBytes | (reader.kind << kindShift);
    this.#words[word + valueBytesAt] = reader.valueBytes;
    this.#words[word + backAt] = none;
    if (expiresAt !== Infinity) this.#expiresAt.set(node, expiresAt);
    this.#userBytes += reader.keyBytes + reader.valueBytes;
    if (!this.#isGathering) this.#linkIn(node, after);
  }

  /** Links a node in behind the path, as the last seek left it; answers on how many levels. */
  #linkIn(node: number, after: number): number {
    const height = this.#drawHeight();
    for (; this.#height < height; this.#height++) this.#path[this.#height] = head;
    const tower = this.#linksUsed;
    this.#linksUsed += height;
    while (this.#linksUsed > this.#links.length) this.#growLinks();
    this.#words[node * words + towerAt] = tower;
    for (let level = 0; level < height; level++) {
      const before = this.#towerOf(this.#path[level] ?? head) + level;
      this.#links[tower + level] = this.#links[before] ?? none;
      this.#links[before] = node;
    }
    this.#words[node * words + backAt] = this.#path[0] ?? head;
    if (after !== none) this.#words[after * words + backAt] = node;
    return height;
  }

  #newNode(): number {
    if (this.#nodes * words >= this.#words.length) {
      const rows = new ArrayBuffer(Math.max(firstNodes * rowBytes, this.#words.byteLength * 2));
      const grown = new Uint32Array(rows);
      grown.set(this.#words);
      this.#words = grown;
      this.#floats = new Float64Array(rows);
    }
    return this.#nodes++;
  }

  #growLinks(): void {
    const grown = new Int32Array(Math.max(firstNodes, this.#links.length * 2));
    grown.set(this.#links);
    this.#links = grown;
  }

  /** Each height is a quarter as likely as the one below (xorshift32; the numbers need not be good). */
  #drawHeight(): number {
    let random = this.#random;
    random ^= random << 13;
    random ^= random >>> 17;
    random ^= random << 5;
    this.#random = random;
    let height = 1;
    for (; height < maxHeight && (random & 3) === 0; height++) random >>>= 2;
    return height;
  }

  /** The first node at or after the place; `#path` then has the last node before it, per level. */
  #seek(key: Buffer, timestamp: number, seq: number): number {
    let node = head;
    let next = none;
    for (let level = this.#height - 1; level >= 0; level--) {
      for (;;) {
        next = this.#link(node, level);
        if (next === none || this.compareToPlace(next, key, timestamp, seq) >= 0) break;
        node = next;
      }
      this.#path[level] = node;
    }
    return next;
  }

  // What sorting needs of a node.

  keyLength(node: number): number {
    return (this.#words[node * words + keyBytesAt] as number) & keyBytesMask;
  }

  keyMemory(node: number): Buffer {
    return this.#arena.chunk(this.#words[node * words + chunkAt] as number);
  }

  keyStart(node: number): number {
    return this.#words[node * words + keyOffsetAt] as number;
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
