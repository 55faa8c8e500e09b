/** A long job in slices: the event loop gets its turn every few milliseconds. */
import { monotonicMs, nextTurn } from './clock.js';
import { sliceMs } from './limits.js';

export class Slices {
  #start = monotonicMs();

  /** True when it is time for others. */
  get isOver(): boolean {
    return monotonicMs() - this.#start >= sliceMs;
  }

  /** Lets the others have their turn; then the next slice begins. */
  async next(): Promise<void> {
    await nextTurn();
    this.#start = monotonicMs();
  }

  /** Goes through what yields where others may have a turn; answers what it returns. */
  async through<T>(job: Generator<undefined, T>): Promise<T> {
    for (;;) {
      const step = job.next();
      if (step.done === true) return step.value;
      if (this.isOver) await this.next();
    }
  }
}

/**
 * How long promises have followed one another without a turn of the event loop: what waits for
 * nothing but promises that are kept at once would never give anybody else one.
 */
export class RunOfCode {
  #beganAt: number | undefined;

  /** True when it is time for others: then wait for the next turn. */
  get isLong(): boolean {
    if (this.#beganAt !== undefined) return monotonicMs() - this.#beganAt >= sliceMs;
    this.#begin();
    return false;
  }

  async nextTurn(): Promise<void> {
    await nextTurn();
    this.#begin();
  }

  #begin(): void {
    this.#beganAt = monotonicMs();
    void nextTurn().then(() => (this.#beganAt = undefined));
  }
}
