/** The REPL on a terminal: one open store, and the same commands as on the command line. */
import { createInterface, type Interface } from 'node:readline/promises';
import { Interrupted, messageOf } from './cli-error.js';
import { complete } from './completion.js';
import { dotCommand, type ReplState } from './dot-commands.js';
import type { Format } from './look.js';
import { SessionHost, type Host } from './host.js';
import { rememberedLines, rememberLine } from './input.js';
import { splitLine, type SplitLine } from './line-tokens.js';
import { runLine } from './session.js';
import type { StoreAccess } from './store-access.js';
import { historyFile } from './store-directory.js';

export interface ReplOptions {
  directory: string;
  format: Format | undefined;
  zone: string | undefined;
}

const prompt = 'timekv> ';
const continuation = '   ...> ';
const rememberedLinesMax = 1000;
/** Longer lines hold values rather than commands. */
const rememberedCharactersMax = 1024;

/** Reads and runs lines until the user leaves. Errors are told and end nothing. */
export async function runRepl(host: Host, store: StoreAccess, options: ReplOptions): Promise<void> {
  const repl = new Repl(host, store, options);
  await repl.run();
}

class Repl {
  readonly #host: Host;
  readonly #store: StoreAccess;
  readonly #zone: string | undefined;
  readonly #file: string;
  readonly #terminal: Interface;
  readonly #state: ReplState;
  /** What was typed of a line that ends inside a quote. */
  #begun = '';
  /** Stops the running command. */
  #running: AbortController | undefined;

  constructor(host: Host, store: StoreAccess, { directory, format, zone }: ReplOptions) {
    this.#host = host;
    this.#store = store;
    this.#zone = zone;
    this.#state = { format, isTimed: false };
    this.#file = historyFile(host.environment);
    host.message(`timekv, ${directory}; .help for help, Ctrl-D to leave`);
    this.#terminal = createInterface({
      input: process.stdin,
      output: process.stdout,
      prompt,
      historySize: rememberedLinesMax,
      history: rememberedLines(this.#file, rememberedLinesMax).toReversed(),
      removeHistoryDuplicates: true,
      completer: (line: string) => complete(line, this.#store),
    });
  }

  async run(): Promise<void> {
    const { signal } = this.#host;
    const leave = (): void => {
      this.#terminal.close();
    };
    signal.addEventListener('abort', leave);
    this.#terminal.on('SIGINT', () => {
      this.#interrupt();
    });
    this.#terminal.prompt();
    // Lines that are pasted together come one after the other.
    for await (const line of this.#terminal) {
      if (await this.#take(line)) break;
      this.#terminal.setPrompt(this.#begun === '' ? prompt : continuation);
      this.#terminal.prompt();
    }
    signal.removeEventListener('abort', leave);
    this.#terminal.close();
    signal.throwIfAborted();
  }

  /** @returns true if the user wants to leave */
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
      this.#host.message(messageOf(error));
      return false;
    }
  }

  async #execute(text: string, { tokens }: SplitLine): Promise<boolean> {
    const values = tokens.map(({ value }) => value);
    const [verb] = values;
    if (verb === undefined) return false;
    this.#remember(text);
    if (typeof verb === 'string' && verb.startsWith('.')) {
      return dotCommand(values, this.#state, this.#host);
    }
    if (verb === 'exit' || verb === 'quit') return true;
    const started = performance.now();
    this.#running = new AbortController();
    const signal = AbortSignal.any([this.#host.signal, this.#running.signal]);
    const { format } = this.#state;
    const frame = { store: this.#store, isLineByLine: false, zone: this.#zone, format };
    try {
      await runLine(values, new SessionHost(this.#host, this.#host.output, frame, signal));
    } catch (error) {
      this.#host.message(messageOf(error));
    } finally {
      this.#running = undefined;
      await this.#host.output.flush();
    }
    if (this.#state.isTimed) {
      this.#host.message(`${(performance.now() - started).toFixed(1)} ms`);
    }
    return false;
  }

  /** Ctrl-C ends the running command; else it clears the line. */
  #interrupt(): void {
    if (this.#running !== undefined) {
      this.#running.abort(new Interrupted('SIGINT'));
      return;
    }
    this.#begun = '';
    // As bash does: what was typed stays to be seen, and a fresh line begins.
    this.#host.draw('^C\n');
    this.#terminal.write(null, { ctrl: true, name: 'e' });
    this.#terminal.write(null, { ctrl: true, name: 'u' });
    this.#terminal.setPrompt(prompt);
    this.#terminal.prompt();
  }

  /** A blank in front keeps a line out of the file. */
  #remember(line: string): void {
    const isKept = !line.startsWith(' ') && !line.includes('\n');
    if (isKept && line.length <= rememberedCharactersMax) rememberLine(this.#file, line);
  }
}
