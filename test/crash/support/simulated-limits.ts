/** What harnesses on a simulated disk have in the place of base/limits: see bundling.ts. */
import * as usual from '../../../src/base/limits.js';

export * from '../../../src/base/limits.js';

/** The zeros ahead are most of what a disk holds here: with fewer of them a state takes half the time. */
export const walFillBytes = 4096;

export let smallFanIn = usual.smallFanIn;
export let compactionFanIn = usual.compactionFanIn;
export let sliceMs = usual.sliceMs;
export let entriesPerLook = usual.entriesPerLook;
export let closingMergeBudgetMs = usual.closingMergeBudgetMs;
export let closingParts = usual.closingParts;

/**
 * Segments of a short history are few and small: where they are to be merged a few at a time, and such
 * a merge is to be broken off when a process ends, and gone on with by others, it needs a word.
 */
export function mergeBitByBit(isWanted: boolean): void {
  smallFanIn = isWanted ? 2 : usual.smallFanIn;
  compactionFanIn = isWanted ? 2 : usual.compactionFanIn;
  sliceMs = isWanted ? 0 : usual.sliceMs;
  entriesPerLook = isWanted ? 1 : usual.entriesPerLook;
  // Each look at the simulated clock takes a hundredth.
  closingMergeBudgetMs = isWanted ? 0.06 : usual.closingMergeBudgetMs;
  // Each frame fills one.
  closingParts = isWanted ? usual.walFramesMax : usual.closingParts;
}
