/**
 * What a cursor works in, used again by the next cursor: buffers that come and go with every scan
 * would pile up until a garbage collection.
 */
import { entryKeyBytesMax, KiB } from '../base/limits.js';
import { BlockMemory } from './block-memory.js';

/** How much a long scan reads at once. */
export const readAheadBytes = 64 * KiB;
/** Cursors of that many segments at a time find memory that was used before. */
const sparesMax = 8;

export class CursorMemory {
  readonly index = new BlockMemory();
  readonly data = new BlockMemory();
  readonly key = Buffer.alloc(entryKeyBytesMax);
  #readAhead: Buffer | undefined;

  /** Only long scans take it. */
  get readAhead(): Buffer {
    this.#readAhead ??= Buffer.allocUnsafeSlow(readAheadBytes);
    return this.#readAhead;
  }
}

export class CursorMemories {
  readonly #spares: CursorMemory[] = [];

  take(): CursorMemory {
    return this.#spares.pop() ?? new CursorMemory();
  }

  /** @param memory nobody looks at it any more */
  giveBack(memory: CursorMemory): void {
    if (this.#spares.length < sparesMax) this.#spares.push(memory);
  }
}
