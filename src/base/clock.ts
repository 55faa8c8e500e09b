/**
 * Time is a part that is passed in: the engine asks a Clock for *now* and never the system itself.
 * Waiting, which has nothing to do with the time of versions, uses the monotonic clock below.
 */
export interface Clock {
  /** The time now as an integer in the store's unit. */
  now(): number;
}

/** Microseconds since 1970, from the system's clock, in steps of about a microsecond. */
export const systemClock: Clock = {
  now() {
    // Date.now() follows every step of the system's clock; the other adds the part below 1 ms.
    const milliseconds = Date.now();
    const fraction = monotonicMs() % 1;
    return milliseconds * 1000 + Math.floor(fraction * 1000);
  },
};

/** Milliseconds from an arbitrary start, never going back: for time-outs and budgets. */
export function monotonicMs(): number {
  // Not performance.now(): to load that takes a twentieth of what a command takes in all.
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1000 + nanoseconds / 1e6;
}

const napCell = new Int32Array(new SharedArrayBuffer(4));

/** Blocks the thread; only for naps far below a millisecond or two. */
export function nap(milliseconds: number): void {
  Atomics.wait(napCell, 0, 0, milliseconds);
}

export function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, milliseconds);
  });
}

/** Gives the event loop one turn, so that a long job does not hold up everybody else. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
