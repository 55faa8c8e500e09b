/**
 * What was asked in one turn of the event loop is committed together. The event loop hands on the
 * requests of one connection after the other, and a commit begins at once: without this the first one's
 * would be a commit of its own, for which all others wait.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';

export class SharedTurn {
  #over: Promise<void> | undefined;

  /** Resolves when every connection that had something to say was heard, for all who ask at once. */
  over(): Promise<void> {
    this.#over ??= this.#next();
    return this.#over;
  }

  async #next(): Promise<void> {
    await nextTurn();
    this.#over = undefined;
  }
}
