/**
 * A directory as columns of numbers, made of one that is searched again and again: finding a part then
 * reaches for memory a few times, where reading the records in place reaches for it at each step.
 */
import { align8 } from '../base/bytes.js';
import { noBlock } from './block-table.js';
import type { Handle } from './data-block.js';
import type { Directory } from './directory.js';
import { headBytes, headOf } from './key-table.js';

/** Answer of a search that only the bytes of the directory can decide. */
export const unclear = -2;
/**
 * All numbers lie in one piece of memory, so that a search touches few lines of it: first the heads
 * of all separators, which are searched, then a row for each record, of which mostly one is read, then
 * every sixteenth head once more: those are close to one another, and the sixteen between two are too.
 */
const rowFloats = 5;
const timestampAt = 0;
const offsetAt = 1;
const minTimestampAt = 2;
// The rest are numbers of 32 bits.
const lengthAt = 6;
const checksumAt = 7;
/** How many bytes of the separator come behind the prefix, `hasSeqBit`, and the inflated length. */
const suffixAt = 8;
/** The block that the cache held of the part when it was last asked for. */
const blockAt = 9;
/** Set beside the length of a suffix: the separator stands behind all with a greater seq. */
const hasSeqBit = 0x8000;
const suffixMask = hasSeqBit - 1;
const inflatedShift = 16;
const recordBytes = 8 * (1 + rowFloats);
const sampledEvery = 16;

export class Fences {
  readonly count: number;
  /** Whether it was searched since it was last looked at for eviction. */
  isUsed = false;
  // The same memory seen in three ways; the prefix comes last.
  readonly #floats: Float64Array;
  readonly #words: Int32Array;
  readonly #bytes: Uint8Array;
  readonly #samplesAt: number;
  readonly #samples: number;
  readonly #prefixAt: number;

