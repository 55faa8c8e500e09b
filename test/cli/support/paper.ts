/** A terminal made of cells, as far as `edit-screen` drives one; it wraps as real ones do. */

const wide = new Set(['世', '界', '😀']);
const combining = '\u0301';

export class Paper {
  readonly columns: number;
  readonly rows: number;
  /** Bytes of all drawings. */
  written = 0;
  #cells: string[][] = [[]];
  #row = 0;
  #column = 0;

  constructor(columns: number, rows = 1000) {
    this.columns = columns;
    this.rows = rows;
  }

  write(text: string): void {
    this.written += text.length;
    // eslint-disable-next-line no-control-regex -- these are control sequences
    const parts = text.matchAll(/\x1b\[(\d*)([A-Za-z])|[^]/gu);
    for (const [whole, count = '', letter] of parts) {
      if (letter !== undefined) this.#control(letter, Number(count || 1));
      else this.#put(whole);
    }
  }

  /** The cells as text, without blanks at the ends of rows. */
  get text(): string {
    const rows = this.#cells.map((row) =>
      Array.from({ length: row.length }, (_, column) => row[column] ?? ' ')
        .join('')
        .trimEnd(),
    );
    return rows.join('\n').trimEnd();
  }

  get cursor(): [row: number, column: number] {
    return [this.#row, this.#column];
  }

  #control(letter: string, count: number): void {
    const row = this.#rowOf(this.#row);
    // Behind the last column, the cursor still stands on it.
    const column = Math.min(this.#column, this.columns - 1);
    if (letter === 'A') this.#row = Math.max(0, this.#row - count);
    else if (letter === 'C') this.#column = Math.min(this.columns - 1, this.#column + count);
    else if (letter === 'K' || letter === 'J') row.length = Math.min(row.length, column);
    if (letter === 'J') this.#cells.length = this.#row + 1;
  }

  #put(character: string): void {
    if (character === '\r') {
      this.#column = 0;
    } else if (character === '\n') {
      this.#row += 1;
      this.#rowOf(this.#row);
    } else if (character === combining) {
      const row = this.#rowOf(this.#row);
      const last = row.findLastIndex((cell, index) => index < this.#column && cell !== '');
      row[last] = `${row[last] ?? ''}${character}`;
    } else {
      const width = wide.has(character) ? 2 : 1;
      if (this.#column + width > this.columns) {
        this.#row += 1;
        this.#column = 0;
      }
      const row = this.#rowOf(this.#row);
      row[this.#column] = character;
      if (width === 2) row[this.#column + 1] = '';
      this.#column += width;
    }
  }

  #rowOf(row: number): string[] {
    return (this.#cells[row] ??= []);
  }
}
