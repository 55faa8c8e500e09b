import { noBytes } from '../base/bytes.js';
import { Span } from '../base/cursor.js';
import type { BlockMemory } from './block-memory.js';

/** A block that somebody reads where it lies in the cache, until the cache needs that memory. */
export class Lease {
  readonly span = new Span();
  readonly #memory: BlockMemory;
  readonly #moved: () => void;

  /**
   * @param memory where the block goes then
   * @param moved called when it has gone there
   */
  constructor(memory: BlockMemory, moved: () => void) {
    this.#memory = memory;
    this.#moved = moved;
  }

  /** The block is of no use any more. */
  end(): void {
    this.span.set(noBytes, 0, 0);
  }

  /** Copies the block into memory of one's own, from where it is not to be kept. */
  copyNow(): void {
    const bytes = this.#memory.copyOf(this.span);
    this.span.set(bytes, 0, bytes.length);
  }

  /** This memory is about to be written over. */
  leave(memory: Buffer): void {
    if (this.span.bytes !== memory) return;
    this.copyNow();
    this.#moved();
  }
}