  /** @throws ERR_TIMEKV_DAMAGED if a record is not as it should be */
  constructor(directory: Directory) {
    const { count, prefix } = directory;
    this.count = count;
    this.#samplesAt = count * (1 + rowFloats);
    this.#samples = Math.ceil(count / sampledEvery);
    this.#prefixAt = count * recordBytes + 8 * this.#samples;
    const memory = new ArrayBuffer(align8(this.#prefixAt + prefix.length));
    this.#floats = new Float64Array(memory);
    this.#words = new Int32Array(memory);
    this.#bytes = new Uint8Array(memory, 0, this.#prefixAt + prefix.length);
    this.#bytes.set(prefix, this.#prefixAt);
    for (let record = 0; record < count; record++) {
      directory.readAll(record);
      const row = this.#row(record);
      this.#floats[record] = directory.head;
      this.#floats[row + timestampAt] = directory.timestamp;
      this.#floats[row + offsetAt] = directory.offset;
      this.#floats[row + minTimestampAt] = directory.minTimestamp;
      this.#words[2 * row + lengthAt] = directory.length;
      this.#words[2 * row + checksumAt] = directory.checksum;
      this.#words[2 * row + suffixAt] =
        directory.suffixLength |
        (directory.hasSeq ? hasSeqBit : 0) |
        (directory.inflatedLength << inflatedShift);
      this.#words[2 * row + blockAt] = noBlock;
    }
    for (let sample = 0; sample < this.#samples; sample++) {
      this.#floats[this.#samplesAt + sample] = this.#floats[sample * sampledEvery] as number;
    }
  }

  /** What all this takes of the memory tier. */
  get memoryBytes(): number {
    return this.#bytes.length + 512;
  }

  offset(record: number): number {
    return this.#floats[this.#row(record) + offsetAt] as number;
  }

  /** Of the part, in the file. */
  length(record: number): number {
    return (this.#words[2 * this.#row(record) + lengthAt] as number) >>> 0;
  }

  minTimestamp(record: number): number {
    return this.#floats[this.#row(record) + minTimestampAt] as number;
  }

  /** True if the separator stands between versions of one key. */
  separatesVersions(record: number): boolean {
    return this.#floats[this.#row(record) + timestampAt] !== Infinity;
  }

  handle(record: number): Handle {
    const word = 2 * this.#row(record);
    return {
      offset: this.offset(record),
      length: this.length(record),
      checksum: (this.#words[word + checksumAt] as number) >>> 0,
      inflatedLength: (this.#words[word + suffixAt] as number) >>> inflatedShift,
    };
  }

  block(record: number): number {
    return this.#words[2 * this.#row(record) + blockAt] as number;
  }

  setBlock(record: number, block: number): void {
    this.#words[2 * this.#row(record) + blockAt] = block;
  }

  #row(record: number): number {
    return this.count + record * rowFloats;
  }

  /** The last record whose separator is at or before (key, timestamp, ∞); −1 if none is. */
  lastAtOrBefore(key: Buffer, timestamp: number): number {
    this.isUsed = true;
    const heads = this.#floats;
    const { count } = this;
    const side = this.#comparePrefix(key);
    if (side !== 0) return side < 0 ? count - 1 : -1;
    const prefixLength = this.#bytes.length - this.#prefixAt;
    const head = headOf(key, prefixLength, key.length);
    const low = this.#firstAtOrAfter(head);
    if (low === count || heads[low] !== head) return low - 1;
    return this.#lastAlike(low, head, key.length - prefixLength, timestamp);
  }

  /**
   * The same for the key of a separator between versions of it, without looking for it: from that one
   * on; the one before it if even that stands behind the timestamp.
   */
  lastWithinKey(first: number, timestamp: number): number {
    this.isUsed = true;
    const head = this.#floats[first] as number;
    return this.#lastAlike(first, head, this.#suffix(first) & suffixMask, timestamp);
  }

  /** The first record whose head is not less; `count` if there is none. */
  #firstAtOrAfter(head: number): number {
    const numbers = this.#floats;
    const sample = countBefore(numbers, this.#samplesAt, this.#samples, head);
    if (sample === 0) return 0;
    const before = (sample - 1) * sampledEvery;
    const left = Math.min(sampledEvery, this.count - before);
    return before + countBefore(numbers, before, left, head);
  }

  /** The same among the separators that begin as the key does, the first of which is `low`. */
  #lastAlike(first: number, head: number, suffix: number, timestamp: number): number {
    const heads = this.#floats;
    let low = first;
    // There are few mostly: they are looked for from the first on, in steps that double.
    let step = 1;
    while (first + step < this.count && heads[first + step] === head) step *= 2;
    let high = Math.min(first + step, this.count);
    while (low < high) {
      const middle = (low + high) >>> 1;
      const length = this.#suffix(middle) & suffixMask;
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
    const there = this.#floats[this.#row(record) + timestampAt] as number;
    if (there !== timestamp) return there < timestamp;
    return (this.#suffix(record) & hasSeqBit) !== 0;
  }

  #suffix(record: number): number {
    return this.#words[2 * this.#row(record) + suffixAt] as number;
  }

  /** 0 if the key begins with the prefix; else on which side of it all separators are. */
  #comparePrefix(key: Buffer): number {
    const bytes = this.#bytes;
    const at = this.#prefixAt;
    const prefixLength = bytes.length - at;
    const length = Math.min(prefixLength, key.length);
    for (let i = 0; i < length; i++) {
      const difference = (bytes[at + i] as number) - (key[i] as number);
      if (difference !== 0) return difference;
    }
    return key.length < prefixLength ? 1 : 0;
  }
}

/**
 * How many of `length` sorted numbers, from `start` on, are less than one; `length` is not 0. No branch
 * depends on what is compared: each step would be guessed wrongly half of the time.
 */
function countBefore(numbers: Float64Array, start: number, length: number, limit: number): number {
  let at = start;
  for (let left = length; left > 1;) {
    const half = left >>> 1;
    at += half * Number((numbers[at + half - 1] as number) < limit);
    left -= half;
  }
  return at - start + Number((numbers[at] as number) < limit);
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
