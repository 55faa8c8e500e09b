/**
 * Memory for bytes that are only ever added, in chunks that never move. Cleared, it keeps its chunks:
 * large buffers that come and go would pile up until the next full garbage collection.
 */
import { KiB } from '../base/limits.js';

const firstChunkBytes = 64 * KiB;
const chunkBytesMax = 256 * KiB;

export class Arena {
  readonly #chunks: Buffer[] = [];
  /** The chunk that is being filled, and up to where. */
  #current = 0;
  #used = 0;

  /** What all chunks take. */
  get bytes(): number {
    return this.#chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  }

  chunk(index: number): Buffer {
    const chunk = this.#chunks[index];
    if (chunk === undefined) throw new RangeError(`the arena has no chunk ${index}`);
    return chunk;
  }

  /** Copies bytes into the arena; answers the number of their chunk, the chunk, and where they begin. */
  copy(source: Buffer): { chunk: number; bytes: Buffer; start: number } {
    let target = this.#chunks[this.#current];
    while (target !== undefined && this.#used + source.length > target.length) {
      target = this.#chunks[++this.#current];
      this.#used = 0;
    }
    if (target === undefined) {
      const usual = Math.min(chunkBytesMax, firstChunkBytes << this.#chunks.length);
      target = Buffer.allocUnsafeSlow(Math.max(usual, source.length));
      this.#chunks.push(target);
    }
    const start = this.#used;
    source.copy(target, start);
    this.#used += source.length;
    return { chunk: this.#current, bytes: target, start };
  }

  clear(): void {
    this.#current = 0;
    this.#used = 0;
  }
}
