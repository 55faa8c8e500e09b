/** Records of an import as they stand in CSV, TSV or NDJSON: read, but not yet understood. */
import { isUtf8 } from 'node:buffer';
import { readTsvCell } from '../display/cells.js';
import { usageError } from '../base/cli-error.js';
import { CsvReader, type CellRow, type InputFault, type PlainRow } from './csv-reader.js';
import type { Field } from './fields.js';
import { inputLines } from './input-lines.js';
import { withQuotedNumbers } from './json-numbers.js';
import { mapPieces, type Pieces } from './pieces.js';
import { PlainRecord, type Places } from './plain-record.js';

export const inputFormats = ['csv', 'tsv', 'ndjson'] as const;
export type InputFormat = (typeof inputFormats)[number];

/** A record, or what is wrong with one. A plain one holds until the next. */
export type InputRow = PlainRecord | InputRecord | InputFault;

/** The columns of an import, by what they mean. */
export interface ColumnNames {
  key: string;
  /** A column that was asked for has to be there; the default one need not. */
  time: string | undefined;
  value: string;
}

export interface InputRecord {
  /** Where the record begins, from 1. */
  line: number;
  key: Field;
  time: Field;
  value: Field;
  state: Field;
  expiresAt: Field;
}

/** The format by a file's name; CSV where it does not tell. */
export function formatByName(path: string): InputFormat {
  if (/\.(ndjson|jsonl)$/i.test(path)) return 'ndjson';
  return /\.(tsv|tab)$/i.test(path) ? 'tsv' : 'csv';
}

export function recordsOf(
  chunks: AsyncIterable<Buffer>,
  format: InputFormat,
  names: ColumnNames,
): Pieces<InputRow> {
  const lines = inputLines(chunks);
  if (format === 'ndjson') return ndjsonRecords(lines, names);
  const plain = new PlainRecord();
  const rows = format === 'csv' ? csvRows(lines, new CsvReader({ plain })) : tsvRows(lines);
  return columnRecords(rows, plain, names);
}

/** Rows under a header, in the order of the input. */
function columnRecords(
  rows: Pieces<PlainRecord | CellRow | InputFault>,
  plain: PlainRecord,
  names: ColumnNames,
): Pieces<InputRow> {
  let places: Places | undefined;
  return mapPieces(rows, function* (piece) {
    for (const row of piece) {
      if (row instanceof PlainRecord) {
        yield row;
      } else if (places !== undefined) {
        yield 'fault' in row ? row : columnRecord(row, places);
      } else if ('fault' in row) {
        throw usageError(`line ${row.line}: ${row.fault}`);
      } else {
        places = placesOf(row.cells, names);
        plain.begin(places);
      }
    }
  });
}

function columnRecord(row: CellRow, places: Places): InputRecord | InputFault {
  const { line, cells } = row;
  if (cells.length !== places.count) return wrongCount(row, places.count);
  return {
    line,
    key: cells[places.key],
    time: cells[places.time],
    value: cells[places.value],
    state: cells[places.state],
    expiresAt: cells[places.expiresAt],
  };
}

export function wrongCount(row: CellRow, count: number): InputFault {
  const fault = `${row.cells.length} cells, where the header has ${count}${extent(row)}`;
  return { line: row.line, fault };
}

/** Where a row of several lines ends: who looks for the fault has to look there too. */
function extent({ line, lastLine }: CellRow): string {
  return line === lastLine ? '' : `; a quoted cell in it goes on to line ${lastLine}`;
}

function placesOf(header: (Buffer | undefined)[], names: ColumnNames): Places {
  const columns = columnsOf(header);
  const required = (role: 'key' | 'time' | 'value', name: string) => placeOf(columns, role, name);
  return {
    count: columns.length,
    key: required('key', names.key),
    time: names.time === undefined ? columns.indexOf('timestamp') : required('time', names.time),
    value: required('value', names.value),
    state: columns.indexOf('state'),
    expiresAt: columns.indexOf('expiresAt'),
  };
}

export function columnsOf(header: (Buffer | undefined)[]): string[] {
  return header.map((cell) => cell?.toString() ?? '');
}

/** Where a column is that has to be there. */
export function placeOf(columns: string[], role: 'key' | 'time' | 'value', name: string): number {
  const place = columns.indexOf(name);
  if (place !== -1) return place;
  const named = columns.map((column) => JSON.stringify(column)).join(', ');
  throw usageError(
    `there is no column ${JSON.stringify(name)}; the columns are ${named}; name the right one with --${role}`,
  );
}

/** Rows of CSV or TSV, the header among them. */
export function cellRows(
  lines: Pieces<Buffer>,
  format: 'csv' | 'tsv',
): AsyncGenerator<Iterable<CellRow | InputFault>> {
  const reader: CsvReader = new CsvReader();
  return format === 'csv' ? csvRows(lines, reader) : tsvRows(lines);
}

