/** The formats of rows, and what else decides how an answer looks. */
import { usageError } from './cli-error.js';

export const formats = ['table', 'json', 'ndjson', 'csv', 'tsv'] as const;
export type Format = (typeof formats)[number];

export interface Look {
  format: Format;
  /** The output is a terminal, or part of it: nothing may drive it. */
  isTerminal: boolean;
  isColoured: boolean;
  /** A JSON array stays in one line. */
  isOneLine: boolean;
  /** Rows come now and then: a table is not to wait for more of them. */
  isLive?: boolean;
  /** Columns of the terminal; Infinity where there is none. */
  width: number;
}

/** Takes rows one by one. */
export interface RowWriter<Row> {
  row(row: Row): Promise<void> | undefined;
  /** Writes what closes the rows. */
  end(): Promise<void>;
  /** Writes rows that it has kept back: there are no more, though not because it is the end. */
  breakOff(): Promise<void>;
}

/**
 * Reads the value of `--format`.
 * @param name where it was written
 */
export function parseFormat(text: string, name = '--format'): Format {
  const format = formats.find((candidate) => candidate === text);
  if (format === undefined) {
    throw usageError(`${name} ${text}: the formats are ${formats.join(', ')}`);
  }
  return format;
}
