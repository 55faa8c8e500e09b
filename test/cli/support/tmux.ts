/** A terminal that tests can type on and look at: a window of tmux. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { temporaryDirectory } from '../../support/temporary-directory.js';

/** Installed by `.ci/run`, but not part of every system: named so that no tool looks for it here. */
const tmuxProgram = 'tmux';
export const hasTmux = spawnSync(tmuxProgram, ['-V']).status === 0;

const patienceMs = 10_000;
const pauseMs = 25;

export interface WindowOptions {
  environment: Record<string, string>;
  columns?: number;
  rows?: number;
}

export class Window implements Disposable {
  readonly #socket = join(temporaryDirectory(), 'tmux');

  /** @param command a line of shell */
  constructor(command: string, { environment, columns = 90, rows = 12 }: WindowOptions) {
    const variables = Object.entries(environment).flatMap(([name, value]) => [
      '-e',
      `${name}=${value}`,
    ]);
    const size = ['-x', String(columns), '-y', String(rows)];
    // tmux has a TERM of its own. What the last program has shown stays to be seen.
    const { TERM = 'xterm-256color' } = environment;
    const lines = `export TERM=${TERM}; ${command}; exec sleep 600`;
    this.#tmux(['-f', '/dev/null', 'new-session', '-d', ...size, ...variables, lines]);
  }

  /** Types a text, letter by letter. */
  type(text: string): void {
    this.#tmux(['send-keys', '-l', '--', text]);
  }

  /** Presses keys by tmux's names: `Enter`, `Tab`, `C-c`, `Up`. */
  press(...keys: string[]): void {
    this.#tmux(['send-keys', ...keys]);
  }

  /** Pastes as a terminal does: bracketed where the program has asked for it. */
  paste(text: string): void {
    this.#tmux(['set-buffer', '--', text]);
    this.#tmux(['paste-buffer', '-p', '-r', '-d']);
  }

  resize(columns: number, rows: number): void {
    this.#tmux(['resize-window', '-x', String(columns), '-y', String(rows)]);
  }

  /** What is to be seen, without what is blank at the end of rows and below them. */
  show(): string {
    return this.#capture();
  }

  /** The same with colours, as control sequences. */
  showColours(): string {
    return this.#capture('-e');
  }

  /** Where the cursor is, from 0. */
  cursor(): { column: number; row: number } {
    const text = this.#tmux(['display-message', '-p', '#{cursor_x} #{cursor_y}']);
    const [column = NaN, row = NaN] = text.split(' ').map(Number);
    return { column, row };
  }

  /** Waits until it is seen; answers all that is to be seen then. */
  async until(awaited: string | RegExp | ((shown: string) => boolean)): Promise<string> {
    const end = performance.now() + patienceMs;
    const isSeen = (shown: string): boolean => {
      if (typeof awaited === 'function') return awaited(shown);
      return typeof awaited === 'string' ? shown.includes(awaited.trimEnd()) : awaited.test(shown);
    };
    for (;;) {
      const shown = this.show();
      if (isSeen(shown)) return shown;
      if (performance.now() > end)
        throw new Error(`${String(awaited)} is not to be seen:\n${shown}`);
      await sleep(pauseMs);
    }
  }

  [Symbol.dispose](): void {
    this.#tmux(['kill-server']);
  }

  #capture(...options: string[]): string {
    return this.#tmux(['capture-pane', '-p', ...options]).trimEnd();
  }

  #tmux(words: string[]): string {
    const { status, stdout, stderr } = spawnSync(tmuxProgram, ['-S', this.#socket, ...words], {
      encoding: 'utf8',
      env: { PATH: process.env['PATH'] ?? '', LC_ALL: 'C.UTF-8' },
    });
    if (status !== 0) throw new Error(`tmux ${words.join(' ')}: ${stderr}`);
    return stdout;
  }
}
