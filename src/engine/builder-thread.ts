/**
 * A thread that makes segments, as the thread that has the store sees it. It ends when there has been
 * no job for a while, and keeps no process alive unless it is at work.
 */
import { createRequire } from 'node:module';
import type { Worker } from 'node:worker_threads';
import { builderIdleMs, builderYoungMiB } from '../base/limits.js';
import { propertiesWithBuffers } from '../base/segment-properties.js';
import type { BetweenSlices, BuildJob, Builder, Built } from './build-jobs.js';

export type ToBuilder = { number: number; job: BuildJob } | { number: number; stops: true };

/** The entries so far, or the end of it. */
export type FromBuilder =
  { number: number; entries: number } | { number: number; built: Built | undefined };

const requireHere = createRequire(import.meta.url);

export class BuilderThread implements Builder {
  readonly #place: { directory: string; storeIds: readonly string[] };
  #worker: Worker | undefined;
  /** It could not be started, or died: then nothing is asked of it any more. */
  #isBroken = false;
  /** On purpose. */
  readonly #ended = new WeakSet<Worker>();
  #lastNumber = 0;
  readonly #underWay = new Map<number, UnderWay>();
  #idle: NodeJS.Timeout | undefined;

  constructor(directory: string, storeIds: readonly string[]) {
    this.#place = { directory, storeIds };
  }

  start(): void {
    if (this.#isBroken) return;
    try {
      this.#worker ??= this.#startWorker();
    } catch {
      this.#isBroken = true; // The system, or the program's permissions, allow no thread.
      return;
    }
    if (this.#underWay.size === 0) this.#rest();
  }

  async build(job: BuildJob, betweenSlices?: BetweenSlices): Promise<Built | undefined> {
    if (this.#worker === undefined) return undefined;
    clearTimeout(this.#idle);
    const number = ++this.#lastNumber;
    const underWay = new UnderWay(betweenSlices, () => {
      this.#post({ number, stops: true });
    });
    this.#underWay.set(number, underWay);
    this.#post({ number, job });
    const built = await underWay.built;
    this.#underWay.delete(number);
    if (this.#underWay.size === 0) this.#rest();
    await underWay.settle();
    return built && withBuffers(built);
  }

  close(): void {
    clearTimeout(this.#idle);
    const worker = this.#worker;
    if (worker === undefined) return;
    this.#worker = undefined;
    this.#ended.add(worker);
    void worker.terminate();
  }

  #post(message: ToBuilder): void {
    this.#worker?.ref();
    this.#worker?.postMessage(message);
  }

  #startWorker(): Worker {
    // Few processes ever need what it takes two milliseconds to load.
    const { Worker: Thread } = requireHere('node:worker_threads') as { Worker: typeof Worker };
    const worker = new Thread(new URL('./build-thread.js', import.meta.url), {
      workerData: this.#place,
      // Whatever the program has loaded before itself is not for this.
      execArgv: [],
      resourceLimits: { maxYoungGenerationSizeMb: builderYoungMiB },
      name: 'timekv builder',
    });
    worker.on('message', (message: FromBuilder) => {
      const underWay = this.#underWay.get(message.number);
      if ('built' in message) underWay?.end(message.built);
      else underWay?.came(message.entries);
    });
    worker.on('error', () => {
      this.#broke();
    });
    worker.on('exit', () => {
      if (!this.#ended.has(worker)) this.#broke();
    });
    return worker;
  }

  #broke(): void {
    this.#isBroken = true;
    this.#worker = undefined;
    for (const underWay of this.#underWay.values()) underWay.end(undefined);
  }

  #rest(): void {
    this.#worker?.unref();
    clearTimeout(this.#idle);
    this.#idle = setTimeout(() => {
      this.close();
    }, builderIdleMs);
    this.#idle.unref();
  }
}

/** A job over there. */
class UnderWay {
  readonly built: Promise<Built | undefined>;
  end!: (built: Built | undefined) => void;
  readonly #betweenSlices: BetweenSlices | undefined;
  readonly #stop: () => void;
  /** What runs between two slices, while it does. */
  #asked: Promise<void> | undefined;
  #failure: { error: unknown } | undefined;

  constructor(betweenSlices: BetweenSlices | undefined, stop: () => void) {
    this.#betweenSlices = betweenSlices;
    this.#stop = stop;
    this.built = new Promise((resolve) => {
      this.end = resolve;
    });
  }

  came(entries: number): void {
    if (this.#betweenSlices !== undefined) this.#asked ??= this.#ask(entries, this.#betweenSlices);
  }

  async #ask(entries: number, betweenSlices: BetweenSlices): Promise<void> {
    try {
      if (await betweenSlices(entries)) this.#stop();
    } catch (error) {
      this.#failure ??= { error };
      this.#stop();
    } finally {
      this.#asked = undefined;
    }
  }

  /** @throws what was thrown between two slices */
  async settle(): Promise<void> {
    await this.#asked;
    if (this.#failure !== undefined) throw this.#failure.error;
  }
}

/** Buffers come from another thread as arrays of bytes. */
function withBuffers(built: Built): Built {
  const { written } = built;
  if (typeof written === 'string') return built;
  return { ...built, written: propertiesWithBuffers(written) };
}
