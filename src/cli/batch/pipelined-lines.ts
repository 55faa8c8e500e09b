/**
 * The lines of a batch, each as if the one before had finished. Unconditional writes are under way
 * together; what fails, and what is answered, is settled in the order of the lines.
 */
import { AlreadyTold, isEnding, mayBeWritten } from '../base/cli-error.js';
import {
  bytesOf,
  completeAnswer,
  isFault,
  runToEnd,
  type BatchLine,
  type Lines,
  type LinesOptions,
} from './batch-line.js';
import type { Host } from '../base/host.js';
import { LineOutput } from './line-output.js';
import { LineStore } from './line-stores.js';
import { quickGet } from './quick-get.js';
import type { StoreAccess } from '../base/store-access.js';
import type { Token } from '../tokens.js';
import { NotBegun, WriteBursts } from './write-bursts.js';

/** So much may be under way together, written or not yet answered. */
const linesUnderWayMax = 1000;
const bytesUnderWayMax = 4 * 1024 * 1024;

interface Line extends BatchLine {
  /** Of its write, once that is on its way. */
  bytes: number;
  isFinished: boolean;
  /** Resolves when the line has finished, well or not. */
  finished: Promise<void>;
  /** Resolves when the line is answered, and so are those before it. */
  answered: Promise<void>;
}

export class PipelinedLines implements Lines {
  readonly #host: Host;
  readonly #store: StoreAccess;
  readonly #options: LinesOptions;
  readonly #isJson: boolean;
  readonly #bursts: WriteBursts;
  /** Lines whose answers have not been written, oldest first. */
  readonly #unanswered: Line[] = [];
  #bytesUnderWay = 0;
  /** Resolves when all lines up to now are answered. */
  #answered: Promise<void> = Promise.resolve();
  #firstError: { error: unknown } | undefined;
  #isFlushScheduled = false;
  /** A line that is answered already has ended the batch. */
  #hasStopped = false;

  constructor(host: Host, store: StoreAccess, options: LinesOptions) {
    this.#host = host;
    this.#store = store;
    this.#options = options;
    this.#isJson = options.format === 'json';
    this.#bursts = new WriteBursts(
      (operations) => store.commit(operations, true),
      options.keepsGoing,
    );
  }

  run(number: number, tokens: Token[] | Error): Promise<void> | undefined {
    const isNext = this.#unanswered.length === 0 && !this.#hasStopped;
    if (isNext && !(tokens instanceof Error)) {
      const answer = quickGet(tokens, this.#store, this.#host, this.#isJson);
      if (answer !== undefined) {
        this.#flushSoon();
        return this.#host.output.write(answer);
      }
    }
    return this.#runWhole(number, tokens);
  }

  async #runWhole(number: number, tokens: Token[] | Error): Promise<void> {
    while (this.#isFull) await this.#unanswered[0]?.answered;
    await new Promise<void>((next) => {
      this.#begin(number, tokens, next);
    });
  }

  async end(unread: { error: unknown } | undefined): Promise<void> {
    await this.#answered;
    if (this.#firstError !== undefined) throw new AlreadyTold(this.#firstError.error);
    if (unread !== undefined) throw unread.error;
  }

  get #isFull(): boolean {
    return this.#unanswered.length >= linesUnderWayMax || this.#bytesUnderWay >= bytesUnderWayMax;
  }

  #begin(number: number, tokens: Token[] | Error, next: () => void): void {
    const before = this.#answered;
    const line: Line = {
      number,
      output: new LineOutput(this.#host.output, this.#isJson),
      bytes: 0,
      isFinished: false,
      finished: Promise.resolve(),
      answered: Promise.resolve(),
    };
    this.#unanswered.push(line);
    line.finished = this.#work(line, tokens, before, next);
    line.answered = this.#answerAfter(before, line);
    this.#answered = line.answered;
    line.answered.catch((error: unknown) => {
      this.#options.stop.abort(error);
    });
  }

  async #work(
    line: Line,
    tokens: Token[] | Error,
    before: Promise<void>,
    next: () => void,
  ): Promise<void> {
    const { format, zone, keepsGoing, stop } = this.#options;
    const store = new LineStore(this.#store, {
      before: async () => {
        await before;
        if (this.#hasStopped) throw new NotBegun();
      },
      begin: (operation) => {
        line.bytes = bytesOf(operation);
        this.#bytesUnderWay += line.bytes;
        const committed = this.#bursts.add(operation, line.bytes);
        next();
        return committed;
      },
    });
    await runToEnd(line, tokens, this.#host, { store, isLineByLine: true, format, zone });
    line.isFinished = true;
    if (isFault(line.error) && (!keepsGoing || isEnding(line.error))) {
      stop.abort(new AlreadyTold(line.error));
    }
    next();
  }

  async #answerAfter(before: Promise<void>, line: Line): Promise<void> {
    await before;
    if (!this.#hasStopped) await line.output.pass();
    await line.finished;
    if (!this.#hasStopped || mayBeWritten(line.error)) await this.#answer(line);
    this.#unanswered.shift();
    this.#bytesUnderWay -= line.bytes;
    this.#flushSoon();
  }

  /** Who waits for an answer gets it at once; answers that are ready in one turn go out together. */
  #flushSoon(): void {
    if (this.#isFlushScheduled) return;
    this.#isFlushScheduled = true;
    setImmediate(() => {
      this.#isFlushScheduled = false;
      this.#host.output.flush().catch((error: unknown) => {
        this.#options.stop.abort(error);
      });
    });
  }

  async #answer(line: Line): Promise<void> {
    const { error } = line;
    await completeAnswer(line, this.#host, this.#isJson);
    if (!isFault(error)) return;
    this.#firstError ??= { error };
    this.#hasStopped ||= !this.#options.keepsGoing || isEnding(error);
  }
}
