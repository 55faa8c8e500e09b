/** Rows as a table for people. Long tables are written in parts, each with its own header. */
import Table from 'cli-table3';
import type { Cell } from './cells.js';
import { colours, type Colours } from './colours.js';
import type { Look, RowWriter } from '../base/look.js';
import type { Output } from '../base/output.js';
import type { Shape } from './shapes.js';
import { readable, visible } from '../base/terminal-text.js';

const rowsPerPart = 500;
const narrowestColumn = 8;

/** Columns side by side without lines, where the table is not for a terminal. */
const noBorders = {
  ...Object.fromEntries(
    'top top-mid top-left top-right bottom bottom-mid bottom-left bottom-right mid left-mid mid-mid right-mid left right'
      .split(' ')
      .map((place) => [place, '']),
  ),
  middle: '  ',
};
/** No line between one row and the next. */
const noRules = { mid: '', 'left-mid': '', 'mid-mid': '', 'right-mid': '' };

export class TableWriter<Row> implements RowWriter<Row> {
  readonly #shape: Shape<Row>;
  readonly #look: Look;
  readonly #output: Output;
  #rows: string[][] = [];
  #colours: Colours | undefined;

  constructor(shape: Shape<Row>, look: Look, output: Output) {
    this.#shape = shape;
    this.#look = look;
    this.#output = output;
  }

  row(row: Row): Promise<void> | undefined {
    this.#rows.push(
      withNote(this.#shape, this.#shape.cells(row), row).map((cell) =>
        cellText(cell, this.#look.width),
      ),
    );
    return this.#rows.length === rowsPerPart ? this.#writePart() : undefined;
  }

  async end(): Promise<void> {
    await this.breakOff();
    await this.#output.flush();
  }

  async breakOff(): Promise<void> {
    if (this.#rows.length > 0) await this.#writePart();
  }

  async #writePart(): Promise<void> {
    const colour = (this.#colours ??= await colours(this.#look.isColoured));
    const [head = [], ...rows] = withoutEmptyColumns([header(this.#shape), ...this.#rows]);
    this.#rows = [];
    const table = new Table({
      head: head.map((name) => colour.bold(name)),
      colWidths: columnWidths([head, ...rows], this.#look.width),
      chars: this.#look.isTerminal ? noRules : noBorders,
      style: {
        head: [],
        border: [],
        ...(!this.#look.isTerminal && { 'padding-left': 0, 'padding-right': 0 }),
      },
    });
    table.push(...rows);
    const lines = table.toString().split('\n');
    const text = this.#look.isTerminal ? lines : lines.map((line) => line.trimEnd());
    await this.#output.write(`${text.join('\n')}\n`);
  }
}

/** Text of a cell in one line; on a terminal no longer than could be shown. */
export function cellText(cell: Cell, width: number): string {
  if (cell === undefined) return '';
  if (typeof cell === 'number') return String(cell);
  if (typeof cell === 'string') return visible(cell);
  const isCut = cell.length > width * 4;
  const shown = visible(readable(isCut ? cell.subarray(0, width * 4) : cell));
  return isCut ? `${shown}…` : shown;
}

export function header<Row>({ columns, notes }: Shape<Row>): string[] {
  if (notes === undefined) return [...columns];
  return columns.flatMap((name) => (name === notes.after ? [name, notes.column] : [name]));
}

export function withNote<Row>({ columns, notes }: Shape<Row>, cells: Cell[], row: Row): Cell[] {
  if (notes === undefined) return cells;
  const position = columns.indexOf(notes.after) + 1;
  return cells.toSpliced(position, 0, notes.cell(row));
}

/** What no row says anything in is left out, but for the first column and the last. */
function withoutEmptyColumns([head = [], ...rows]: string[][]): string[][] {
  const isKept = head.map(
    (_, column) =>
      column === 0 || column === head.length - 1 || rows.some((row) => row[column] !== ''),
  );
  return [head, ...rows].map((row) => row.filter((_, column) => isKept[column]));
}

/**
 * Widths that fit the terminal: the last column gives way first, then the first. `null` leaves a
 * column as wide as its content.
 */
function columnWidths(rows: string[][], width: number): (number | null)[] {
  const count = rows[0]?.length ?? 0;
  const natural = Array.from({ length: count }, (_, column) =>
    rows.reduce((widest, row) => Math.max(widest, displayWidth(row[column] ?? '') + 2), 0),
  );
  const widths: (number | null)[] = natural.map(() => null);
  let excess = natural.reduce((sum, columnWidth) => sum + columnWidth + 1, 1) - width;
  for (const column of new Set([count - 1, 0])) {
    const columnWidth = natural[column] ?? 0;
    if (excess <= 0 || columnWidth <= narrowestColumn) continue;
    const narrowed = Math.max(narrowestColumn, columnWidth - excess);
    widths[column] = narrowed;
    excess -= columnWidth - narrowed;
  }
  return widths;
}

/** Characters that take two columns: East Asian scripts, full-width forms, most emoji. */
const wide =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|[\u{1f300}-\u{1faff}]/gu;

export function displayWidth(text: string): number {
  return (
    text.length + (text.match(wide)?.filter((character) => character.length === 1).length ?? 0)
  );
}
