/** Rows on their way to an output, in the format that was asked for. */
import { csvCell, tsvCell, type Cell } from './cells.js';
import type { Look, RowWriter } from './look.js';
import type { Output } from './output.js';
import type { Shape } from './shapes.js';
import { readable, visible } from './terminal-text.js';

/**
 * A writer of rows.
 * @param hasTsvHeader whether TSV begins with the names of the columns (CSV always does)
 */
export async function rowWriter<Row>(
  shape: Shape<Row>,
  look: Look,
  output: Output,
  hasTsvHeader: boolean,
): Promise<RowWriter<Row>> {
  switch (look.format) {
    case 'table': {
      const { TableWriter } = await import('./table.js');
      return new TableWriter(shape, look, output);
    }
    case 'json':
      return new JsonWriter(shape, look, output);
    case 'ndjson':
      return new LineWriter(output, (row: Row) => `${jsonText(shape.json(row), look)}\n`);
    case 'csv':
      await output.write(csvLine([...shape.columns], look));
      return new LineWriter(output, (row: Row) => csvLine(shape.cells(row), look));
    default:
      if (hasTsvHeader) await output.write(tsvLine([...shape.columns], look));
      return new LineWriter(output, (row: Row) => tsvLine(shape.cells(row), look));
  }
}

/** Compact JSON in one line, which on a terminal cannot drive it. */
export function jsonText(value: unknown, look: Pick<Look, 'isTerminal'>): string {
  const text = JSON.stringify(value);
  return look.isTerminal ? visible(text) : text;
}

/** A text format in which each row is a line, or a few. */
class LineWriter<Row> implements RowWriter<Row> {
  readonly #output: Output;
  readonly #line: (row: Row) => string | Buffer;

  constructor(output: Output, line: (row: Row) => string | Buffer) {
    this.#output = output;
    this.#line = line;
  }

  row(row: Row): Promise<void> | undefined {
    return this.#output.write(this.#line(row));
  }

  end(): Promise<void> {
    return this.#output.flush();
  }

  breakOff(): Promise<void> {
    return Promise.resolve();
  }
}

/** One JSON array, a row a line. */
class JsonWriter<Row> implements RowWriter<Row> {
  readonly #shape: Shape<Row>;
  readonly #look: Look;
  readonly #output: Output;
  #separator = '[';

  constructor(shape: Shape<Row>, look: Look, output: Output) {
    this.#shape = shape;
    this.#look = look;
    this.#output = output;
  }

  row(row: Row): Promise<void> | undefined {
    const text = `${this.#separator}${jsonText(this.#shape.json(row), this.#look)}`;
    this.#separator = this.#look.isOneLine ? ',' : ',\n';
    return this.#output.write(text);
  }

  async end(): Promise<void> {
    await this.#output.write(this.#separator === '[' ? '[]\n' : ']\n');
    await this.#output.flush();
  }

  /** An array that stays open cannot be taken for a whole one. */
  breakOff(): Promise<void> {
    return Promise.resolve();
  }
}

function tsvLine(cells: Cell[], look: Look): string {
  const texts = cells.map(tsvCell);
  return `${(look.isTerminal ? texts.map(visible) : texts).join('\t')}\n`;
}

function csvLine(cells: Cell[], look: Look): string | Buffer {
  const texts = cells.map(csvCell);
  if (look.isTerminal) return `${texts.map(shownCell).join(',')}\n`;
  if (texts.every((text) => typeof text === 'string')) return `${texts.join(',')}\n`;
  const parts = texts.flatMap((text, index) => [
    Buffer.from(index === 0 ? '' : ','),
    Buffer.from(text),
  ]);
  return Buffer.concat([...parts, Buffer.from('\n')]);
}

function shownCell(cell: string | Buffer): string {
  return visible(typeof cell === 'string' ? cell : readable(cell));
}
