import { copyBytes, noBytes } from '../base/bytes.js';
import type { Span } from '../base/cursor.js';

/** Memory of one's own for one block or value at a time: views of cached blocks do not last. */
export class BlockMemory {
  #memory = noBytes;
  /** The start of the memory, of the length that was asked for last. */
  #view = this.#memory;

  /** The copy made last. */
  get last(): Buffer {
    return this.#view;
  }

  copyOf({ bytes, start, end }: Span): Buffer {
    return this.copy(bytes, start, end);
  }

  /** A copy of a part that holds until the next one is made. */
  copy(bytes: Buffer, start = 0, end = bytes.length): Buffer {
    const length = end - start;
    if (length !== this.#view.length) {
      if (length > this.#memory.length) this.#memory = Buffer.allocUnsafeSlow(length);
      this.#view = this.#memory.subarray(0, length);
    }
    copyBytes(bytes, start, end, this.#view, 0);
    return this.#view;
  }
}
