/**
 * A file on a simulated disk: what processes see of it, and what of that is on the disk. Of what was
 * not synced, each block of 4 KiB and the size is kept or lost on its own. Blocks are never changed
 * once they lie in a file, so that copies of a whole disk share them.
 */
import { crc32 } from '../../src/base/bytes.js';

const blockBytes = 4096;

export type Block = Buffer;

const zeros: Block = Buffer.alloc(blockBytes);
const checksums = new WeakMap<Block, number>();

/** What a sync has seen that has begun: what is written from then on, it need not make durable. */
export interface BegunSync {
  /** The number of the last change before it. */
  upTo: number;
  size: number;
  dirty: ReadonlyMap<number, Block>;
}

/** What one power cut does: asked for each block, then for the size. */
export interface Loss {
  keepsBlock(): boolean;
  /** @param sizes at least one: the one on the disk, then all since the last sync */
  pickSize(sizes: readonly number[]): number;
}

export class SimulatedFile {
  #size = 0;
  #blocks: Block[] = [];
  #durableSize = 0;
  #durableBlocks: Block[] = [];
  /** Writes and resizes so far. */
  #changes = 0;
  #syncedUpTo = 0;
  /** Blocks that differ from what was last synced, each with the number of its last change. */
  #dirty = new Map<number, number>();
  /** Every size since the last sync; the disk may have kept any of them. */
  #sizes: { size: number; change: number }[] = [];

  get size(): number {
    return this.#size;
  }

  /** All that processes see; a copy. */
  get bytes(): Buffer {
    return Buffer.concat(this.#blocks).subarray(0, this.#size);
  }

  /** The same in blocks, to be told apart by identity; the last one goes on behind the end. */
  get blocks(): readonly Block[] {
    return this.#blocks;
  }

  /** All that is on the disk; a copy. */
  get durable(): Buffer {
    return Buffer.concat(this.#durableBlocks).subarray(0, this.#durableSize);
  }

  /** True if a power cut might change it. */
  get isDirty(): boolean {
    return this.#dirty.size > 0 || this.#sizes.length > 0;
  }

  clone(): SimulatedFile {
    const copy = new SimulatedFile();
    copy.#size = this.#size;
    copy.#blocks = [...this.#blocks];
    copy.#durableSize = this.#durableSize;
    copy.#durableBlocks = [...this.#durableBlocks];
    copy.#changes = this.#changes;
    copy.#syncedUpTo = this.#syncedUpTo;
    copy.#dirty = new Map(this.#dirty);
    copy.#sizes = [...this.#sizes];
    return copy;
  }

  /** @returns how many bytes there were */
  read(into: Uint8Array, offset: number, length: number, position: number): number {
    const end = Math.min(position + length, this.#size);
    for (let at = position; at < end;) {
      const block = this.#blocks[Math.floor(at / blockBytes)] ?? zeros;
      const start = at % blockBytes;
      const part = block.subarray(start, Math.min(blockBytes, start + end - at));
      into.set(part, offset + at - position);
      at += part.length;
    }
    return Math.max(0, end - position);
  }

  write(bytes: Uint8Array, position: number): void {
    const end = position + bytes.length;
    if (end > this.#size) this.resize(end);
    const change = ++this.#changes;
    for (let at = position; at < end;) {
      const number = Math.floor(at / blockBytes);
      const start = at % blockBytes;
      const part = bytes.subarray(at - position, at - position + blockBytes - start);
      this.#blocks[number] = changed(this.#blocks[number] ?? zeros, part, start);
      this.#dirty.set(number, change);
      at += part.length;
    }
  }

  resize(size: number): void {
    const before = this.#size;
    const change = ++this.#changes;
    this.#size = size;
    this.#sizes.push({ size, change });
    this.#blocks = fitted(this.#blocks, size);
    const first = Math.floor(Math.min(before, size) / blockBytes);
    for (let at = first; at * blockBytes < Math.max(before, size); at++) {
      this.#dirty.set(at, change);
    }
  }

  beginSync(): BegunSync {
    const dirty = [...this.#dirty.keys()].map(
      (each) => [each, this.#blocks[each] ?? zeros] as const,
    );
    return { upTo: this.#changes, size: this.#size, dirty: new Map(dirty) };
  }

  /** Makes durable what was there when the sync began, and nothing else. */
  endSync({ upTo, size, dirty }: BegunSync): void {
    // One that began later has made all of it durable already, and more.
    if (upTo <= this.#syncedUpTo) return;
    this.#syncedUpTo = upTo;
    this.#durableBlocks = written(this.#durableBlocks, dirty, size);
    this.#durableSize = size;
    for (const [block, change] of this.#dirty) if (change <= upTo) this.#dirty.delete(block);
    this.#sizes = this.#sizes.filter(({ change }) => change > upTo);
  }

  sync(): void {
    this.endSync(this.beginSync());
  }

  /** The writeback fails: the blocks count as clean and are not on the disk. */
  loseDirtyBlocks(): void {
    this.#dirty.clear();
  }

  losePower(loss: Loss): void {
    const kept = new Map<number, Block>();
    for (const block of this.#dirty.keys()) {
      if (loss.keepsBlock()) kept.set(block, this.#blocks[block] ?? zeros);
    }
    const size = loss.pickSize([this.#durableSize, ...this.#sizes.map((each) => each.size)]);
    this.#durableBlocks = written(this.#durableBlocks, kept, size);
    this.#durableSize = size;
    this.#blocks = [...this.#durableBlocks];
    this.#size = size;
    this.#dirty.clear();
    this.#sizes = [];
  }

  /** Over what processes see and its size. */
  checksum(): number {
    let sum = this.#size;
    for (const block of this.#blocks) {
      let own = checksums.get(block);
      if (own === undefined) checksums.set(block, (own = crc32(block)));
      sum = (Math.imul(sum, 0x01000193) ^ own) >>> 0;
    }
    return sum;
  }
}

/** What the disk has once these blocks are written, in a file of this size. */
function written(
  before: readonly Block[],
  blocks: ReadonlyMap<number, Block>,
  size: number,
): Block[] {
  const next = fitted(before, size);
  for (const [number, block] of blocks) if (number < next.length) next[number] = block;
  return fitted(next, size);
}

/** As many blocks as the size needs, with zeros behind it. */
function fitted(blocks: readonly Block[], size: number): Block[] {
  const count = Math.ceil(size / blockBytes);
  const next = blocks.slice(0, count);
  while (next.length < count) next.push(zeros);
  const rest = size % blockBytes;
  const last = next.at(-1);
  if (rest > 0 && last !== undefined && last !== zeros) {
    next[count - 1] = changed(last, zeros.subarray(rest), rest);
  }
  return next;
}

/** A new block with some of its bytes replaced; the block of zeros stays the one that is shared. */
function changed(block: Block, bytes: Uint8Array, start: number): Block {
  if (block.compare(bytes, 0, bytes.length, start, start + bytes.length) === 0) return block;
  const next = Buffer.from(block);
  next.set(bytes, start);
  return next;
}
