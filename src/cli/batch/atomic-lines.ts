/** The lines of an atomic batch: reads see the state before it, writes are gathered and made at once. */
import type { Operation } from '../../index.js';
import {
  bytesOf,
  completeAnswer,
  isFault,
  runToEnd,
  type BatchLine,
  type Lines,
  type LinesOptions,
} from './batch-line.js';
import {
  AlreadyTold,
  errorJson,
  isEnding,
  messageOf,
  operationOf,
  usageError,
} from '../base/cli-error.js';
import { jsonText } from '../display/formats.js';
import type { Gather, Host, WriteAnswer } from '../base/host.js';
import { LineOutput } from './line-output.js';
import { AtomicStore } from './line-stores.js';
import {
  batchBytesMax,
  batchOperationsMax,
  heldAnswersBytesMax,
  operationBytes,
} from '../base/limits.js';
import { type Committed, committedPart, type StoreAccess } from '../base/store-access.js';
import type { Token } from '../tokens.js';
import { writtenJson } from '../display/written.js';

/** Writes that are answered in JSON: their places in the batch, and what is made of the versions. */
interface Gathered {
  from: number;
  to: number;
  answer: WriteAnswer;
}

interface Fault {
  /** Of the line; undefined where all are concerned. */
  number: number | undefined;
  error: unknown;
}

export class AtomicLines implements Lines {
  readonly #host: Host;
  readonly #store: StoreAccess;
  /** The store as the lines see it. */
  readonly #before: AtomicStore;
  readonly #options: LinesOptions;
  readonly #isJson: boolean;
  readonly #operations: Operation<Buffer>[] = [];
  /** The number of the line that each operation comes from. */
  readonly #numbers: number[] = [];
  /** What the lines answer, in order; plain writes have nothing to say. */
  readonly #answers: (BatchLine | Gathered)[] = [];
  #operationsBytes = 0;
  #answersBytes = 0;
  #fault: Fault | undefined;

  constructor(host: Host, store: StoreAccess, options: LinesOptions) {
    this.#host = host;
    this.#store = store;
    this.#before = new AtomicStore(store);
    this.#options = options;
    this.#isJson = options.format === 'json';
  }

  async run(number: number, tokens: Token[] | Error): Promise<void> {
    const room = heldAnswersBytesMax - this.#answersBytes;
    const line: BatchLine = { number, output: new LineOutput(this.#host.output, true, room) };
    const { format, zone, stop } = this.#options;
    let written: Gathered | undefined;
    const gather: Gather = (operations, answer) => {
      const from = this.#operations.length;
      for (const operation of operations) {
        this.#count(operation);
        this.#numbers.push(number);
        this.#operations.push(operation);
      }
      if (answer !== undefined) written = { from, to: this.#operations.length, answer };
    };
    const store = this.#before;
    await runToEnd(line, tokens, this.#host, { store, gather, isLineByLine: true, format, zone });
    if (
      this.#isJson ||
      written !== undefined ||
      line.output.hasAnswer ||
      line.error !== undefined
    ) {
      this.#answers.push(written ?? line);
    }
    this.#answersBytes += line.output.keptBytes;
    if (isFault(line.error)) {
      this.#fault = { number, error: line.error };
      stop.abort(new AlreadyTold(line.error));
    }
  }

  /** Refuses what no batch can hold as soon as that is known. */
  #count(operation: Operation<Buffer>): void {
    this.#operationsBytes += bytesOf(operation) + operationBytes;
    if (this.#operationsBytes > batchBytesMax || this.#operations.length === batchOperationsMax) {
      throw usageError(
        `an atomic batch has at most ${batchOperationsMax} writes and 64 MiB; split it, or leave --atomic out`,
      );
    }
  }

  /** Commits, then answers. Where anything went wrong nothing is written, and only that is told. */
  async end(unread: { error: unknown } | undefined): Promise<void> {
    if (unread !== undefined) this.#fault ??= { number: undefined, error: unread.error };
    if (this.#fault !== undefined) return this.#tell(this.#fault);
    let committed: Committed;
    try {
      committed = await this.#store.commit(this.#operations);
    } catch (error) {
      return this.#tell({ number: this.#numbers[operationOf(error) ?? -1], error });
    }
    for (const answer of this.#answers) await this.#answer(answer, committed);
  }

  async #tell({ number, error }: Fault): Promise<never> {
    const isAnswered = this.#isJson && this.#answers.length > 0;
    if (isEnding(error) || (number === undefined && !isAnswered)) throw error;
    const place = number === undefined ? '' : `line ${number}: `;
    const message = `${place}${messageOf(error)}`;
    if (isAnswered) {
      const text = JSON.stringify({ error: { ...errorJson(error).error, message } });
      for (const _ of this.#answers) await this.#host.output.write(`${text}\n`);
      await this.#host.output.flush();
    } else {
      this.#host.message(message);
    }
    throw new AlreadyTold(error);
  }

  async #answer(line: BatchLine | Gathered, committed: Committed): Promise<void> {
    if ('output' in line) return completeAnswer(line, this.#host, this.#isJson);
    const { from, to, answer } = line;
    const own = committedPart(committed, from, to);
    const versions = writtenJson(this.#store, this.#operations.slice(from, to), own);
    await this.#host.output.write(`${jsonText(answer(versions), this.#host)}\n`);
  }
}
