/** What harnesses on a simulated disk have in the place of base/clock: see bundling.ts. */
export * from '../../../src/base/clock.js';

let milliseconds = 0;

/** What happens must not depend on how fast it is, or else a seed would not repeat it. */
export const monotonicMs = (): number => (milliseconds += 0.01);
