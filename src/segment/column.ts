/**
 * A column of integers (timestamps, seqs, ends of values, expiries), each readable in place:
 *
 *     value[i] = base − delta[i] − step × i          deltas of one width, 0 to 6 bytes
 *
 * What rises or falls evenly costs nothing but its jitter, and one fixed length of values is a width
 * of 0. Where 6 bytes do not do, width 8 stores the values themselves. All arithmetic stays within
 * ±(2^53 − 1), so it is exact.
 */
import { noBytes, readInt64 } from '../base/bytes.js';
import { uintAt } from './byte-reader.js';
import type { ByteWriter } from './byte-writer.js';

const absoluteWidth = 8;
// The first byte of a column's head: how many bytes base and step take (0 to 7), and their signs.
const sizeMask = 7;
const baseNegative = 0x08;
const stepSizeShift = 4;
const stepNegative = 0x80;
/** No more values than this in one column. */
export const columnValuesMax = 4096;
const stepMax = 2 ** 52 / columnValuesMax;

/**
 * Reads one column inside a block. Opening and placing answer where what follows begins, and check
 * nothing: who opens a group checks once, at its end, that everything lay inside.
 */
export class Column {
  #bytes: Buffer = noBytes;
  #at = 0;
  #width = 0;
  #base = 0;
  #step = 0;

  /** Reads the column's head: a byte with sizes and signs, the base, the step. */
  open(bytes: Buffer, at: number, width: number): number {
    this.#bytes = bytes;
    this.#width = width;
    const sizes = bytes[at] as number;
    const stepAt = at + 1 + (sizes & sizeMask);
    const end = stepAt + ((sizes >>> stepSizeShift) & sizeMask);
    const base = uintAt(bytes, at + 1, sizes & sizeMask);
    const step = uintAt(bytes, stepAt, end - stepAt);
    this.#base = (sizes & baseNegative) === 0 ? base : -base;
    this.#step = (sizes & stepNegative) === 0 ? step : -step;
    return width <= absoluteWidth ? end : NaN;
  }

  /** Takes note that the deltas begin at `at`. */
  place(at: number, count: number): number {
    this.#at = at;
    return at + this.#width * count;
  }

  value(i: number): number {
    const at = this.#at + this.#width * i;
    if (this.#width === absoluteWidth) return readInt64(this.#bytes, at);
    // In this order every step stays within ±(2^53 − 1).
    return this.#base - uintAt(this.#bytes, at, this.#width) - this.#step * i;
  }
}

/** Collects a column, knowing its width at any moment. */
export class ColumnBuilder {
  #values = new Float64Array(64);
  #count = 0;
  #step = 0;
  /** Least and greatest value[i] + step × i. */
  #low = 0;
  #high = 0;
  #fitAt = 2;
  #width = 0;

  get count(): number {
    return this.#count;
  }

  get width(): number {
    return this.#width;
  }

  value(i: number): number {
    return this.#values[i] as number;
  }

  reset(): void {
    this.#count = 0;
    this.#step = 0;
    this.#fitAt = 2;
    this.#width = 0;
  }

  /** The width that the column would have with one more value, at most. */
  widthWith(value: number): number {
    if (this.#count === 0) return 0;
    const residual = value + this.#step * this.#count;
    if (!Number.isSafeInteger(residual)) return absoluteWidth;
    return widthOf(Math.max(this.#high, residual) - Math.min(this.#low, residual));
  }

  push(value: number): void {
    if (this.#count === this.#values.length) this.#grow();
    const residual = value + this.#step * this.#count;
    this.#values[this.#count++] = value;
    if (this.#count === 1) this.#low = this.#high = value;
    else if (residual < this.#low) this.#low = residual;
    else if (residual > this.#high) this.#high = residual;
    if (!Number.isSafeInteger(residual)) this.#measure(0);
    this.#width = widthOf(this.#high - this.#low);
    if (this.#count === this.#fitAt) {
      this.fit();
      this.#fitAt += Math.max(1, this.#fitAt >>> 1);
    }
  }

  writeHead(into: ByteWriter): void {
    const isAbsolute = this.#width === absoluteWidth;
    const base = isAbsolute ? 0 : this.#high;
    const step = isAbsolute ? 0 : this.#step;
    const baseSize = sizeOf(Math.abs(base));
    const stepSize = sizeOf(Math.abs(step));
    into.uint8(
      baseSize |
        (base < 0 ? baseNegative : 0) |
        (stepSize << stepSizeShift) |
        (step < 0 ? stepNegative : 0),
    );
    into.uint(Math.abs(base), baseSize);
    into.uint(Math.abs(step), stepSize);
  }

  writeDeltas(into: ByteWriter): void {
    const width = this.#width;
    if (width === 0) return;
    for (let i = 0; i < this.#count; i++) {
      const value = this.#values[i] as number;
      if (width === absoluteWidth) into.int64(value);
      else into.uint(this.#high - (value + this.#step * i), width);
    }
  }

  /** Takes the average step if that makes the column narrower. Called once more before writing. */
  fit(): void {
    const last = this.#count - 1;
    if (this.#width === 0 || last < 1) return;
    const [oldStep, oldWidth] = [this.#step, this.#width];
    const oldRange = this.#high - this.#low;
    const step = Math.round(((this.#values[0] as number) - (this.#values[last] as number)) / last);
    if (Math.abs(step) > stepMax || step === oldStep) return;
    this.#measure(step);
    const range = this.#high - this.#low;
    this.#width = widthOf(range);
    const isSafe = Number.isSafeInteger(this.#low) && Number.isSafeInteger(this.#high);
    const isBetter = this.#width < oldWidth || (oldStep !== 0 && range < oldRange);
    if (isSafe && isBetter) return;
    this.#measure(oldStep);
    this.#width = oldWidth;
  }

  #measure(step: number): void {
    const values = this.#values;
    let low = Infinity;
    let high = -Infinity;
    for (let i = 0; i < this.#count; i++) {
      const residual = (values[i] as number) + step * i;
      if (residual < low) low = residual;
      if (residual > high) high = residual;
    }
    this.#step = step;
    this.#low = low;
    this.#high = high;
  }

  #grow(): void {
    const larger = new Float64Array(2 * this.#values.length);
    larger.set(this.#values);
    this.#values = larger;
  }
}

/** The width of deltas up to `range`. */
function widthOf(range: number): number {
  const size = sizeOf(range);
  return size > 6 ? absoluteWidth : size;
}

/** How many bytes a whole number from 0 to 2^53 − 1 takes. */
function sizeOf(value: number): number {
  if (value < 0x100) return value === 0 ? 0 : 1;
  if (value < 0x1_0000) return 2;
  if (value < 0x100_0000) return 3;
  if (value < 0x1_0000_0000) return 4;
  if (value < 0x100_0000_0000) return 5;
  return value < 0x1_0000_0000_0000 ? 6 : 7;
}
