/** Fails with the signal's reason some time after it: what does not end by itself is left behind. */
export function overdue(signal: AbortSignal, graceMs: () => number): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => {
      setTimeout(() => {
        reject(signal.reason as Error);
      }, graceMs());
    });
  });
}