async function* csvRows<Plain extends PlainRow>(
  lines: Pieces<Buffer>,
  reader: CsvReader<Plain>,
): AsyncGenerator<Iterable<Plain | CellRow | InputFault>> {
  for await (const piece of lines) yield reader.rows(piece);
  yield reader.end();
}

function tsvRows(lines: Pieces<Buffer>): AsyncGenerator<Iterable<CellRow | InputFault>> {
  let line = 0;
  let endsWithReturn = false;
  return mapPieces(lines, function* (piece) {
    for (const bytes of piece) {
      line += 1;
      // A file is taken for one with CRLF line ends if its header ends so.
      if (line === 1) endsWithReturn = bytes.at(-1) === 0x0d;
      const row = endsWithReturn && bytes.at(-1) === 0x0d ? bytes.subarray(0, -1) : bytes;
      if (row.length > 0) yield tsvRow(row, line);
    }
  });
}

function tsvRow(row: Buffer, line: number): CellRow | InputFault {
  const cells: (Buffer | undefined)[] = [];
  try {
    for (let start = 0, end = 0; end !== -1; start = end + 1) {
      end = row.indexOf(0x09, start);
      cells.push(readTsvCell(row.subarray(start, end === -1 ? undefined : end)));
    }
  } catch (error) {
    if (error instanceof RangeError) return { line, fault: error.message };
    throw error;
  }
  return { line, lastLine: line, cells };
}

function ndjsonRecords(
  lines: Pieces<Buffer>,
  names: ColumnNames,
): Pieces<InputRecord | InputFault> {
  return mapPieces(objectRows(lines), function* (piece) {
    for (const row of piece) yield 'fault' in row ? row : ndjsonRecord(row, names);
  });
}

/** A JSON object in a line of its own. */
export interface ObjectRow {
  line: number;
  /** As it is written, without blanks around it. */
  text: string;
  fields: Map<string, unknown>;
}

export function objectRows(
  lines: Pieces<Buffer>,
): AsyncGenerator<Iterable<ObjectRow | InputFault>> {
  let line = 0;
  return mapPieces(lines, function* (piece) {
    for (const bytes of piece) {
      line += 1;
      const text = bytes.toString().trim();
      if (!isUtf8(bytes)) yield { line, fault: 'is not valid UTF-8' };
      else if (text !== '') yield objectRow(text, line);
    }
  });
}

function objectRow(text: string, line: number): ObjectRow | InputFault {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return { line, fault: 'is no JSON' };
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    return { line, fault: 'is no JSON object' };
  }
  return { line, text, fields: new Map<string, unknown>(Object.entries(parsed)) };
}

function ndjsonRecord(row: ObjectRow, names: ColumnNames): InputRecord | InputFault {
  const { line, text, fields } = row;
  keepNumbers(fields, [names.key, names.value], text);
  if (names.time !== undefined && !fields.has(names.time)) {
    return { line, fault: `has no field ${JSON.stringify(names.time)}` };
  }
  try {
    return {
      line,
      key: plainField(fields, names.key),
      time: plainField(fields, names.time ?? 'timestamp'),
      value: valueField(fields.get(names.value)),
      state: plainField(fields, 'state'),
      expiresAt: plainField(fields, 'expiresAt'),
    };
  } catch (error) {
    if (error instanceof RangeError) return { line, fault: error.message };
    throw error;
  }
}

/** Puts the numbers in these fields back as they are written: 19.90 is not to become 19.9. */
export function keepNumbers(
  fields: Map<string, unknown>,
  names: readonly string[],
  text: string,
): void {
  if (!names.some((name) => typeof fields.get(name) === 'number')) return;
  const written = new Map<string, unknown>(
    Object.entries(JSON.parse(withQuotedNumbers(text)) as object),
  );
  for (const name of names) {
    if (typeof fields.get(name) === 'number') fields.set(name, written.get(name));
  }
}

export function plainField(fields: Map<string, unknown>, name: string): Field {
  const field = fields.get(name) ?? undefined;
  if (field === undefined || typeof field === 'string' || typeof field === 'number') return field;
  throw new RangeError(`${JSON.stringify(name)} is neither text nor a number`);
}

/** A value in JSON: text (a number too, by now), a boolean, or `{"base64": …}`. */
function valueField(value: unknown): Field {
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'string') {
    if (!value.isWellFormed()) throw new RangeError('the value has a lone surrogate');
    return Buffer.from(value);
  }
  if (typeof value === 'boolean') return Buffer.from(String(value));
  const base64: unknown = Reflect.get(value, 'base64');
  if (Object.keys(value).length === 1 && typeof base64 === 'string' && isBase64(base64)) {
    return Buffer.from(base64, 'base64');
  }
  throw new RangeError('the value is neither text nor {"base64": …}');
}

function isBase64(text: string): boolean {
  return text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text);
}
