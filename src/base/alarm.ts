/** Wakes up those who wait for something new; they also look now and then without being woken. */
export class Alarm {
  readonly #waiting = new Set<() => void>();
  #hasRung = false;

  ring(): void {
    this.#hasRung = true;
    for (const wake of this.#waiting) wake();
  }

  /** Before looking: what rings from here on is for the next time. */
  hush(): void {
    this.#hasRung = false;
  }

  /** Resolves at the next ring, or if there was one since `hush`; after so long; or when aborted. */
  wait(milliseconds: number, signal: AbortSignal): Promise<void> {
    if (this.#hasRung || signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const wake = () => {
        clearTimeout(timer);
        this.#waiting.delete(wake);
        signal.removeEventListener('abort', wake);
        resolve();
      };
      const timer = setTimeout(wake, Math.max(0, milliseconds));
      this.#waiting.add(wake);
      signal.addEventListener('abort', wake);
    });
  }
}
