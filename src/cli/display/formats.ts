/** Rows on their way to an output, in the format that was asked for. */
import { csvCell, tsvCell, type Cell } from './cells.js';
import type { Look, RowWriter } from '../base/look.js';
import type { Output } from '../base/output.js';
import type { Shape } from './shapes.js';
import { readable, visible } from '../base/terminal-text.js';

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
      if (look.isLive === true) {
        const { LiveTableWriter } = await import('./live-table.js');
        return new LiveTableWriter(shape, look, output);
      }
      const { TableWriter } = await import('./table.js');
      return new TableWriter(shape, look, output);
    }
    case 'json':
      return new JsonWriter(shape, look, output);
    case 'ndjson':
      return new LineWriter(output, (row: Row) => `${rowJson(shape, row, look)}\n`);
    case 'csv':
      await output.write(csvLine([...shape.columns], look) as string);
      return new LineWriter(output, (row: Row) => csvLine(shape.cells(row), look));
    default:
      if (hasTsvHeader) await output.write(tsvLine([...shape.columns], look) as string);
      return new LineWriter(output, (row: Row) => tsvLine(shape.cells(row), look));
  }
}

/** Compact JSON in one line, which on a terminal cannot drive it. */
export function jsonText(value: unknown, look: Pick<Look, 'isTerminal'>): string {
  const text = JSON.stringify(value);
  return look.isTerminal ? visible(text) : text;
}

function rowJson<Row>(shape: Shape<Row>, row: Row, look: Look): string {
  const text = shape.jsonText?.(row);
  if (text === undefined) return jsonText(shape.json(row), look);
  return look.isTerminal ? visible(text) : text;
}

/** A line as a whole, or in pieces where some are bytes: large ones are not copied together. */
type Line = string | (string | Buffer)[];

/** A text format in which each row is a line, or a few. */
class LineWriter<Row> implements RowWriter<Row> {
  readonly #output: Output;
  readonly #line: (row: Row) => Line;

  constructor(output: Output, line: (row: Row) => Line) {
    this.#output = output;
    this.#line = line;
  }

  row(row: Row): Promise<void> | undefined {
    const line = this.#line(row);
    return typeof line === 'string' ? this.#output.write(line) : this.#writePieces(line);
  }

  end(): Promise<void> {
    return this.#output.flush();
  }

  breakOff(): Promise<void> {
    return Promise.resolve();
  }

  async #writePieces(pieces: (string | Buffer)[]): Promise<void> {
    for (const piece of pieces) await this.#output.write(piece);
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
    const text = `${this.#separator}${rowJson(this.#shape, row, this.#look)}`;
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

function tsvLine(cells: Cell[], look: Look): Line {
  return lineOf(cells.map(tsvCell), '\t', look);
}

function csvLine(cells: Cell[], look: Look): Line {
  return lineOf(cells.map(csvCell), ',', look);
}

function lineOf(cells: (string | Buffer)[], separator: string, look: Look): Line {
  if (look.isTerminal) return `${cells.map(shownCell).join(separator)}\n`;
  if (cells.every((cell) => typeof cell === 'string')) return `${cells.join(separator)}\n`;
  return cells.flatMap((cell, index) => [index === 0 ? '' : separator, cell]).concat('\n');
}

function shownCell(cell: string | Buffer): string {
  return visible(typeof cell === 'string' ? cell : readable(cell));
}
