/** What harnesses on a simulated disk have in the place of base/limits: see bundling.ts. */
import * as usual from '../../../src/base/limits.js';

export * from '../../../src/base/limits.js';

/** The zeros ahead are most of what a disk holds here: with fewer of them a state takes half the time. */
export const walFillBytes = 4096;

export let smallFanIn = usual.smallFanIn;
export let compactionFanIn = usual.compactionFanIn;

/** Segments of a short history are few: where they are to be merged a few at a time, it needs a word. */
export function mergeSoon(soon: boolean): void {
  smallFanIn = soon ? 2 : usual.smallFanIn;
  compactionFanIn = soon ? 2 : usual.compactionFanIn;
}
