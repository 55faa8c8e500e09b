/** Time is a part that is passed in: the engine never asks the system itself. */
export interface Clock {
  /** The time now as an integer in the store's unit. */
  now(): number;
}

/** Microseconds since 1970, from the system's clock (resolution of `performance.now`, about 1 µs). */
export const systemClock: Clock = {
  now() {
    // Date.now() follows every step of the system's clock; performance adds the part below 1 ms.
    const milliseconds = Date.now();
    const fraction = performance.now() % 1;
    return milliseconds * 1000 + Math.floor(fraction * 1000);
  },
};
