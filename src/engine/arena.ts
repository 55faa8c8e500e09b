/**
 * Memory for bytes that are only ever added, in chunks that never move. Cleared, it keeps its chunks
 * of usual size: buffers that come and go would pile up until the next full garbage collection.
 */
import { KiB } from '../base/limits.js';

const firstChunkBytes = 8 * KiB;
const chunkBytesMax = 256 * KiB;

export class Arena {
  readonly #chunks: Buffer[] = [];
  /** Chunks that were there when it was last cleared: they are filled first, in their order. */
  #kept = 0;
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
    if (source.length > chunkBytesMax) return this.#copyAlone(source);
    let target = this.#chunks[this.#current];
    while (target !== undefined && this.#used + source.length > target.length) {
      target = this.#nextChunk();
    }
    target ??= this.#addChunk(source.length);
    const start = this.#used;
    source.copy(target, start);
    this.#used += source.length;
    return { chunk: this.#current, bytes: target, start };
  }

  /** Forgets everything. */
  clear(): void {
    const usual = this.#chunks.filter((chunk) => chunk.length <= chunkBytesMax);
    this.#chunks.splice(0, this.#chunks.length, ...usual);
    this.#kept = usual.length;
    this.#current = 0;
    this.#used = 0;
  }

  /** What is larger than a usual chunk gets one of its own; the usual one goes on being filled. */
  #copyAlone(source: Buffer): { chunk: number; bytes: Buffer; start: number } {
    // The place of the first chunk is never one of these, since filling begins there.
    if (this.#chunks.length === 0) this.#addChunk(0);
    const bytes = Buffer.allocUnsafeSlow(source.length);
    source.copy(bytes);
    this.#chunks.push(bytes);
    return { chunk: this.#chunks.length - 1, bytes, start: 0 };
  }

  #nextChunk(): Buffer | undefined {
    this.#used = 0;
    if (this.#current + 1 >= this.#kept) return undefined;
    return this.#chunks[++this.#current];
  }

  #addChunk(bytesMin: number): Buffer {
    const usual = Math.min(chunkBytesMax, firstChunkBytes << Math.min(this.#chunks.length, 5));
    const chunk = Buffer.allocUnsafeSlow(Math.max(usual, bytesMin));
    this.#chunks.push(chunk);
    this.#current = this.#chunks.length - 1;
    this.#used = 0;
    return chunk;
  }
}
