/** Rows of a table for people that come one by one: columns grow where they must, the last is cut. */
import type { Look, RowWriter } from '../base/look.js';
import type { Output } from '../base/output.js';
import { displayWidth, fitting } from './display-width.js';
import type { Shape } from './shapes.js';
import { cellText, header, withNote } from './table.js';

const gap = '  ';

export class LiveTableWriter<Row> implements RowWriter<Row> {
  readonly #shape: Shape<Row>;
  readonly #look: Look;
  readonly #output: Output;
  readonly #widths: number[] = [];

  constructor(shape: Shape<Row>, look: Look, output: Output) {
    this.#shape = shape;
    this.#look = look;
    this.#output = output;
  }

  row(row: Row): Promise<void> | undefined {
    const cells = withNote(this.#shape, this.#shape.cells(row), row);
    const texts = cells.map((cell) => cellText(cell, this.#look.width));
    const head = this.#widths.length === 0 ? header(this.#shape) : [];
    for (const [column, text] of texts.entries()) {
      const before = this.#widths[column] ?? 0;
      this.#widths[column] = Math.max(before, ...[text, head[column] ?? ''].map(displayWidth));
    }
    const lines = head.length === 0 ? [texts] : [head, texts];
    return this.#output.write(lines.map((line) => `${this.#line(line)}\n`).join(''));
  }

  end(): Promise<void> {
    return this.#output.flush();
  }

  breakOff(): Promise<void> {
    return Promise.resolve();
  }

  #line(texts: string[]): string {
    const last = texts.length - 1;
    const padded = texts.map((text, column) =>
      column === last ? text : text + ' '.repeat((this.#widths[column] ?? 0) - displayWidth(text)),
    );
    const line = padded.join(gap).trimEnd();
    const { width } = this.#look;
    return displayWidth(line) <= width ? line : `${fitting(line, width - 1)}…`;
  }
}
