/** Rows of asof-join's input as they stand, each with its key and its time. */
import type { Cell } from './cells.js';
import { usageError } from './cli-error.js';
import type { InputFault } from './csv-reader.js';
import type { Field } from './fields.js';
import { inputLines } from './input.js';
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
  rows: AsyncIterable<JoinRow | InputFault>;
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
  lines: AsyncIterable<Buffer>,
  format: 'csv' | 'tsv',
  { key, time, as }: JoinNames,
): Promise<JoinInput> {
  const rows = cellRows(lines, format);
  const first = await rows.next();
  if (first.done === true) return { columns: [], rows: noRows() };
  const header = first.value;
  if ('fault' in header) throw usageError(`line ${header.line}: ${header.fault}`);
  const columns = columnsOf(header.cells);
  if (columns.includes(as)) {
    throw usageError(`there is a column ${JSON.stringify(as)}; name the new one with --as`);
  }
  const places = { key: placeOf(columns, 'key', key), time: placeOf(columns, 'time', time) };
  const read = async function* (): AsyncGenerator<JoinRow | InputFault> {
    for await (const row of rows) {
      if ('fault' in row) yield row;
      else if (row.cells.length !== columns.length) yield wrongCount(row, columns.length);
      else {
        const { line, cells } = row;
        yield { line, key: cells[places.key], time: cells[places.time], cells, text: undefined };
      }
    }
  };
  return { columns, rows: read() };
}

/** The columns are the fields of the first object. */
async function openObjects(lines: AsyncIterable<Buffer>, names: JoinNames): Promise<JoinInput> {
  const rows = objectRows(lines);
  const first = await rows.next();
  if (first.done === true) return { columns: [], rows: noRows() };
  const columns = 'fault' in first.value ? [] : [...first.value.fields.keys()];
  const read = async function* (): AsyncGenerator<JoinRow | InputFault> {
    yield toJoinRow(first.value, columns, names);
    for await (const row of rows) yield toJoinRow(row, columns, names);
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
