/** Many commands over one open store, a line each: what `batch` runs, and `repl` without a terminal. */
import { tsvAbsent } from './cells.js';
import {
  AlreadyTold,
  ClosedPipe,
  codeOf,
  errorJson,
  Interrupted,
  messageOf,
  usageError,
} from './cli-error.js';
import type { Format } from './look.js';
import { inSession, type Host } from './host.js';
import { chunksOf, linesOf } from './input.js';
import { lineBytesMax } from './limits.js';
import { LineOutput } from './line-output.js';
import { AtomicStore, Gathered, LineStore, type Order } from './line-stores.js';
import { tokensOf } from './line-tokens.js';
import { runLine } from './session.js';
import type { StoreAccess } from './store-access.js';
import type { Token } from './tokens.js';
import { NotBegun, WriteBursts } from './write-bursts.js';

export interface BatchOptions {
  /** Makes one batch of all writes. */
  isAtomic: boolean;
  /** Goes on after an error. */
  keepsGoing: boolean;
  format: Format | undefined;
  zone: string | undefined;
}

/** So many lines may be under way together. */
const linesUnderWayMax = 1000;

/** A line that has begun. */
interface Line {
  number: number;
  output: LineOutput;
  /** The key that it writes, once that is known. */
  key?: string;
  error?: unknown;
  isFinished: boolean;
  /** Resolves when the line has finished, well or not. */
  finished: Promise<void>;
  /** Resolves when the lines before it have. */
  before: Promise<unknown>;
}

/** Runs the commands in a file or on stdin. Throws the first error, which has been told by then. */
export async function runBatch(
  path: string,
  host: Host,
  store: StoreAccess,
  options: BatchOptions,
): Promise<void> {
  const batch = new Batch(host, store, options);
  await batch.run(path);
}

class Batch {
  readonly #host: Host;
  readonly #store: StoreAccess;
  readonly #options: BatchOptions;
  readonly #isJson: boolean;
  readonly #gathered = new Gathered();
  readonly #bursts: WriteBursts;
  /** Ends the reading of lines. */
  readonly #stop = new AbortController();
  /** Lines that have not finished, oldest first. */
  readonly #underWay = new Set<Line>();
  readonly #keysUnderWay = new Set<string>();
  /** Lines whose answers have not been written, oldest first. */
  readonly #unanswered: Line[] = [];
  /** Resolves when all lines up to now have finished. */
  #finished: Promise<unknown> = Promise.resolve();
  /** Resolves when all lines up to now are answered. */
  #answered: Promise<void> = Promise.resolve();
  #firstError: { error: unknown } | undefined;

  constructor(host: Host, store: StoreAccess, options: BatchOptions) {
    this.#bursts = new WriteBursts(options.keepsGoing);
    this.#host = host;
    this.#store = store;
    this.#options = options;
    this.#isJson = options.format === 'json';
  }

