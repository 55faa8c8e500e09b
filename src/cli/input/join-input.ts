/** Rows of asof-join's input as they stand, each with its key and its time. */
import type { Cell } from '../display/cells.js';
import { usageError } from '../base/cli-error.js';
import type { CellRow, InputFault } from './csv-reader.js';
import type { Field } from './fields.js';
import { inputLines } from './input-lines.js';
import { mapPieces, splitFirst, type Pieces } from './pieces.js';
import {
  cellRows,
  columnsOf,
  keepNumbers,
  objectRows,
  placeOf,
  plainField,
  wrongCount,
  type InputFormat,
  type ObjectRow,
} from './row-input.js';

export interface JoinNames {
  key: string;
  time: string;
  /** The column that is added. */
  as: string;
  /** What is answered has columns: those of the first row. */
  hasColumns: boolean;
}

export interface JoinRow {
  /** Where it begins, from 1. */
  line: number;
  key: Field;
  time: Field;
  /** In the order of the columns, where there are any. */
  cells: Cell[];
  /** The object, where it came as one. */
  text: string | undefined;
}

export interface JoinInput {
  columns: readonly string[];
  rows: Pieces<JoinRow | InputFault>;
}

/**
 * Reads as far as the first row.
 * @throws where the columns are not as they have to be
 */
export async function openJoinInput(
  chunks: AsyncIterable<Buffer>,
  format: InputFormat,
  names: JoinNames,
): Promise<JoinInput> {
  const lines = inputLines(chunks);
  return format === 'ndjson' ? openObjects(lines, names) : openCells(lines, format, names);
}

async function openCells(
  lines: Pieces<Buffer>,
  format: 'csv' | 'tsv',
  { key, time, as }: JoinNames,
): Promise<JoinInput> {
  const rows = await splitFirst(cellRows(lines, format));
  if (rows === undefined) return { columns: [], rows: noRows() };
  const header = rows.first;
  if ('fault' in header) throw usageError(`line ${header.line}: ${header.fault}`);
  const columns = columnsOf(header.cells);
  if (columns.includes(as)) {
    throw usageError(`there is a column ${JSON.stringify(as)}; name the new one with --as`);
  }
  const places = { key: placeOf(columns, 'key', key), time: placeOf(columns, 'time', time) };
  const read = function* (piece: Iterable<CellRow | InputFault>): Generator<JoinRow | InputFault> {
    for (const row of piece) {
      if ('fault' in row) yield row;
      else if (row.cells.length !== columns.length) yield wrongCount(row, columns.length);
      else {
        const { line, cells } = row;
        yield { line, key: cells[places.key], time: cells[places.time], cells, text: undefined };
      }
    }
  };
  return { columns, rows: mapPieces(rows.rest, read) };
}

/** The columns are the fields of the first object. */
async function openObjects(lines: Pieces<Buffer>, names: JoinNames): Promise<JoinInput> {
  const rows = await splitFirst(objectRows(lines));
  if (rows === undefined) return { columns: [], rows: noRows() };
  const { first, rest } = rows;
  const columns = 'fault' in first ? [] : [...first.fields.keys()];
  const read = async function* (): AsyncGenerator<Iterable<JoinRow | InputFault>> {
    yield [toJoinRow(first, columns, names)];
    yield* mapPieces(rest, function* (piece) {
      for (const row of piece) yield toJoinRow(row, columns, names);
    });
  };
  return { columns, rows: read() };
}

function toJoinRow(
  row: ObjectRow | InputFault,
  columns: readonly string[],
  names: JoinNames,
): JoinRow | InputFault {
  if ('fault' in row) return row;
  const { line, text, fields } = row;
  if (fields.has(names.as)) {
    return { line, fault: `has a field ${JSON.stringify(names.as)}; name the new one with --as` };
  }
  const more = names.hasColumns && [...fields.keys()].find((name) => !columns.includes(name));
  if (typeof more === 'string') {
    const fault = `has a field ${JSON.stringify(more)}, which the first row has not; --format ndjson keeps it`;
    return { line, fault };
  }
  try {
    const time = plainField(fields, names.time);
    // Numbers stay as they are written: 19.90 is not to become 19.9. An object goes out as it came.
    keepNumbers(fields, names.hasColumns ? columns : [names.key], text);
    const key = plainField(fields, names.key);
    const cells = names.hasColumns ? columns.map((name) => cellOf(fields.get(name))) : [];
    return { line, key, time, cells, text };
  } catch (error) {
    if (error instanceof RangeError) return { line, fault: error.message };
    throw error;
  }
}

function cellOf(field: unknown): Cell {
  if (field === undefined || field === null) return undefined;
  return typeof field === 'string' ? field : JSON.stringify(field);
}

async function* noRows(): AsyncGenerator<never> {}
