/** One cell of a row, as CSV and TSV write and read it. */
import { isUtf8 } from 'node:buffer';
import { withEscapedBytes } from '../base/terminal-text.js';

/** Text, an integer, bytes that are mostly text, or nothing. */
export type Cell = string | number | Buffer | undefined;

/** What TSV writes for nothing. */
export const tsvAbsent = '\\N';

const tsvEscapes: Record<string, string> = {
  '\\': '\\\\',
  '\t': '\\t',
  '\n': '\\n',
  // A bare carriage return would be taken for a line end by many readers.
  '\r': '\\r',
};

/** TSV text. Where bytes are escaped it is a buffer, since it may be four times as long as they. */
export function tsvCell(cell: Cell): string | Buffer {
  if (cell === undefined) return tsvAbsent;
  if (typeof cell === 'number') return String(cell);
  if (typeof cell === 'string') return tsvText(cell);
  return isUtf8(cell) ? tsvText(cell.toString()) : withEscapedBytes(cell, tsvEscapes);
}

function tsvText(text: string): string {
  return text.replace(/[\\\t\n\r]/g, (character) => tsvEscapes[character] ?? character);
}

/** CSV bytes: text as it is, quoted where it must be; bytes that are no UTF-8 stay as they are. */
export function csvCell(cell: Cell): string | Buffer {
  if (cell === undefined) return '';
  if (typeof cell === 'number') return String(cell);
  if (typeof cell === 'string') return csvText(cell);
  if (isUtf8(cell)) return csvText(cell.toString());
  // Latin-1 maps each byte to one character and back: quoting meets only ASCII.
  return Buffer.from(csvText(cell.toString('latin1')), 'latin1');
}

function csvText(text: string): string {
  const isPlain = text !== '' && !/[",\n\r]|^\s|\s$/.test(text);
  return isPlain ? text : `"${text.replaceAll('"', '""')}"`;
}

/**
 * Reads a row of CSV.
 * @param row each byte as one character
 * @returns the cells, undefined for an empty one without quotes; undefined if a quote is open
 * @throws RangeError where a quote stands at a wrong place
 */
export function readCsvRow(row: string): (Buffer | undefined)[] | undefined {
  const cells: (Buffer | undefined)[] = [];
  for (let position = 0; position <= row.length; position += 1) {
    if (row[position] === '"') {
      const end = closingQuote(row, position + 1);
      if (end === -1) return undefined;
      const text = row.slice(position + 1, end).replaceAll('""', '"');
      cells.push(Buffer.from(text, 'latin1'));
      position = end + 1;
      if (position < row.length && row[position] !== ',') {
        throw new RangeError('a closing quote is not followed by a comma');
      }
    } else {
      const comma = row.indexOf(',', position);
      const end = comma === -1 ? row.length : comma;
      const text = row.slice(position, end);
      if (text.includes('"')) throw new RangeError('a cell with a quote in it has to be quoted');
      cells.push(text === '' ? undefined : Buffer.from(text, 'latin1'));
      position = end;
    }
  }
  return cells;
}

/** The first quote from here on that is not doubled; −1 if there is none. */
function closingQuote(row: string, from: number): number {
  let quote = row.indexOf('"', from);
  while (quote !== -1 && row[quote + 1] === '"') quote = row.indexOf('"', quote + 2);
  return quote;
}

const tsvEscape = /\\(?:x([0-9a-fA-F]{2})|([\\tnr]))/y;
const tsvMeaning: Record<string, number> = { '\\': 0x5c, t: 0x09, n: 0x0a, r: 0x0d };
const backslash = 0x5c;

/**
 * Reads a TSV cell.
 * @returns undefined for `\N`
 * @throws RangeError at a backslash that begins no escape
 */
export function readTsvCell(cell: Buffer): Buffer | undefined {
  if (cell.length === 2 && cell.toString('latin1') === tsvAbsent) return undefined;
  if (!cell.includes(backslash)) return cell;
  const text = cell.toString('latin1');
  const bytes = Buffer.allocUnsafe(cell.length);
  let length = 0;
  for (let position = 0; position < text.length;) {
    if (text.charCodeAt(position) !== backslash) {
      bytes[length++] = text.charCodeAt(position++);
      continue;
    }
    tsvEscape.lastIndex = position;
    const match = tsvEscape.exec(text);
    if (match === null) {
      throw new RangeError(
        `${text.slice(position, position + 2)} is no escape; write \\\\ for a backslash`,
      );
    }
    const [escape, hex, letter] = match;
    bytes[length++] = hex === undefined ? (tsvMeaning[letter ?? ''] ?? 0) : parseInt(hex, 16);
    position += escape.length;
  }
  return bytes.subarray(0, length);
}
