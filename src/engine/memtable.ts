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

const maxHeight = 12;
/**
 * A power of two; room for few, since most stores that are opened for one answer have no more. (An
 * empty one, as each new log has, takes nothing: reading behind the end of an array is no link.)
 */
const firstNodes = 64;
const head = 0; // Node 0 holds the start of every list and no entry.

function grown<T extends Float64Array | Uint32Array | Int32Array | Uint8Array | Uint16Array>(
  old: T,
  make: (length: number) => T,
): T {
  const next = make(Math.max(firstNodes, old.length * 2));
  next.set(old);
  return next;
}

export class Memtable implements Nodes, Ordered {
  readonly #arena = new Arena();
  #nodes = 1;
  #links = new Int32Array(0);
  #linksUsed = maxHeight;
  #height = 1;
  #random = 0x2545f491;
  /** Where each node's links begin in `#links`. */
  #tower = new Uint32Array(0);
  #back = new Uint32Array(0);
  #payloadOf = new Uint32Array(0);
  #keyOffset = new Uint32Array(0);
  #keyBytes = new Uint16Array(0);
  #valueBytes = new Uint32Array(0);
  #timestamp = new Float64Array(0);
  #seq = new Float64Array(0);
  #kind = new Uint8Array(0);
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
    const nodeBytes = 4 + 4 + 4 + 4 + 2 + 4 + 8 + 8 + 1;
    return (
      this.#arena.bytes +
      this.#tower.length * nodeBytes +
      this.#links.length * 4 +
      this.#expiresAt.size * 40
    );
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
    const nodes = new Uint32Array(this.entries);
    for (let at = 0; at < nodes.length; at++) nodes[at] = at + 1;
    yield* sortNodes(nodes, this);
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

  /** Empties the table and keeps its memory for the next use. No cursor may be in it any more. */
  clear(): void {
    this.#unlink();
    this.#nodes = 1;
    this.#isGathering = false;
    this.#back.fill(none);
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
    return this.#back[node] ?? none;
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
    const start = this.#keyOffset[node] ?? 0;
    return this.#payload(node).subarray(start, start + (this.#keyBytes[node] ?? 0));
  }

  timestampOf(node: number): number {
    return this.#timestamp[node] ?? 0;
  }

  seqOf(node: number): number {
    return this.#seq[node] ?? 0;
  }

  kindOf(node: number): Kind {
    return this.#kind[node] === Kind.tombstone ? Kind.tombstone : Kind.value;
  }

  expiresAtOf(node: number): number {
    return this.#expiresAt.size === 0 ? Infinity : (this.#expiresAt.get(node) ?? Infinity);
  }

