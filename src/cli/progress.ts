/** How far a long command is: one line on a terminal's stderr that redraws itself. */
import type { Host } from './host.js';

const redrawMs = 100;

export class Progress {
  readonly #host: Host;
  readonly #noun: string;
  #drawn = performance.now();
  #isShown = false;

  /** @param noun what is counted */
  constructor(host: Host, noun: string) {
    this.#host = host;
    this.#noun = noun;
  }

  show(count: number): void {
    if (!this.#host.hasTerminalMessages) return;
    const now = performance.now();
    if (now - this.#drawn < redrawMs) return;
    this.#drawn = now;
    this.#isShown = true;
    this.#host.draw(`\r${grouped(count)} ${this.#noun}\x1b[K`);
  }

  /** Says something that stays, above the progress. */
  message(text: string): void {
    this.clear();
    this.#host.message(text);
  }

  /** Says how it ended, to people. */
  total(count: number): void {
    if (this.#host.hasTerminalMessages) this.message(`${grouped(count)} ${this.#noun}`);
  }

  clear(): void {
    if (this.#isShown) this.#host.draw('\r\x1b[K');
    this.#isShown = false;
  }
}

function grouped(count: number): string {
  return count.toLocaleString('en');
}
