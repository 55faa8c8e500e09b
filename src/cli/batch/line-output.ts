/** The answer to one line of a batch: kept until the lines before it are answered. */
import { usageError } from '../base/cli-error.js';
import type { Output } from '../base/output.js';

/** An answer that waits for its turn does not grow without end. */
const keptBytesMax = 256 * 1024;

export class LineOutput implements Output {
  readonly #target: Output;
  /** Kept to its end, since it may still turn into another. */
  readonly #isHeld: boolean;
  readonly #heldBytesMax: number;
  /** Wakes up who waits for the turn. */
  #waiting: (() => void)[] = [];
  #kept: (string | Uint8Array)[] = [];
  #keptBytes = 0;
  #isPassing = false;
  hasAnswer = false;

  constructor(target: Output, isHeld: boolean, heldBytesMax = Infinity) {
    this.#target = target;
    this.#isHeld = isHeld;
    this.#heldBytesMax = heldBytesMax;
  }

  /** What waits to be written. */
  get keptBytes(): number {
    return this.#keptBytes;
  }

  write(chunk: string | Uint8Array): Promise<void> | undefined {
    this.hasAnswer = true;
    if (this.#isPassing) return this.#target.write(chunk);
    this.#kept.push(chunk);
    this.#keptBytes += chunk.length;
    if (this.#keptBytes > this.#heldBytesMax) {
      throw usageError('the answers of an atomic batch come to more than 64 MiB; ask for less');
    }
    if (this.#isHeld || this.#keptBytes < keptBytesMax) return undefined;
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
    });
  }

  flush(): Promise<void> {
    return this.#isPassing ? this.#target.flush() : Promise.resolve();
  }

  /** The lines before are answered: what was kept goes out, and what comes goes straight through. */
  async pass(): Promise<void> {
    if (!this.#isHeld) await this.#release();
  }

  /** The answer is complete. */
  end(): Promise<void> {
    return this.#release();
  }

  /** Drops what was kept, since the answer is another one. */
  discard(): void {
    this.#kept = [];
  }

  async #release(): Promise<void> {
    for (let chunk = this.#kept.shift(); chunk !== undefined; chunk = this.#kept.shift()) {
      await this.#target.write(chunk);
    }
    this.#isPassing = true;
    for (const wake of this.#waiting.splice(0)) wake();
  }
}
