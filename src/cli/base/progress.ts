/**
 * How far a long command is: one line on a terminal's stderr that redraws itself ten times a second at
 * most. Where stderr is no terminal there is none, and nothing is asked or counted for it.
 */
import type { Host } from './host.js';

const redrawMs = 100;
/** Before this, what is left is a guess that jumps about. */
const estimateMs = 1000;

/** How much of the whole is done, from 0 to 1; undefined where nobody knows. */
export type Share = () => number | undefined;

export class Progress {
  readonly #host: Host;
  readonly #noun: string;
  readonly #share: Share;
  readonly #started = performance.now();
  #drawn = performance.now();
  #isShown = false;

  /** @param noun what is counted */
  constructor(host: Host, noun: string, share: Share = () => undefined) {
    this.#host = host;
    this.#noun = noun;
    this.#share = share;
  }

  /** True where somebody could see it. */
  get isWanted(): boolean {
    return this.#host.hasTerminalMessages;
  }

  show(count: number): void {
    if (!this.isWanted) return;
    const now = performance.now();
    if (now - this.#drawn < redrawMs) return;
    this.#drawn = now;
    this.#isShown = true;
    const elapsed = now - this.#started;
    this.#host.draw(`\r${progressLine(count, this.#noun, elapsed, this.#share())}\x1b[K`);
  }

  /** Says something that stays, above the progress. */
  message(text: string): void {
    this.clear();
    this.#host.message(text);
  }

  /** Says how it ended, to people. */
  total(count: number): void {
    if (this.isWanted) this.message(`${grouped(count)} ${this.#noun}`);
  }

  clear(): void {
    if (this.#isShown) this.#host.draw('\r\x1b[K');
    this.#isShown = false;
  }
}

/** `1,234,567 rows, 45 %, 210,000 rows/s, 7 s left` */
export function progressLine(
  count: number,
  noun: string,
  elapsedMs: number,
  share: number | undefined,
): string {
  const parts = [`${grouped(count)} ${noun}`];
  if (share !== undefined) parts.push(`${Math.floor(Math.min(1, share) * 100)} %`);
  if (elapsedMs >= estimateMs) {
    parts.push(`${grouped(twoDigits((count / elapsedMs) * 1000))} ${noun}/s`);
    const isTold = share !== undefined && share > 0.01 && share < 1;
    if (isTold) parts.push(`${duration((elapsedMs / share) * (1 - share))} left`);
  }
  return parts.join(', ');
}

/** A rate has no more digits that are the same a moment later. */
function twoDigits(rate: number): number {
  return Number(rate.toPrecision(2));
}

function duration(ms: number): string {
  const seconds = Math.ceil(ms / 1000);
  if (seconds < 100) return `${seconds} s`;
  const minutes = Math.ceil(seconds / 60);
  return minutes < 100 ? `${minutes} min` : `${Math.ceil(minutes / 60)} h`;
}

function grouped(count: number): string {
  return count.toLocaleString('en');
}
