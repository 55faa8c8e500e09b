/** Ctrl-R: what is typed searches the lines that were typed before. */
import { graphemesOf } from '../display/display-width.js';
import type { EditBuffer } from './edit-buffer.js';
import type { EditHistory } from './edit-history.js';
import type { Picture } from './edit-layout.js';

export class EditSearch {
  readonly #history: EditHistory;
  #pattern: string | undefined;
  /** What was found, or what was there before; and how far back. */
  #line = '';
  #back = 0;
  #hasFailed = false;

  constructor(history: EditHistory) {
    this.#history = history;
  }

  get isOn(): boolean {
    return this.#pattern !== undefined;
  }

  get picture(): Picture {
    const pattern = this.#pattern ?? '';
    const prompt = `${this.#hasFailed ? '(failed ' : '('}reverse-i-search)\`${pattern}': `;
    const cursor = Math.max(0, this.#line.indexOf(pattern));
    return { prompt, continuation: '', text: this.#line, cursor, spans: [], hint: '' };
  }

  begin(buffer: EditBuffer): void {
    this.#pattern = '';
    this.#line = buffer.text;
    this.#back = 0;
    this.#hasFailed = false;
  }

  end(): void {
    this.#pattern = undefined;
  }

  /**
   * Takes a key. What was found comes into the buffer with the first key that is none of the search.
   * @returns whether the key was one of the search
   */
  press(name: string, typed: string | undefined, buffer: EditBuffer): boolean {
    const pattern = this.#pattern ?? '';
    if (typed !== undefined) this.#find(pattern + typed, this.#back);
    else if (name === 'ctrl+r') this.#find(pattern, this.#back + 1);
    else if (name === 'backspace') this.#find(graphemesOf(pattern).slice(0, -1).join(''), 1);
    else if (name === 'ctrl+g' || name === 'ctrl+c') this.end();
    else {
      this.end();
      buffer.replaceAll(this.#line);
      return name === 'escape' || name === 'meta+escape';
    }
    return true;
  }

  #find(pattern: string, from: number): void {
    this.#pattern = pattern;
    if (pattern === '') return;
    const found = this.#history.find(pattern, Math.max(1, from));
    this.#hasFailed = found === undefined;
    if (found === undefined) return;
    this.#line = found.line;
    this.#back = found.back;
  }
}
