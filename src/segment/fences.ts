/**
 * A directory as columns of numbers, made of one that is searched again and again: finding a part then
 * reaches for memory a few times, where reading the records in place reaches for it at each step.
 */
import { copyOf } from '../base/bytes.js';
import { noBlock } from './block-table.js';
import type { Handle } from './data-block.js';
import type { Directory } from './directory.js';
import { headBytes, headOf } from './key-table.js';

/** Answer of a search that only the bytes of the directory can decide. */
export const unclear = -2;
/** Set beside the length of a suffix: the separator stands behind all with a greater seq. */
const hasSeqBit = 0x8000;
const suffixMask = hasSeqBit - 1;
/** What a record takes in all columns. */
const recordBytes = 4 * 8 + 3 * 4 + 2;

export class Fences {
  readonly count: number;
  /** The block that the cache held of each part when it was last asked for. */
  readonly blocks: Int32Array;
  /** Whether it was searched since it was last looked at for eviction. */
  isUsed = false;
  readonly #prefix: Buffer;
  /** Of the separators: their first bytes behind the prefix; how many there are, and `hasSeqBit`. */
  readonly #heads: Float64Array;
  readonly #suffixes: Uint16Array;
  readonly #timestamps: Float64Array;
  // Of the parts.
  readonly #offsets: Float64Array;
  readonly #lengths: Uint32Array;
  readonly #checksums: Uint32Array;
  /** Undefined if no part is deflated. */
  #inflatedLengths: Uint32Array | undefined;
  readonly #minTimestamps: Float64Array;

  /** @throws ERR_TIMEKV_DAMAGED if a record is not as it should be */
  constructor(directory: Directory) {
    const { count } = directory;
    this.count = count;
    this.blocks = new Int32Array(count).fill(noBlock);
    this.#prefix = copyOf(directory.prefix);
    this.#heads = new Float64Array(count);
    this.#suffixes = new Uint16Array(count);
    this.#timestamps = new Float64Array(count);
    this.#offsets = new Float64Array(count);
    this.#lengths = new Uint32Array(count);
    this.#checksums = new Uint32Array(count);
    this.#minTimestamps = new Float64Array(count);
    for (let record = 0; record < count; record++) {
      directory.readAll(record);
      this.#heads[record] = directory.head;
      this.#suffixes[record] = directory.suffixLength | (directory.hasSeq ? hasSeqBit : 0);
      this.#timestamps[record] = directory.timestamp;
      this.#offsets[record] = directory.offset;
      this.#lengths[record] = directory.length;
      this.#checksums[record] = directory.checksum;
      if (directory.inflatedLength > 0) {
        this.#inflatedLengths ??= new Uint32Array(count);
        this.#inflatedLengths[record] = directory.inflatedLength;
      }
      this.#minTimestamps[record] = directory.minTimestamp;
    }
  }

  /** What all this takes of the memory tier. */
  get memoryBytes(): number {
    return this.count * recordBytes + this.#prefix.length + 1024;
  }

  offset(record: number): number {
    return this.#offsets[record] as number;
  }

  minTimestamp(record: number): number {
    return this.#minTimestamps[record] as number;
  }

  handle(record: number): Handle {
    return {
      offset: this.offset(record),
      length: this.#lengths[record] as number,
      checksum: this.#checksums[record] as number,
      inflatedLength: this.#inflatedLengths?.[record] ?? 0,
    };
  }

  /** The last record whose separator is at or before (key, timestamp, ∞); −1 if none is. */
  lastAtOrBefore(key: Buffer, timestamp: number): number {
    this.isUsed = true;
    const heads = this.#heads;
    const side = this.#comparePrefix(key);
    if (side !== 0) return side < 0 ? heads.length - 1 : -1;
    const prefixLength = this.#prefix.length;
    const head = headOf(key, prefixLength, key.length);
    let low = 0;
    let high = heads.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((heads[middle] as number) < head) low = middle + 1;
      else high = middle;
    }
    if (heads[low] !== head) return low - 1;
    return this.#lastAlike(low, head, key.length - prefixLength, timestamp);
  }

  /** The same among the separators that begin as the key does, the first of which is `low`. */
  #lastAlike(first: number, head: number, suffix: number, timestamp: number): number {
    const heads = this.#heads;
    let low = first;
    let high = heads.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const length = (this.#suffixes[middle] as number) & suffixMask;
      if (heads[middle] !== head) {
        high = middle;
        continue;
      }
      // Of two that begin alike the shorter one comes first, unless both go on behind their heads.
      if (suffix > headBytes && length > headBytes) return unclear;
      const isSameKey = length === suffix;
      const isAfter = isSameKey ? this.#isAfter(middle, timestamp) : length > suffix;
      if (isAfter) high = middle;
      else low = middle + 1;
    }
    return low - 1;
  }

  /** True if a separator of the key stands after (timestamp, ∞). */
  #isAfter(record: number, timestamp: number): boolean {
    const there = this.#timestamps[record] as number;
    if (there !== timestamp) return there < timestamp;
    return ((this.#suffixes[record] as number) & hasSeqBit) !== 0;
  }

  /** 0 if the key begins with the prefix; else on which side of it all separators are. */
  #comparePrefix(key: Buffer): number {
    const prefix = this.#prefix;
    const length = Math.min(prefix.length, key.length);
    for (let i = 0; i < length; i++) {
      const difference = (prefix[i] as number) - (key[i] as number);
      if (difference !== 0) return difference;
    }
    return key.length < prefix.length ? 1 : 0;
  }
}

interface PooledFences {
  segment: number;
  fences: Fences;
  /** Called when they have to go: who made them keeps them until then. */
  forget: () => void;
}

/** The fences of many directories in bounded memory, with the same second chance as blocks have. */
export class FencePool {
  /** The oldest first. */
  #line: PooledFences[] = [];
  #bytes = 0;

  get bytes(): number {
    return this.#bytes;
  }

  add(pooled: PooledFences): void {
    this.#line.push(pooled);
    this.#bytes += pooled.fences.memoryBytes;
  }

  /** Takes the least used out until so many bytes are left, or none are there any more. */
  trim(bytesMax: number): void {
    while (this.#bytes > bytesMax) {
      const first = this.#line.shift();
      if (first === undefined) return;
      const { fences, forget } = first;
      if (fences.isUsed) {
        fences.isUsed = false;
        this.#line.push(first);
      } else {
        this.#bytes -= fences.memoryBytes;
        forget();
      }
    }
  }

  /** Those of a segment that is closed. */
  drop(segment: number): void {
    this.#line = this.#line.filter((pooled) => {
      if (pooled.segment !== segment) return true;
      this.#bytes -= pooled.fences.memoryBytes;
      return false;
    });
  }
}
