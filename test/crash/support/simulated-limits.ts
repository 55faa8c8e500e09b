/** What harnesses on a simulated disk have in the place of base/limits: see bundling.ts. */
export * from '../../../src/base/limits.js';

/** The zeros ahead are most of what a disk holds here: with fewer of them a state takes half the time. */
export const walFillBytes = 4096;
