/**
 * The lines of a batch, each as if the one before had finished. Writes that cannot touch each other
 * are under way together, and answers keep the order of the lines.
 */
import { AlreadyTold, isEnding } from './cli-error.js';
import {
  completeAnswer,
  isFault,
  runToEnd,
  type BatchLine,
  type LinesOptions,
} from './batch-line.js';
import type { Host } from './host.js';
import { LineOutput } from './line-output.js';
import { LineStore, type Order } from './line-stores.js';
import type { StoreAccess } from './store-access.js';
import type { Token } from './tokens.js';
import { WriteBursts } from './write-bursts.js';

/** So many lines may be under way together. */
const linesUnderWayMax = 1000;

interface Line extends BatchLine {
  /** The key that it writes, once that is known. */
  key?: string;
  isFinished: boolean;
  /** Resolves when the line has finished, well or not. */
  finished: Promise<void>;
  /** Resolves when the lines before it have. */
  before: Promise<unknown>;
}

export class PipelinedLines {
  readonly #host: Host;
  readonly #store: StoreAccess;
  readonly #options: LinesOptions;
  readonly #isJson: boolean;
  readonly #bursts: WriteBursts;
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

  constructor(host: Host, store: StoreAccess, options: LinesOptions) {
    this.#host = host;
    this.#store = store;
    this.#options = options;
    this.#isJson = options.format === 'json';
    this.#bursts = new WriteBursts(options.keepsGoing);
  }

  /** Resolves when the next line may begin. */
  async run(number: number, tokens: Token[] | Error): Promise<void> {
    if (this.#unanswered.length >= linesUnderWayMax) await this.#unanswered[0]?.finished;
    await new Promise<void>((next) => {
      this.#begin(number, tokens, next);
    });
  }

  /** Resolves when all is answered. Throws the first error. */
  async end(): Promise<void> {
    await this.#answered;
    if (this.#firstError !== undefined) throw new AlreadyTold(this.#firstError.error);
  }

  #begin(number: number, tokens: Token[] | Error, next: () => void): void {
    const line: Line = {
      number,
      output: new LineOutput(this.#host.output, this.#isJson),
      isFinished: false,
      finished: Promise.resolve(),
      before: this.#finished,
    };
    this.#underWay.add(line);
    this.#unanswered.push(line);
    line.finished = this.#work(line, tokens, next);
    this.#finished = Promise.all([line.before, line.finished]);
    this.#answered = this.#answerAfter(this.#answered, line);
    this.#answered.catch((error: unknown) => {
      this.#options.stop.abort(error);
    });
  }

  async #work(line: Line, tokens: Token[] | Error, next: () => void): Promise<void> {
    const { format, zone } = this.#options;
    const store = new LineStore(this.#store, this.#orderOf(line, next));
    await runToEnd(line, tokens, this.#host, { store, isLineByLine: true, format, zone });
    this.#finish(line);
    next();
  }

  #orderOf(line: Line, next: () => void): Order {
    return {
      before: async () => {
        await line.before;
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
    const { keepsGoing, stop } = this.#options;
    if (!keepsGoing || isEnding(error)) stop.abort(new AlreadyTold(error));
  }

  async #answerAfter(before: Promise<void>, line: Line): Promise<void> {
    await before;
    await line.output.pass();
    await line.finished;
    await completeAnswer(line, this.#host, this.#isJson);
    this.#unanswered.shift();
    // Who waits for an answer gets it at once; answers that are ready go out together.
    if (this.#unanswered[0]?.isFinished !== true) await this.#host.output.flush();
  }
}
