/**
 * Writes that are begun together, so that the store commits them with one sync. One burst is under
 * way at a time and is committed as a whole: where one fails, none behind it has begun.
 */

/** What fits into one commit of the store. */
const burstBytesMax = 1024 * 1024;
const burstWritesMax = 1000;

interface Waiting {
  bytes: number;
  write: () => Promise<number>;
  resolve: (timestamp: number) => void;
  reject: (error: unknown) => void;
}

/** A write that was not begun, since one before it failed. */
export class NotBegun extends Error {
  override readonly name = 'NotBegun';
}

export class WriteBursts {
  readonly #goesOn: boolean;
  #waiting: Waiting[] = [];
  #isScheduled = false;

  /** @param goesOn whether writes are begun after one has failed */
  constructor(goesOn: boolean) {
    this.#goesOn = goesOn;
  }

  /** Begins the write soon; resolves when it is committed. */
  add(bytes: number, write: () => Promise<number>): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ bytes, write, resolve, reject });
      if (this.#isScheduled) return;
      this.#isScheduled = true;
      // Lines that have been read already come before the next turn, and join.
      setImmediate(() => void this.#run());
    });
  }

  async #run(): Promise<void> {
    while (this.#waiting.length > 0) {
      const burst = this.#take();
      const outcomes = await Promise.allSettled(burst.map(({ write }) => write()));
      for (const [index, outcome] of outcomes.entries()) {
        if (outcome.status === 'fulfilled') burst[index]?.resolve(outcome.value);
        else burst[index]?.reject(outcome.reason);
      }
      if (!this.#goesOn && outcomes.some(({ status }) => status === 'rejected')) this.#drop();
    }
    this.#isScheduled = false;
  }

  #take(): Waiting[] {
    let bytes = 0;
    const end = this.#waiting.findIndex((waiting, index) => {
      bytes += waiting.bytes;
      return index > 0 && (bytes > burstBytesMax || index === burstWritesMax);
    });
    return this.#waiting.splice(0, end === -1 ? this.#waiting.length : end);
  }

  #drop(): void {
    for (const { reject } of this.#waiting.splice(0)) reject(new NotBegun());
  }
}
