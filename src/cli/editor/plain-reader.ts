/** Lines from a terminal that can do nothing but show text: whoever drives it does the editing. */
import { createInterface, type Interface } from 'node:readline';
import type { LineReader, Reading } from './line-reader.js';

export class PlainReader implements LineReader {
  readonly #lines: Interface;
  readonly #waiting: string[] = [];
  #take: ((reading: Reading) => void) | undefined;
  #hasEnded = false;

  constructor() {
    this.#lines = createInterface({ input: process.stdin, terminal: false });
    this.#lines.on('line', (line) => {
      this.#waiting.push(line);
      this.#next();
    });
    this.#lines.on('close', () => {
      this.#hasEnded = true;
      this.#next();
    });
    this.#lines.pause();
  }

  read(prompt: string): Promise<Reading> {
    process.stdout.write(prompt);
    return new Promise((resolve) => {
      this.#take = resolve;
      if (!this.#hasEnded) this.#lines.resume();
      this.#next();
    });
  }

  interrupt(): void {
    process.stdout.write('\n');
    // The system has dropped what was typed of the line, and tells nobody whether there was any.
    this.#answer({ kind: 'interrupt', wasEmpty: true });
  }

  remember(): void {
    // There is nothing to recall a line with.
  }

  close(): void {
    this.#lines.close();
  }

  #next(): void {
    if (this.#take === undefined) return;
    const text = this.#waiting.shift();
    if (text !== undefined) this.#answer({ kind: 'text', text });
    else if (this.#hasEnded) this.#answer({ kind: 'end' });
  }

  #answer(reading: Reading): void {
    const take = this.#take;
    this.#take = undefined;
    if (!this.#hasEnded) this.#lines.pause();
    take?.(reading);
  }
}
