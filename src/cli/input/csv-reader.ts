/** Rows of CSV from lines: a quoted cell may go on over several of them. */
import { readCsvRow } from '../display/cells.js';
import { lineBytesMax } from '../base/limits.js';

/** A row of cells; undefined where a cell is absent. */
export interface CellRow {
  /** Where it begins and ends, from 1. */
  line: number;
  lastLine: number;
  cells: (Buffer | undefined)[];
}

/** A place that cannot be read as a record. */
export interface InputFault {
  line: number;
  fault: string;
  /** What ends all where bad rows are not left out, if it is no bad usage. */
  cause?: unknown;
}

/** Takes over a line that is a row of a simple kind, if it is one; stands for that row until the next. */
export interface PlainRow {
  read(bytes: Buffer, end: number, line: number): boolean;
}

const quote = 0x22;
const comma = 0x2c;
const carriageReturn = 0x0d;

/**
 * Where the quotes of a row turn out to be wrong, only its first line is given up: the lines behind
 * it, which the open quote had taken in, are read again for themselves.
 */
export class CsvReader<Plain extends PlainRow = never> {
  readonly #bytesMax: number;
  readonly #plain: Plain | undefined;
  #line = 0;
  /** Lines of a row that is not complete, of which the last one is `#line`. */
  #begun: string[] = [];
  #begunBytes = 0;

  /** @param plain takes the rows that it can */
  constructor({ bytesMax = lineBytesMax, plain }: { bytesMax?: number; plain?: Plain } = {}) {
    this.#bytesMax = bytesMax;
    this.#plain = plain;
  }

  /** The rows that end in these lines; a plain one holds until the next. */
  *rows(lines: Iterable<Buffer>): Generator<Plain | CellRow | InputFault> {
    const plain = this.#plain;
    for (const line of lines) {
      const last = line.length - 1;
      const end = line[last] === carriageReturn ? last : last + 1;
      if (this.#begun.length === 0 && plain?.read(line, end, this.#line + 1) === true) {
        this.#line += 1;
        yield plain;
        continue;
      }
      const cells = this.#begun.length > 0 ? undefined : plainCells(line, end);
      if (cells === undefined) {
        yield* this.add(line.toString('latin1'));
        continue;
      }
      this.#line += 1;
      if (end > 0) yield { line: this.#line, lastLine: this.#line, cells };
    }
  }

  /**
   * Takes the next line.
   * @param text each byte as one character: what CSV looks at is ASCII
   */
  *add(text: string): Generator<CellRow | InputFault> {
    this.#line += 1;
    this.#begun.push(text);
    this.#begunBytes += text.length;
    if (this.#begunBytes > this.#bytesMax && this.#begun.length > 1) {
      yield* this.#giveUp(`a quote is not closed within ${this.#bytesMax} bytes`);
    } else if (this.#begun.length === 1 || quotesIn(text) % 2 === 1) {
      // A row goes on until as many quotes have closed as were opened.
      yield* this.#tryRow();
    }
  }

  /** Takes the end of the input. */
  *end(): Generator<CellRow | InputFault> {
    while (this.#begun.length > 0) yield* this.#giveUp('a quote is not closed');
  }

  *#tryRow(): Generator<CellRow | InputFault> {
    const text = this.#begun.join('\n');
    const row = text.endsWith('\r') ? text.slice(0, -1) : text;
    try {
      const cells = row === '' ? [] : readCsvRow(row);
      if (cells === undefined) return;
      const line = this.#line - this.#begun.length + 1;
      this.#clear();
      if (row !== '') yield { line, lastLine: this.#line, cells };
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      yield* this.#giveUp(error.message);
    }
  }

  /** The first line that is begun is a fault; those after it are rows of their own. */
  *#giveUp(fault: string): Generator<CellRow | InputFault> {
    const again = this.#begun.slice(1);
    this.#line -= this.#begun.length - 1;
    this.#clear();
    yield { line: this.#line, fault };
    for (const text of again) yield* this.add(text);
  }

  #clear(): void {
    this.#begun = [];
    this.#begunBytes = 0;
  }
}

/** Nearly all lines are rows without a quote: cut where the commas are. Undefined where one is. */
function plainCells(line: Buffer, lineEnd: number): (Buffer | undefined)[] | undefined {
  const cells: (Buffer | undefined)[] = [];
  let start = 0;
  // A plain loop: in cells of usual length it beats a call for each comma.
  for (let at = 0; at < lineEnd; at++) {
    const byte = line[at];
    if (byte === quote) return undefined;
    if (byte !== comma) continue;
    cells.push(start === at ? undefined : line.subarray(start, at));
    start = at + 1;
  }
  cells.push(start === lineEnd ? undefined : line.subarray(start, lineEnd));
  return cells;
}

function quotesIn(text: string): number {
  let count = 0;
  for (let at = text.indexOf('"'); at !== -1; at = text.indexOf('"', at + 1)) count += 1;
  return count;
}
