/** Rows as a table for people. Long tables are written in parts, each with its own header. */
import Table from 'cli-table3';
import type { Cell } from './cells.js';
import { colours, type Colours } from './colours.js';
import type { Look, RowWriter } from '../base/look.js';
import type { Output } from '../base/output.js';
import { displayWidth } from './display-width.js';
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
  #cut = 0;
  readonly #leftOut = new Set<string>();

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
    await this.#tellWhatIsCut();
    await this.#output.flush();
  }

  async breakOff(): Promise<void> {
    if (this.#rows.length > 0) await this.#writePart();
  }

  async #writePart(): Promise<void> {
    const colour = (this.#colours ??= await colours(this.#look.isColoured));
    const all = withoutEmptyColumns([header(this.#shape), ...this.#rows]);
    this.#rows = [];
    const { rows: kept, widths, leftOut } = fitted(all, this.#look.width);
    const [head = [], ...rows] = kept;
    this.#cut += countCut(rows, widths);
    for (const name of leftOut) this.#leftOut.add(name);
    const table = new Table({
      head: head.map((name) => colour.bold(name)),
      colWidths: widths,
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

  /** On a terminal alone: elsewhere everything fits. */
  async #tellWhatIsCut(): Promise<void> {
    if (this.#cut === 0 && this.#leftOut.size === 0) return;
    const parts = [
      ...(this.#cut > 0 ? [`${counted(this.#cut, 'cell')} cut`] : []),
      ...(this.#leftOut.size > 0 ? [`left out: ${[...this.#leftOut].join(', ')}`] : []),
    ];
    const colour = (this.#colours ??= await colours(this.#look.isColoured));
    const line = `${parts.join('; ')}; --format json shows all`;
    await this.#output.write(`${colour.dim(line)}\n`);
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

interface Fitted {
  /** With the header. */
  rows: string[][];
  /** `null` leaves a column as wide as its content. */
  widths: (number | null)[];
  leftOut: string[];
}

/**
 * What fits the terminal: the last column gives way first, then the first. Where that is not enough,
 * the columns behind the first are left out one by one.
 */
function fitted(rows: string[][], width: number): Fitted {
  const head = rows[0] ?? [];
  const natural = head.map((_, column) =>
    rows.reduce((widest, row) => Math.max(widest, displayWidth(row[column] ?? '') + 2), 0),
  );
  const last = head.length - 1;
  const ends = new Set([last, 0]);
  const room = natural.map((columnWidth) => Math.max(0, columnWidth - narrowestColumn));
  const mayGive = [...ends].reduce((sum, column) => sum + (room[column] ?? 0), 0);
  let excess = natural.reduce((sum, columnWidth) => sum + columnWidth + 1, 1) - width;
  const isKept = natural.map((columnWidth, column) => {
    if (ends.has(column) || excess <= mayGive) return true;
    excess -= columnWidth + 1;
    return false;
  });
  const widths: (number | null)[] = natural.map(() => null);
  for (const column of ends) {
    const given = Math.min(room[column] ?? 0, excess);
    if (given <= 0) continue;
    widths[column] = (natural[column] ?? 0) - given;
    excess -= given;
  }
  const kept = <T>(cells: readonly T[]): T[] => cells.filter((_, column) => isKept[column]);
  const leftOut = head.filter((_, column) => isKept[column] === false);
  return { rows: rows.map(kept), widths: kept(widths), leftOut };
}

/** How many cells do not show all that they hold. */
function countCut(rows: string[][], widths: (number | null)[]): number {
  const isCut = (cell: string, column: number): boolean =>
    displayWidth(cell) + 2 > (widths[column] ?? Infinity);
  return rows.reduce((sum, row) => sum + row.filter(isCut).length, 0);
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
