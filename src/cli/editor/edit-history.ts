/** Walking and searching the lines that were typed before. */

export class EditHistory {
  readonly #linesMax: number;
  /** Oldest first; none twice. */
  #lines: string[] = [];
  /** How many lines back the walk has come, what they begin with, and what was being typed. */
  #back = 0;
  #draft = '';
  #prefix = '';

  constructor(lines: readonly string[], linesMax: number) {
    this.#linesMax = linesMax;
    for (const line of lines) this.add(line);
  }

  add(line: string): void {
    this.#lines = this.#lines.filter((other) => other !== line);
    this.#lines.push(line);
    if (this.#lines.length > this.#linesMax) this.#lines.shift();
  }

  /** The next walk begins at what is being typed. */
  rest(): void {
    this.#back = 0;
  }

  /**
   * The next older line that begins as what stands before the cursor did when the walk began; with a
   * step of -1 the next newer one, and at last what was being typed. Undefined where there is none.
   */
  walk(step: 1 | -1, text: string, cursor: number): string | undefined {
    if (this.#back === 0) {
      this.#draft = text;
      this.#prefix = text.slice(0, cursor);
    }
    let back = this.#back + step;
    while (back > 0 && back <= this.#lines.length) {
      const line = this.#lineBack(back);
      if (line.startsWith(this.#prefix) && line !== text) {
        this.#back = back;
        return line;
      }
      back += step;
    }
    if (back !== 0) return undefined;
    this.#back = 0;
    return this.#draft;
  }

  /**
   * The newest line with the pattern in it that lies at least so far back, and how far that is.
   * @param from 1 for the last line
   */
  find(pattern: string, from: number): { line: string; back: number } | undefined {
    for (let back = from; back <= this.#lines.length; back += 1) {
      const line = this.#lineBack(back);
      if (line.includes(pattern)) return { line, back };
    }
    return undefined;
  }

  #lineBack(back: number): string {
    return this.#lines.at(-back) ?? '';
  }
}
