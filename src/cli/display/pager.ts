/**
 * Long answers on a terminal go through a pager, as git's do. What fits the screen is written as it
 * is, so that no program is started for a line or two.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { CliError } from '../base/cli-error.js';
import { displayWidth } from './display-width.js';
import type { Host } from '../base/host.js';
import { StreamOutput, type Output } from '../base/output.js';

/** What less does unless `$LESS` says otherwise: ends on a short text, shows colours, leaves the text. */
const lessOptions = 'FRX';
/** More than any screen shows. */
const manyCharacters = 256 * 1024;
/** What a shell says of a program that it cannot run. */
const cannotRun = new Set([126, 127]);

/** The pager's command line; undefined where there is to be none. */
export function pagerCommand(environment: NodeJS.ProcessEnv): string | undefined {
  if (environment['TERM'] === 'dumb') return undefined;
  const chosen = environment['TIMEKV_PAGER'] ?? environment['PAGER'];
  if (chosen !== undefined) return ['', 'cat'].includes(chosen.trim()) ? undefined : chosen;
  return isInstalled('less', environment) ? 'less' : undefined;
}

/** An output that turns to the pager when it has become longer than the screen. */
export class PagedOutput implements Output {
  readonly #host: Host;
  readonly #command: string;
  #held: (string | Uint8Array)[] = [];
  #heldRows = 0;
  #pager: Pager | undefined;

  constructor(host: Host, command: string) {
    this.#host = host;
    this.#command = command;
  }

  write(chunk: string | Uint8Array): Promise<void> | undefined {
    if (this.#pager !== undefined) return this.#pager.output.write(chunk);
    this.#held.push(chunk);
    this.#heldRows += rowsOf(chunk, this.#host.width);
    // The prompt needs a row of its own.
    return this.#heldRows < this.#host.height ? undefined : this.#turn();
  }

  /** What may still turn out to be long is kept until the end. */
  flush(): Promise<void> {
    return this.#pager?.output.flush() ?? Promise.resolve();
  }

  /** Writes what was kept, or waits until the reader has left the pager. */
  async end(): Promise<void> {
    if (this.#pager !== undefined) return this.#pager.end();
    await this.#writeHeld(this.#host.output);
    await this.#host.output.flush();
  }

  async #turn(): Promise<void> {
    this.#pager = new Pager(this.#command, this.#host);
    await this.#writeHeld(this.#pager.output);
  }

  async #writeHeld(output: Output): Promise<void> {
    for (const chunk of this.#held.splice(0)) await output.write(chunk);
  }
}

/** A pager that is running. */
class Pager {
  readonly output: StreamOutput;
  readonly #command: string;
  readonly #child: ChildProcess;
  readonly #left: Promise<number | null>;

  constructor(command: string, host: Host) {
    const { environment, signal } = host;
    this.#command = command;
    // A shell, since the variables hold command lines.
    this.#child = spawn(command, {
      shell: true,
      stdio: ['pipe', 'inherit', 'inherit'],
      env: { ...environment, LESS: environment['LESS'] ?? lessOptions },
    });
    // While it has the terminal, Ctrl-C is meant for it.
    const giveBack = host.takeInterrupts(() => undefined);
    this.#left = new Promise((resolve) => {
      this.#child.on('error', () => {
        resolve(127);
      });
      this.#child.on('close', resolve);
    });
    void this.#left.then(giveBack);
    if (this.#child.stdin === null) throw new Error('the pager has no stdin');
    const { stdin } = this.#child;
    this.output = new StreamOutput(() => stdin, signal);
  }

  async end(): Promise<void> {
    await this.output.flush().catch(() => undefined);
    this.#child.stdin?.end();
    const code = await this.#left;
    if (code !== null && cannotRun.has(code)) {
      const name = JSON.stringify(this.#command);
      throw new CliError(
        'ERR_TIMEKV_IO',
        `cannot run the pager ${name}: mend $TIMEKV_PAGER or $PAGER; TIMEKV_PAGER= is for none`,
      );
    }
  }
}

/** The rows that a text takes, at least. */
function rowsOf(chunk: string | Uint8Array, width: number): number {
  if (chunk.length > manyCharacters) return Infinity;
  const text = typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString();
  const lines = stripVTControlCharacters(text).split('\n');
  return lines.reduce((rows, line, index) => {
    const more = Math.max(0, Math.ceil(displayWidth(line) / width) - 1);
    return rows + more + (index === 0 ? 0 : 1);
  }, 0);
}

function isInstalled(name: string, environment: NodeJS.ProcessEnv): boolean {
  return (environment['PATH'] ?? '').split(delimiter).some((directory) => {
    try {
      accessSync(join(directory, name), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
