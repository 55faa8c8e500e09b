/** The REPL on a terminal: one open store, and the same commands as on the command line. */
import { asOfStore } from '../as-of-store.js';
import { Interrupted, isEnding, messageOf } from '../base/cli-error.js';
import { colours, isColoured } from '../display/colours.js';
import { complete } from './completion.js';
import { dotCommand, type ReplState } from './dot-commands.js';
import { EditHistory } from '../editor/edit-history.js';
import type { Format } from '../base/look.js';
import { SessionHost, type Host } from '../base/host.js';
import { LineEditor } from '../editor/line-editor.js';
import { lookAt } from './line-look.js';
import type { LineReader, Reading } from '../editor/line-reader.js';
import { splitLine, type SplitLine } from '../line-tokens.js';
import { overdue } from '../base/overdue.js';
import { PlainReader } from '../editor/plain-reader.js';
import { rememberedLines, rememberLine } from './remembered-lines.js';
import { runLine } from '../session.js';
import type { StoreAccess } from '../base/store-access.js';
import { historyFile } from '../base/store-directory.js';
import { timeContext } from '../time/time-context.js';
import type { TimeContext } from '../time/time-expression.js';

export interface ReplOptions {
  directory: string;
  format: Format | undefined;
  zone: string | undefined;
  /** What is typed is shown without colour. */
  isPlain: boolean;
}

const prompt = 'timekv> ';
const continuation = '   ...> ';
const rememberedLinesMax = 1000;
/** Longer lines hold values rather than commands. */
const rememberedCharactersMax = 1024;
/** A command that has not ended so long after Ctrl-C is left to itself. */
const graceMs = 1000;

/** Reads and runs lines until the user leaves. Errors are told and end nothing. */
export async function runRepl(host: Host, store: StoreAccess, options: ReplOptions): Promise<void> {
  const repl = new Repl(host, store, options);
  await repl.run();
}

class Repl {
  readonly #host: Host;
  readonly #store: StoreAccess;
  readonly #options: ReplOptions;
  readonly #file: string;
  readonly #state: ReplState;
  readonly #reader: LineReader;
  /** What was typed of a line that ends inside a quote. */
  #begun = '';
  /** Stops the running command. */
  #running: AbortController | undefined;
  #wasStopped = false;

  constructor(host: Host, store: StoreAccess, options: ReplOptions) {
    this.#host = host;
    this.#store = store;
    this.#options = options;
    this.#state = { format: options.format, isTimed: false, asOf: undefined };
    this.#file = historyFile(host.environment);
    this.#reader = host.environment['TERM'] === 'dumb' ? new PlainReader() : this.#editor();
  }