  valueOf(node: number): Buffer {
    const start = (this.#keyOffset[node] ?? 0) + (this.#keyBytes[node] ?? 0);
    return this.#payload(node).subarray(start, start + (this.#valueBytes[node] ?? 0));
  }

  locateValue(node: number, into: Span): void {
    const start = (this.#keyOffset[node] ?? 0) + (this.#keyBytes[node] ?? 0);
    into.set(this.#payload(node), start, start + (this.#valueBytes[node] ?? 0));
  }

  shareKey(a: number, b: number): boolean {
    const length = this.#keyBytes[a] ?? 0;
    if (length !== this.#keyBytes[b]) return false;
    const [inA, inB] = [this.#payload(a), this.#payload(b)];
    const [startA, startB] = [this.#keyOffset[a] ?? 0, this.#keyOffset[b] ?? 0];
    let at = length - 1; // From the end, where keys differ first.
    while (at >= 0 && inA[startA + at] === inB[startB + at]) at--;
    return at < 0;
  }

  #payload(node: number): Buffer {
    return this.#arena.chunk(this.#payloadOf[node] ?? 0);
  }

  #towerOf(node: number): number {
    return this.#tower[node] ?? 0;
  }

  #link(node: number, level: number): number {
    return this.#links[this.#towerOf(node) + level] ?? none;
  }

  #insert(payloadIndex: number, payload: Buffer, seq: number): void {
    const reader = this.#reader;
    const key = payload.subarray(reader.keyOffset, reader.keyOffset + reader.keyBytes);
    const { timestamp, expiresAt } = reader;
    const after = this.#isGathering ? none : this.#seek(key, timestamp, seq);
    const node = this.#newNode();
    this.#payloadOf[node] = payloadIndex;
    this.#keyOffset[node] = reader.keyOffset;
    this.#keyBytes[node] = reader.keyBytes;
    this.#valueBytes[node] = reader.valueBytes;
    this.#timestamp[node] = timestamp;
    this.#seq[node] = seq;
    this.#kind[node] = reader.kind;
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
    while (this.#linksUsed > this.#links.length) {
      this.#links = grown(this.#links, (length) => new Int32Array(length));
    }
    this.#tower[node] = tower;
    for (let level = 0; level < height; level++) {
      const before = this.#towerOf(this.#path[level] ?? head) + level;
      this.#links[tower + level] = this.#links[before] ?? none;
      this.#links[before] = node;
    }
    this.#back[node] = this.#path[0] ?? head;
    if (after !== none) this.#back[after] = node;
    return height;
  }

  #newNode(): number {
    if (this.#nodes >= this.#tower.length) {
      this.#tower = grown(this.#tower, (length) => new Uint32Array(length));
      this.#back = grown(this.#back, (length) => new Uint32Array(length));
      this.#payloadOf = grown(this.#payloadOf, (length) => new Uint32Array(length));
      this.#keyOffset = grown(this.#keyOffset, (length) => new Uint32Array(length));
      this.#keyBytes = grown(this.#keyBytes, (length) => new Uint16Array(length));
      this.#valueBytes = grown(this.#valueBytes, (length) => new Uint32Array(length));
      this.#timestamp = grown(this.#timestamp, (length) => new Float64Array(length));
      this.#seq = grown(this.#seq, (length) => new Float64Array(length));
      this.#kind = grown(this.#kind, (length) => new Uint8Array(length));
    }
    return this.#nodes++;
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
        if (next === none || this.#compareTo(next, key, timestamp, seq) >= 0) break;
        node = next;
      }
      this.#path[level] = node;
    }
    return next;
  }

  // What sorting needs of a node.

  keyLength(node: number): number {
    return this.#keyBytes[node] ?? 0;
  }

  keyByte(node: number, index: number): number {
    return this.#payload(node)[(this.#keyOffset[node] ?? 0) + index] ?? 0;
  }

  compareNodes(a: number, b: number): number {
    return this.#compareKeyTo(a, this.keyOf(b)) || this.compareVersions(a, b);
  }

  /** Of one key: the latest comes first. */
  compareVersions(a: number, b: number): number {
    return compareVersions(this.timestampOf(a), this.seqOf(a), this.timestampOf(b), this.seqOf(b));
  }

  #compareTo(node: number, key: Buffer, timestamp: number, seq: number): number {
    const byKey = this.#compareKeyTo(node, key);
    if (byKey !== 0) return byKey;
    const ownTimestamp = this.timestampOf(node);
    if (ownTimestamp !== timestamp) return ownTimestamp > timestamp ? -1 : 1;
    const ownSeq = this.seqOf(node);
    return ownSeq === seq ? 0 : ownSeq > seq ? -1 : 1;
  }

  /** A plain loop: for keys of usual length it beats the call into Buffer.compare three times over. */
  #compareKeyTo(node: number, key: Buffer): number {
    const payload = this.#payload(node);
    const start = this.#keyOffset[node] ?? 0;
    const length = this.#keyBytes[node] ?? 0;
    const common = Math.min(length, key.length);
    for (let index = 0; index < common; index++) {
      const difference = (payload[start + index] ?? 0) - (key[index] ?? 0);
      if (difference !== 0) return difference;
    }
    return length - key.length;
  }
}
