/** What damaged bytes must never cause: endless loops, and memory taken on their word. */
import { Worker } from 'node:worker_threads';

const patienceMs = 30_000;

/** Prints a line and ends the process if nothing has been done for long: a loop that never ends. */
const watch = `
  const { workerData: { steps, patienceMs } } = require('node:worker_threads');
  let before = -1;
  setInterval(() => {
    const [step, , length] = steps;
    if (step === before) {
      const line = Buffer.from(steps.buffer).subarray(12, 12 + length).toString();
      require('node:fs').writeSync(2, 'it hangs; ' + line + '\\n');
      process.kill(process.pid, 'SIGKILL');
    }
    before = step;
  }, patienceMs);
`;

/** Ends the process, and says how to do it again, when it is told of no progress for half a minute. */
export class Watchdog {
  readonly #steps = new Int32Array(new SharedArrayBuffer(1024));
  readonly #worker = new Worker(watch, {
    eval: true,
    workerData: { steps: this.#steps, patienceMs },
  });

  /** @param line printed if what is begun now never ends */
  begin(line: string): void {
    const bytes = Buffer.from(this.#steps.buffer, 12);
    this.#steps[2] = bytes.write(line);
    this.#steps[0] = (this.#steps[0] ?? 0) + 1;
  }

  async end(): Promise<void> {
    await this.#worker.terminate();
  }
}

type Make = (bytes: number, ...more: unknown[]) => Buffer;
type Makers = Record<'alloc' | 'allocUnsafe' | 'allocUnsafeSlow', Make>;

/** Notes the largest buffer that anybody has asked for, be it touched or not. */
export class BufferGauge {
  readonly #makers = Buffer as unknown as Makers;
  readonly #original: Makers;
  largest = 0;

  constructor() {
    const { alloc, allocUnsafe, allocUnsafeSlow } = this.#makers;
    this.#original = { alloc, allocUnsafe, allocUnsafeSlow };
    Object.assign(this.#makers, {
      alloc: this.#noting(alloc),
      allocUnsafe: this.#noting(allocUnsafe),
      allocUnsafeSlow: this.#noting(allocUnsafeSlow),
    });
  }

  stop(): void {
    Object.assign(this.#makers, this.#original);
  }

  #noting(make: Make): Make {
    return (bytes, ...more) => {
      if (bytes > this.largest) this.largest = bytes;
      return make(bytes, ...more);
    };
  }
}
