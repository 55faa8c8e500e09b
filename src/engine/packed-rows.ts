/**
 * Rows of a load that need nothing but a timestamp and a seq, encoded as they come: a row that waits
 * for its commit costs its bytes and no objects. The buffer is used again for the next part.
 */
import { writeInt64 } from '../base/bytes.js';
import { encodeRecord, recordBytes, timestampOffset, type RecordContent } from '../wal/record.js';

export class PackedRows {
  #buffer = Buffer.alloc(0);
  #bytes = 0;
  #count = 0;
  /** Where in the buffer the rows begin that still need a time. */
  readonly #untimed: number[] = [];
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

  /** Copies the rows as records of a frame; answers the offset behind them. */
  copyTo(target: Buffer, offset: number): number {
    this.#buffer.copy(target, offset, 0, this.#bytes);
    return offset + this.#bytes;
  }

  /** @param isTimed false: its timestamp is yet to be given under the lock, by `giveTimes` */
  add(row: RecordContent, isTimed: boolean): void {
    const end = this.#bytes + recordBytes(row);
    if (end > this.#buffer.length) {
      const grown = Buffer.allocUnsafeSlow(Math.max(end, this.#buffer.length * 2, 64 * 1024));
      this.copyTo(grown, 0);
      this.#buffer = grown;
    }
    if (isTimed) this.#lastTimed = Math.max(this.#lastTimed, row.timestamp);
    else this.#untimed.push(this.#bytes);
    this.#bytes = encodeRecord(this.#buffer, this.#bytes, row);
    this.#count++;
  }

  /** Gives each row without a time the next *now*; again for another try. */
  giveTimes(next: () => number): void {
    for (const row of this.#untimed) writeInt64(this.#buffer, next(), row + timestampOffset);
  }

  clear(): void {
    this.#bytes = 0;
    this.#count = 0;
    this.#untimed.length = 0;
    this.#lastTimed = -Infinity;
  }
}
