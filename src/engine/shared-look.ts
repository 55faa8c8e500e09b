/**
 * What was committed at the last look of the run of code at hand, for the reads of that run: to ask the
 * system costs more than a read that is answered from memory. A server has a run of code for each
 * request, and lets all of one turn of the event loop do with one look.
 */
import { monotonicMs } from '../base/clock.js';
import type { Tail } from '../wal/wal-file.js';

/** Nobody has to see what was committed less than so long ago, until a later turn. */
const seenWithinMs = 1;

export class SharedLook {
  readonly #refresh: () => Tail;
  readonly #whenOver: (end: () => void) => void;
  #last: { tail: Tail; at: number } | undefined;
  /** True while a task waits that ends the look. */
  #isEnding = false;

  /**
   * @param refresh looks, and forgets the look before
   * @param whenOver calls back when later reads have to look again
   */
  constructor(refresh: () => Tail, whenOver: (end: () => void) => void) {
    this.#refresh = refresh;
    this.#whenOver = whenOver;
  }

  /** What another read before the look is over has seen just now, or what is there now. */
  recent(): Tail {
    const at = monotonicMs();
    if (this.#last !== undefined && at - this.#last.at < seenWithinMs) return this.#last.tail;
    return this.#lookAt(at);
  }

  /** What is there now. */
  now(): Tail {
    return this.#lookAt(monotonicMs());
  }

  forget(): void {
    this.#last = undefined;
  }

  #lookAt(at: number): Tail {
    const tail = this.#refresh();
    if (!this.#isEnding) {
      this.#isEnding = true;
      this.#whenOver(() => {
        this.#isEnding = false;
        this.#last = undefined;
      });
    }
    this.#last = { tail, at };
    return tail;
  }
}
