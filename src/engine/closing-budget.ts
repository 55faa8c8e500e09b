/**
 * How long a process may merge when it closes the store: nearly all that write one version do not at
 * all, and one in a few hundred does for a moment. So what waits is done in proportion to what is
 * written, by however many processes.
 */
import { monotonicMs } from '../base/clock.js';
import {
  closingMergeBudgetMs,
  closingMergeShare,
  closingParts,
  walBytesMax,
  walFramesMax,
} from '../base/limits.js';
import type { Log } from './log.js';

export class ClosingBudget {
  readonly #openedAt = monotonicMs();
  #partAtFirst: number | undefined;

  /** Before each write. */
  writes(log: Log): void {
    this.#partAtFirst ??= partOf(log);
  }

  /** In milliseconds; 0 if too little was written since the store was opened. */
  left(log: Log): number {
    if (this.#partAtFirst === undefined) return 0;
    const filled = partOf(log) - this.#partAtFirst;
    if (filled <= 0) return 0;
    const share = (monotonicMs() - this.#openedAt) * closingMergeShare;
    // Who lives for long and writes little has done what was due meanwhile.
    return Math.max(closingMergeBudgetMs, Math.min(share, filled * closingMergeBudgetMs));
  }
}

/** Counts the parts of all logs, up to where the last one is filled. */
function partOf({ active }: Log): number {
  const { offset, ordinal } = active.committed();
  const share = Math.max(offset / walBytesMax, ordinal / walFramesMax);
  const part = Math.min(closingParts - 1, Math.floor(share * closingParts));
  return active.generation * closingParts + part;
}
