/**
 * Rows of a load that need nothing but a timestamp and a seq, encoded as they come: a row that waits
 * for its commit costs its bytes and no objects. The buffer is used again for the next part.
 */
import { writeInt64 } from '../base/bytes.js';
import type { RowBytes } from '../base/row-bytes.js';
import {
  encodeRowBytes,
  encodeRecord,
  plainRecordBytes,
  recordBytes,
  RecordReader,
  timestampOffset,
  type RecordContent,
} from '../wal/record.js';

export class PackedRows {
  #buffer = Buffer.alloc(0);
  #bytes = 0;
  #count = 0;
  /** Where in the buffer the rows begin that still need a time. */
  readonly #untimed: number[] = [];
  #firstTimed = Infinity;
  #lastTimed = -Infinity;

  get bytes(): number {
    return this.#bytes;
  }

  get count(): number {
    return this.#count;
  }

  /** The largest timestamp that a row came with; −Infinity if none did. */
  get lastTimed(): number {
    return this.#lastTimed;
  }

  /** The smallest one; Infinity if no row has one. */
  get firstTimed(): number {
    return this.#firstTimed;
  }

  /** Each row that came with a timestamp; the key holds until the next one. */
  forEachTimed(look: (key: Buffer, timestamp: number) => void): void {
    const reader = new RecordReader();
    reader.reset(this.#buffer.subarray(0, this.#bytes));
    const untimed = new Set(this.#untimed);
    while (reader.next()) {
      if (!untimed.has(reader.offset)) look(reader.key(), reader.timestamp);
    }
  }

  /** Copies the rows as records of a frame; answers the offset behind them. */
  copyTo(target: Buffer, offset: number): number {
    this.#buffer.copy(target, offset, 0, this.#bytes);
    return offset + this.#bytes;
  }

  /** @param isTimed false: its timestamp is yet to be given under the lock, by `giveTimes` */
  add(row: RecordContent, isTimed: boolean): void {
    this.#begin(recordBytes(row), isTimed ? row.timestamp : undefined);
    this.#bytes = encodeRecord(this.#buffer, this.#bytes, row);
  }

  /** A value that does not expire, as parts of a buffer. */
  addBytes(row: RowBytes): void {
    const { keyStart, keyEnd, valueStart, valueEnd, at } = row;
    this.#begin(plainRecordBytes(keyEnd - keyStart, valueEnd - valueStart), at);
    this.#bytes = encodeRowBytes(this.#buffer, this.#bytes, row);
  }

  /** @param timestamp undefined: it is yet to be given */
  #begin(bytes: number, timestamp: number | undefined): void {
    const end = this.#bytes + bytes;
    if (end > this.#buffer.length) {
      const grown = Buffer.allocUnsafeSlow(Math.max(end, this.#buffer.length * 2, 64 * 1024));
      this.copyTo(grown, 0);
      this.#buffer = grown;
    }
    if (timestamp === undefined) this.#untimed.push(this.#bytes);
    else this.#noteTime(timestamp);
    this.#count++;
  }

  #noteTime(timestamp: number): void {
    if (timestamp > this.#lastTimed) this.#lastTimed = timestamp;
    if (timestamp < this.#firstTimed) this.#firstTimed = timestamp;
  }

  /** Gives each row without a time the next *now*; again for another try. */
  giveTimes(next: () => number): void {
    for (const row of this.#untimed) writeInt64(this.#buffer, next(), row + timestampOffset);
  }

  clear(): void {
    this.#bytes = 0;
    this.#count = 0;
    this.#untimed.length = 0;
    this.#firstTimed = Infinity;
    this.#lastTimed = -Infinity;
  }
}