  #editor(): LineEditor {
    const { environment } = this.#host;
    const paints = colours(isColoured(true, this.#options.isPlain, environment));
    const guide = {
      look: async (line: string) => lookAt(line, await paints, this.#timesFor(line)),
      complete: (line: string) =>
        complete(line, {
          store: () => Promise.resolve(this.#session),
          times: () => this.#timesFor(line),
        }),
    };
    const history = new EditHistory(
      rememberedLines(this.#file, rememberedLinesMax),
      rememberedLinesMax,
    );
    return new LineEditor({ input: process.stdin, output: process.stdout }, guide, history);
  }

  async run(): Promise<void> {
    const { signal } = this.#host;
    const leave = (): void => {
      this.#reader.close();
    };
    this.#host.message(`timekv, ${this.#options.directory}; .help for help, Ctrl-D to leave`);
    signal.addEventListener('abort', leave);
    const giveBack = this.#host.takeInterrupts(() => {
      this.#interrupt();
    });
    try {
      await this.#readLines();
    } finally {
      giveBack();
      signal.removeEventListener('abort', leave);
      this.#reader.close();
    }
    signal.throwIfAborted();
  }

  async #readLines(): Promise<void> {
    let wasAsked = false;
    for (;;) {
      const reading = await this.#reader.read(this.#prompt);
      if (reading.kind === 'end') return;
      const isIdle = reading.kind === 'interrupt' && reading.wasEmpty && this.#begun === '';
      if (isIdle && wasAsked) return;
      if (isIdle) this.#host.message('Ctrl-C again, or Ctrl-D, to leave');
      wasAsked = isIdle;
      this.#wasStopped = false;
      if (await this.#takeAll(reading)) return;
    }
  }

  get #prompt(): string {
    if (this.#begun !== '') return continuation;
    const { asOf } = this.#state;
    return asOf === undefined ? prompt : `timekv @${asOf.written}> `;
  }

  /** Runs the lines one after the other. Answers true if the user wants to leave. */
  async #takeAll(reading: Reading): Promise<boolean> {
    if (reading.kind !== 'text') {
      this.#begun = '';
      return false;
    }
    for (const line of reading.text.split('\n')) {
      if (await this.#take(line)) return true;
      // Ctrl-C is meant for all that was sent off together.
      if (this.#wasStopped || this.#host.signal.aborted) break;
    }
    return false;
  }

  async #take(line: string): Promise<boolean> {
    const text = this.#begun + line;
    this.#begun = '';
    try {
      const split = splitLine(Buffer.from(text));
      if (split.open !== undefined) {
        this.#begun = `${text}\n`;
        return false;
      }
      return await this.#execute(text, split);
    } catch (error) {
      if (!isEnding(error)) this.#host.message(messageOf(error));
      return false;
    } finally {
      await this.#host.output.flush().catch(() => undefined);
    }
  }

  async #execute(text: string, { tokens }: SplitLine): Promise<boolean> {
    const values = tokens.map(({ value }) => value);
    const [verb] = values;
    if (verb === undefined) return false;
    this.#remember(text);
    if (typeof verb === 'string' && verb.startsWith('.')) {
      return dotCommand(values, { state: this.#state, host: this.#host, times: this.#clock });
    }
    if (verb === 'exit' || verb === 'quit') return true;
    const started = performance.now();
    this.#running = new AbortController();
    const signal = AbortSignal.any([this.#host.signal, this.#running.signal]);
    const { format, asOf } = this.#state;
    const { zone } = this.#options;
    const store = this.#session;
    const frame = { store, asOf: asOf?.written, isLineByLine: false, zone, format };
    try {
      const host = new SessionHost(this.#host, this.#host.output, frame, signal);
      await Promise.race([runLine(values, host), overdue(signal, () => graceMs)]);
    } catch (error) {
      if (error instanceof Interrupted) this.#host.message('interrupted');
      else if (!isEnding(error)) this.#host.message(messageOf(error));
    } finally {
      this.#running = undefined;
    }
    if (this.#state.isTimed) {
      this.#host.message(`${(performance.now() - started).toFixed(1)} ms`);
    }
    return false;
  }

  /** The store as the session sees it. */
  get #session(): StoreAccess {
    const { asOf } = this.#state;
    return asOf === undefined ? this.#store : asOfStore(this.#store, asOf.time, asOf.written);
  }

  /** Times as the line reads them: dot commands are about the session, and go by the clock. */
  #timesFor(line: string): TimeContext {
    if (line.trimStart().startsWith('.')) return this.#clock;
    return timeContext(this.#session, this.#options.zone, this.#host.environment);
  }

  get #clock(): TimeContext {
    return timeContext(this.#store, this.#options.zone, this.#host.environment);
  }

  /** Ctrl-C ends the running command; else it clears the line. */
  #interrupt(): void {
    if (this.#running === undefined) {
      this.#reader.interrupt();
      return;
    }
    this.#wasStopped = true;
    this.#running.abort(new Interrupted('SIGINT'));
  }

  /** A blank in front keeps a line out of the file. */
  #remember(line: string): void {
    this.#reader.remember(line);
    const isKept = !line.startsWith(' ') && !line.includes('\n');
    if (isKept && line.length <= rememberedCharactersMax) rememberLine(this.#file, line);
  }
}
