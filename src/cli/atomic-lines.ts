/** The lines of an atomic batch: reads see the state before it, writes are gathered and made at once. */
import type { Operation } from '../index.js';
import {
  completeAnswer,
  isFault,
  runToEnd,
  type BatchLine,
  type LinesOptions,
} from './batch-line.js';
import { AlreadyTold } from './cli-error.js';
import type { Gather, Host } from './host.js';
import { LineOutput } from './line-output.js';
import { AtomicStore } from './line-stores.js';
import type { StoreAccess } from './store-access.js';
import type { Token } from './tokens.js';

interface Line extends BatchLine {
  /** Answers when the timestamps are known. */
  answer?: (timestamps: readonly number[]) => Promise<void>;
}

export class AtomicLines {
  readonly #host: Host;
  readonly #store: StoreAccess;
  readonly #options: LinesOptions;
  readonly #isJson: boolean;
  readonly #operations: Operation<Buffer>[] = [];
  /** Lines that have an answer to give; plain writes have none. */
  readonly #lines: Line[] = [];
  #fault: Line | undefined;

  constructor(host: Host, store: StoreAccess, options: LinesOptions) {
    this.#host = host;
    this.#store = store;
    this.#options = options;
    this.#isJson = options.format === 'json';
  }

  async run(number: number, tokens: Token[] | Error): Promise<void> {
    const line: Line = { number, output: new LineOutput(this.#host.output, true) };
    const { format, zone, stop } = this.#options;
    const gather: Gather = (operation, answer) => {
      const place = this.#operations.push(operation) - 1;
      if (answer !== undefined) line.answer = (timestamps) => answer(timestamps[place] ?? 0);
    };
    const store = new AtomicStore(this.#store);
    await runToEnd(line, tokens, this.#host, { store, gather, isLineByLine: true, format, zone });
    if (isFault(line.error)) {
      this.#fault = line;
      stop.abort(new AlreadyTold(line.error));
    }
    const isSilent =
      line.answer === undefined && !line.output.hasAnswer && line.error === undefined;
    if (this.#isJson || !isSilent) this.#lines.push(line);
  }

  /** Commits, then answers. Where a line went wrong nothing is written, and only that is told. */
  async end(): Promise<void> {
    if (this.#fault !== undefined) {
      await completeAnswer(this.#fault, this.#host, this.#isJson);
      throw new AlreadyTold(this.#fault.error);
    }
    const timestamps = await this.#store.batch(this.#operations);
    for (const line of this.#lines) {
      await line.answer?.(timestamps);
      await completeAnswer(line, this.#host, this.#isJson);
    }
  }
}
