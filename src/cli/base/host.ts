/** What a command runs in: a process of its own, or one line of a session. */
import type { Readable } from 'node:stream';
import type { Operation } from '../../index.js';
import { Interrupted, type StopSignal } from './cli-error.js';
import type { Format } from './look.js';
import { StreamOutput, type Output } from './output.js';
import type { StoreAccess } from './store-access.js';
import { visible } from './terminal-text.js';
import { isTerminal } from './terminals.js';

/** What is answered in JSON once writes are made: made of the versions that they have written. */
export type WriteAnswer = (versions: readonly Record<string, unknown>[]) => unknown;

/** Takes writes that are made later. With `answer` they are answered in JSON then. */
export type Gather = (
  operations: readonly Operation<Buffer>[],
  answer: WriteAnswer | undefined,
) => void;

/** The open store of a session, and what its lines have in common. */
export interface SessionFrame {
  readonly store: StoreAccess;
  /** The time that its reads are as of, as it is written; then nothing is written to the store. */
  readonly asOf?: string | undefined;
  /** Where writes go that are to be made together. */
  readonly gather?: Gather;
  /** Each answer is exactly one line. */
  readonly isLineByLine: boolean;
  readonly format: Format | undefined;
  readonly zone: string | undefined;
}

/** A stream, and the number of the file that it comes from, where there is one. */
export type Input = Readable & { fd?: number };

export interface Host {
  readonly output: Output;
  readonly environment: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
  /** What is on stdin. It begins to be read when it is first asked for. */
  readonly input: Input;
  /** Somebody types what is on stdin. */
  readonly hasTerminalInput: boolean;
  /** The output ends on a terminal. */
  readonly isTerminal: boolean;
  /** Messages end on a terminal. */
  readonly hasTerminalMessages: boolean;
  /** Columns of the terminal; Infinity where there is none. */
  readonly width: number;
  /** Rows of the terminal; Infinity where there is none. */
  readonly height: number;
  readonly session?: SessionFrame | undefined;
  /** How long the command may take to end in good order after a signal, in milliseconds. */
  graceMs: number;
  /** Writes to stderr what is no data. */
  message(text: string): void;
  /** Writes to stderr as it is, without a line end: for what redraws itself. */
  draw(text: string): void;
  /** Has Ctrl-C do something else than end the process, until what is answered is called. */
  takeInterrupts(take: () => void): () => void;
}

/** The process itself. */
export class ProcessHost implements Host {
  /** A copy: each look at the process's own asks the system. */
  readonly environment = { ...process.env };
  readonly hasTerminalInput = isTerminal(0);
  readonly isTerminal = isTerminal(1);
  readonly hasTerminalMessages = isTerminal(2);
  readonly signal: AbortSignal;
  readonly output: Output;
  graceMs = 2000;
  readonly #messages: StreamOutput;
  #lastMessage: Promise<void> = Promise.resolve();
  readonly #stop = new AbortController();
  #takeInterrupt: (() => void) | undefined;

  constructor() {
    this.signal = this.#stop.signal;
    this.output = new StreamOutput(() => process.stdout, this.signal, 1);
    this.#messages = new StreamOutput(() => process.stderr, new AbortController().signal);
  }

  get input(): Input {
    return process.stdin;
  }

  get height(): number {
    return this.isTerminal ? process.stdout.rows || 24 : Infinity;
  }

  get width(): number {
    // Some terminals say 0 when they do not know.
    return this.isTerminal ? process.stdout.columns || 80 : Infinity;
  }

  message(text: string): void {
    const line = this.hasTerminalMessages ? text.split('\n').map(visible).join('\n') : text;
    void this.#messages.write(`${line}\n`);
    // Who reads messages wants them now; one that cannot be written is no reason to stop.
    this.#lastMessage = this.#messages.flush().catch(() => undefined);
  }

  draw(text: string): void {
    process.stderr.write(text);
  }

  takeInterrupts(take: () => void): () => void {
    const before = this.#takeInterrupt;
    this.#takeInterrupt = take;
    return () => {
      this.#takeInterrupt = before;
    };
  }

  /** Resolves when all messages are out. */
  flushMessages(): Promise<void> {
    return this.#lastMessage;
  }

  /** Ends the running command in good order at the first signal, at once at the second. */
  stopOnSignals(onSecond: (stopSignal: StopSignal) => void): void {
    for (const stopSignal of ['SIGINT', 'SIGTERM'] as const) {
      process.on(stopSignal, () => {
        if (stopSignal === 'SIGINT' && this.#takeInterrupt !== undefined) {
          this.#takeInterrupt();
          return;
        }
        if (this.signal.aborted) onSecond(stopSignal);
        this.#stop.abort(new Interrupted(stopSignal));
      });
    }
  }
}

/** The same host with another output, and for one line of a session with what its lines share. */
export class SessionHost implements Host {
  readonly #host: Host;
  readonly output: Output;
  readonly session: SessionFrame | undefined;
  readonly signal: AbortSignal;

  constructor(host: Host, output: Output, session: SessionFrame | undefined, signal = host.signal) {
    this.#host = host;
    this.output = output;
    this.session = session;
    this.signal = signal;
  }

  get environment(): NodeJS.ProcessEnv {
    return this.#host.environment;
  }

  get input(): Input {
    return this.#host.input;
  }

  get hasTerminalInput(): boolean {
    return this.#host.hasTerminalInput;
  }

  get isTerminal(): boolean {
    return this.#host.isTerminal;
  }

  get hasTerminalMessages(): boolean {
    return this.#host.hasTerminalMessages;
  }

  get width(): number {
    return this.#host.width;
  }

  get height(): number {
    return this.#host.height;
  }

  message(text: string): void {
    this.#host.message(text);
  }

  get graceMs(): number {
    return this.#host.graceMs;
  }

  set graceMs(milliseconds: number) {
    this.#host.graceMs = milliseconds;
  }

  draw(text: string): void {
    this.#host.draw(text);
  }

  takeInterrupts(take: () => void): () => void {
    return this.#host.takeInterrupts(take);
  }
}
