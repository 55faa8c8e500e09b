/**
 * Does what is due in a process that lives on and has no reason of its own to: a while after it was
 * noticed, so that a process which is about to end leaves it to others. What could not be done, since
 * somebody else is at it or the disk is full, is tried again later and later. Keeps no process alive.
 */
import { upkeepAgainMaxMs, upkeepAgainMs, upkeepDelayMs } from '../base/limits.js';

export class IdleUpkeep {
  readonly #isDue: () => boolean;
  readonly #work: () => Promise<boolean>;
  #timer: NodeJS.Timeout | undefined;
  #againMs = upkeepAgainMs;
  #isEnded = false;

  /** @param work answers false if another process is at it */
  constructor(isDue: () => boolean, work: () => Promise<boolean>) {
    this.#isDue = isDue;
    this.#work = work;
  }

  /** To be called where something may have become due; costs next to nothing. */
  notice(): void {
    if (this.#timer === undefined && !this.#isEnded && this.#isDue()) this.#wait(upkeepDelayMs);
  }

  end(): void {
    this.#isEnded = true;
    clearTimeout(this.#timer);
  }

  #wait(milliseconds: number): void {
    this.#timer = setTimeout(() => void this.#run(), milliseconds);
    this.#timer.unref();
  }

  async #run(): Promise<void> {
    const isDone = await this.#work().catch(() => false);
    this.#timer = undefined;
    if (this.#isEnded) return;
    if (isDone) {
      this.#againMs = upkeepAgainMs;
    } else {
      this.#wait(this.#againMs);
      this.#againMs = Math.min(2 * this.#againMs, upkeepAgainMaxMs);
    }
  }
}