  async run(path: string): Promise<void> {
    try {
      await this.#readLines(path);
    } catch (error) {
      if (error !== this.#stop.signal.reason) throw error;
    }
    if (this.#options.isAtomic && this.#firstError === undefined) {
      await this.#gathered.commit(this.#store);
      for (const line of this.#unanswered.slice()) this.#answer(line);
    }
    await this.#answered;
    if (this.#firstError !== undefined) throw new AlreadyTold(this.#firstError.error);
  }

  async #readLines(path: string): Promise<void> {
    const signal = AbortSignal.any([this.#host.signal, this.#stop.signal]);
    let number = 0;
    for await (const bytes of linesOf(chunksOf(path, signal), lineBytesMax)) {
      number += 1;
      await this.#run(number, bytes);
      signal.throwIfAborted();
    }
  }

  /** Resolves when the next line may begin. */
  async #run(number: number, bytes: Buffer): Promise<void> {
    const tokens = tokensOrFault(bytes);
    if (Array.isArray(tokens) && tokens.length === 0) return;
    if (this.#underWay.size >= linesUnderWayMax && !this.#options.isAtomic) {
      await this.#underWay.values().next().value?.finished;
    }
    await new Promise<void>((next) => {
      this.#begin(number, tokens, next);
    });
  }

  #begin(number: number, tokens: Token[] | Error, next: () => void): void {
    const { isAtomic } = this.#options;
    const line: Line = {
      number,
      output: new LineOutput(this.#host.output, this.#isJson || isAtomic),
      isFinished: false,
      finished: Promise.resolve(),
      before: this.#finished,
    };
    this.#underWay.add(line);
    this.#unanswered.push(line);
    line.finished = this.#work(line, tokens, next);
    this.#finished = Promise.all([line.before, line.finished]);
    if (!isAtomic) this.#answer(line);
  }

  /** Runs the line to its end. Never fails: what went wrong is noted in the line. */
  async #work(line: Line, tokens: Token[] | Error, next: () => void): Promise<void> {
    const { isAtomic, format, zone } = this.#options;
    const order = this.#orderOf(line, next);
    const store = isAtomic
      ? new AtomicStore(this.#store, order, this.#gathered)
      : new LineStore(this.#store, order);
    const session = { store, isLineByLine: true, format, zone };
    try {
      if (!Array.isArray(tokens)) throw tokens;
      await runLine(tokens, inSession(this.#host, line.output, session));
    } catch (error) {
      line.error = error;
    }
    this.#finish(line);
    next();
  }

  #orderOf(line: Line, next: () => void): Order {
    const { isAtomic } = this.#options;
    return {
      before: async () => {
        if (!isAtomic) await line.before;
      },
      isFree: (key) => !this.#keysUnderWay.has(key),
      begin: (key) => {
        line.key = key;
        this.#keysUnderWay.add(key);
        next();
      },
      bursts: this.#bursts,
    };
  }

  #finish(line: Line): void {
    const { error, key } = line;
    line.isFinished = true;
    this.#underWay.delete(line);
    if (key !== undefined) this.#keysUnderWay.delete(key);
    if (!isFault(error)) return;
    this.#firstError ??= { error };
    if (!this.#options.keepsGoing || isEnding(error)) this.#stop.abort(new AlreadyTold(error));
    if (this.#options.isAtomic) this.#answer(line);
  }

  /** Writes the line's answer after those before it. */
  #answer(line: Line): void {
    this.#answered = this.#answerAfter(this.#answered, line);
    this.#answered.catch((error: unknown) => {
      this.#stop.abort(error);
    });
  }

  async #answerAfter(before: Promise<void>, line: Line): Promise<void> {
    await before;
    await line.output.pass();
    await line.finished;
    await this.#complete(line);
    this.#unanswered.shift();
    // Who waits for an answer gets it at once; answers that are ready go out together.
    if (this.#unanswered[0]?.isFinished !== true) await this.#host.output.flush();
  }

  async #complete({ number, output, error }: Line): Promise<void> {
    if (isFault(error)) {
      if (this.#isJson) {
        output.discard();
        void output.write(`${JSON.stringify(errorJson(error))}\n`);
      } else if (!isEnding(error)) {
        this.#host.message(`line ${number}: ${messageOf(error)}`);
      }
    } else if (error instanceof NotBegun) {
      output.discard();
    } else if (this.#isJson && !output.hasAnswer) {
      void output.write('null\n');
    } else if (error !== undefined && !this.#isJson) {
      void output.write(`${tsvAbsent}\n`);
    }
    await output.end();
  }
}

function tokensOrFault(line: Buffer): Token[] | Error {
  try {
    return tokensOf(line);
  } catch (error) {
    if (error instanceof Error) return error;
    throw error;
  }
}

/** Whether a line went wrong; that it found nothing is an answer. */
function isFault(error: unknown): boolean {
  if (error === undefined || error instanceof NotBegun) return false;
  return codeOf(error) !== 'ERR_TIMEKV_NOTHING_THERE';
}

/** Errors that end the batch without a word. */
function isEnding(error: unknown): boolean {
  return error instanceof ClosedPipe || error instanceof Interrupted;
}

/** Refuses options that contradict each other. */
export function assertBatchOptions({ isAtomic, keepsGoing, format }: BatchOptions): void {
  if (isAtomic && keepsGoing) {
    throw usageError('--atomic writes all or nothing; leave --keep-going out');
  }
  if (format === 'table' || format === 'csv' || format === 'ndjson') {
    throw usageError(`a batch answers as tsv, or as JSON lines with --json; not as ${format}`);
  }
}
