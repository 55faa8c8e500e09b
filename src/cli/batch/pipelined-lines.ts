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
import type { Operation } from '../../index.js';
import type { Host } from '../base/host.js';
import { LineOutput } from './line-output.js';
import { LineStore } from './line-stores.js';
import { quickGet } from './quick-get.js';
import { quickSet } from './quick-set.js';
import type { Committed, StoreAccess } from '../base/store-access.js';
import type { Token } from '../tokens.js';
import { NotBegun, WriteBursts } from './write-bursts.js';

/** So much may be under way together, written or not yet answered. */
const linesUnderWayMax = 1000;
const bytesUnderWayMax = 4 * 1024 * 1024;

interface Waiting {
  promise: Promise<void>;
  resolve: () => void;
  reject: (error: unknown) => void;
}

/** A line whose answer has not been written. */
class Line {
  readonly number: number;
  /** Undefined for one that has nothing to say. */
  readonly output: LineOutput | undefined;
  /** Of its write, once that is on its way. */
  bytes = 0;
  error: unknown;
  /** Resolves when the line has finished, well or not; undefined once it has. */
  finished: Promise<void> | undefined;
  #waiting: Waiting | undefined;

  constructor(number: number, output: LineOutput | undefined) {
    this.number = number;
    this.output = output;
  }

  /** Resolves when the line is answered, and so are those before it. */
  get answered(): Promise<void> {
    this.#waiting ??= waiting();
    return this.#waiting.promise;
  }

  /** True if it has finished, and there is nothing to tell of it. */
  get isSilent(): boolean {
    return this.output === undefined && this.finished === undefined && this.error === undefined;
  }

  /** @param failure why no answer can be written any more */
  settle(failure: { error: unknown } | undefined): void {
    if (failure === undefined) this.#waiting?.resolve();
    else this.#waiting?.reject(failure.error);
  }
}

function waiting(): Waiting {
  let resolve: Waiting['resolve'] = () => undefined;
  let reject: Waiting['reject'] = () => undefined;
  const promise = new Promise<void>((whenDone, whenFailed) => {
    resolve = whenDone;
    reject = whenFailed;
  });
  return { promise, resolve, reject };
}

export class PipelinedLines implements Lines {
  readonly #host: Host;
  readonly #store: StoreAccess;
  readonly #options: LinesOptions;
  readonly #isJson: boolean;
  readonly #bursts: WriteBursts;
  /** Oldest first. */
  readonly #unanswered: Line[] = [];
  #bytesUnderWay = 0;
  #isAnswering = false;
  /** Why no answer can be written any more. */
  #failure: { error: unknown } | undefined;
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
    if (tokens instanceof Error) return this.#runWhole(number, tokens);
    if (this.#unanswered.length === 0 && !this.#hasStopped) {
      const answer = quickGet(tokens, this.#store, this.#host, this.#isJson);
      if (answer !== undefined) {
        this.#flushSoon();
        return this.#host.output.write(answer);
      }
    }
    const operation = this.#isJson ? undefined : quickSet(tokens, this.#host);
    if (operation === undefined) return this.#runWhole(number, tokens);
    if (this.#isFull) return this.#untilRoom().then(() => this.#beginSet(number, operation));
    this.#beginSet(number, operation);
    return undefined;
  }

  async #runWhole(number: number, tokens: Token[] | Error): Promise<void> {
    await this.#untilRoom();
    await new Promise<void>((next) => {
      this.#begin(number, tokens, next);
    });
  }

  async end(unread: { error: unknown } | undefined): Promise<void> {
    await this.#allAnswered();
    if (this.#firstError !== undefined) throw new AlreadyTold(this.#firstError.error);
    if (unread !== undefined) throw unread.error;
  }

  get #isFull(): boolean {
    return this.#unanswered.length >= linesUnderWayMax || this.#bytesUnderWay >= bytesUnderWayMax;
  }

  async #untilRoom(): Promise<void> {
    while (this.#isFull) await this.#unanswered[0]?.answered;
  }

  /** Resolves when all lines up to now are answered. */
  #allAnswered(): Promise<void> {
    const last = this.#unanswered.at(-1);
    if (last !== undefined) return last.answered;
    const none = waiting();
    if (this.#failure === undefined) none.resolve();
    else none.reject(this.#failure.error);
    return none.promise;
  }

  /** A plain write: it waits for nobody, and says nothing. */
  #beginSet(number: number, operation: Operation<Buffer>): void {
    const line = new Line(number, undefined);
    line.finished = this.#settled(line, this.#write(line, operation));
    this.#queue(line);
  }

  async #settled(line: Line, committed: Promise<unknown>): Promise<void> {
    try {
      await committed;
    } catch (error) {
      line.error = error;
    }
    this.#finish(line);
  }

  #begin(number: number, tokens: Token[] | Error, next: () => void): void {
    const before = this.#allAnswered();
    before.catch(() => undefined); // A line that waits for nobody need not know.
    const output = new LineOutput(this.#host.output, this.#isJson);
    const line = new Line(number, output);
    line.finished = this.#work(line, { number, output }, tokens, { before, next });
    this.#queue(line);
  }

  async #work(
    line: Line,
    asRun: BatchLine,
    tokens: Token[] | Error,
    { before, next }: { before: Promise<void>; next: () => void },
  ): Promise<void> {
    const { format, zone } = this.#options;
    const store = new LineStore(this.#store, {
      before: async () => {
        await before;
        if (this.#hasStopped) throw new NotBegun();
      },
      begin: (operation) => {
        const committed = this.#write(line, operation);
        next();
        return committed;
      },
    });
    await runToEnd(asRun, tokens, this.#host, { store, isLineByLine: true, format, zone });
    line.error = asRun.error;
    this.#finish(line);
    next();
  }

  #write(line: Line, operation: Operation<Buffer>): Promise<Committed> {
    line.bytes = bytesOf(operation);
    this.#bytesUnderWay += line.bytes;
    return this.#bursts.add(operation, line.bytes);
  }

  #finish(line: Line): void {
    const { keepsGoing, stop } = this.#options;
    line.finished = undefined;
    if (isFault(line.error) && (!keepsGoing || isEnding(line.error))) {
      stop.abort(new AlreadyTold(line.error));
    }
  }

  #queue(line: Line): void {
    this.#unanswered.push(line);
    if (!this.#isAnswering) void this.#answerAll();
  }

  /** Answers the lines in their order, each when it has finished, until none is left. */
  async #answerAll(): Promise<void> {
    this.#isAnswering = true;
    for (let line = this.#unanswered[0]; line !== undefined; line = this.#unanswered[0]) {
      try {
        if (this.#failure === undefined && !line.isSilent) await this.#answer(line);
      } catch (error) {
        this.#failure = { error };
        this.#options.stop.abort(error);
      }
      this.#unanswered.shift();
      this.#bytesUnderWay -= line.bytes;
      line.settle(this.#failure);
      this.#flushSoon();
    }
    this.#isAnswering = false;
  }

  async #answer(line: Line): Promise<void> {
    if (!this.#hasStopped) await line.output?.pass();
    if (line.finished !== undefined) await line.finished;
    const { error } = line;
    if (this.#hasStopped && !mayBeWritten(error)) return;
    if (line.isSilent) return;
    const output = line.output ?? new LineOutput(this.#host.output, this.#isJson);
    await completeAnswer({ number: line.number, output, error }, this.#host, this.#isJson);
    if (!isFault(error)) return;
    this.#firstError ??= { error };
    this.#hasStopped ||= !this.#options.keepsGoing || isEnding(error);
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
}
