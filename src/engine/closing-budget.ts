/**
 * How long a process may merge when it closes the store: nearly all that write one version do not at
 * all, and one in a few hundred does for a moment. So what waits is done in proportion to what is
 * written, by however many processes.
 */
import { closingMergeBudgetMs, closingParts, walBytesMax, walFramesMax } from '../base/limits.js';
import type { Log } from './log.js';

export class ClosingBudget {
  #partAtFirst: number | undefined;

  /** Before each write. */
  writes(log: Log): void {
    this.#partAtFirst ??= partOf(log);
  }

  /** In milliseconds; 0 if too little was written since the store was opened. */
  left(log: Log): number {
    if (this.#partAtFirst === undefined) return 0;
    return partOf(log) > this.#partAtFirst ? closingMergeBudgetMs : 0;
  }
}

/** Counts the parts of all logs, up to where the last one is filled. */
function partOf({ active }: Log): number {
  const { offset, ordinal } = active.committed();
  const share = Math.max(offset / walBytesMax, ordinal / walFramesMax);
  const part = Math.min(closingParts - 1, Math.floor(share * closingParts));
  return active.generation * closingParts + part;
}
