/** Rows of the table: a command line, and its three answers to the letter. */

/** Which store a line is run on: see `places.ts`. */
export const places = [
  'us',
  'ticks',
  'past',
  'compacted',
  'kept',
  'damaged',
  'named',
  'backup',
  'marked',
  'foreign',
  'empty',
  'none',
] as const;
export type Place = (typeof places)[number];

/** Why oclif's parser reads a line otherwise than ours: see `both-parsers.ts`. */
export type Difference = 'fraction' | 'hyphen' | 'keyless' | 'switch';

export interface Row {
  words: readonly string[];
  place: Place;
  input: string | Buffer;
  environment: Record<string, string>;
  code: number;
  /** In it and in `stderr`: `<n>` any number, `<id>` any identity, `<time>` any moment of now. */
  stdout: string;
  stderr: string;
  /** It writes: this is what other lines answer afterwards. */
  after: readonly (readonly [line: Line, stdout: string])[] | undefined;
  oclif: Difference | undefined;
}

/** Words with a blank between them; or one by one, where a word has a blank in it or is empty. */
export type Line = string | readonly string[];
type More = Partial<Omit<Row, 'words' | 'code' | 'stdout'>>;

export function wordsOf(line: Line): readonly string[] {
  return typeof line === 'string' ? line.split(' ') : line;
}

/** Where there is none. */
export const noStore =
  'there is no timekv store in $HERE; name its directory, or create it by a first write';
/** Where there is something else. */
export const foreign =
  '$HERE is no timekv store and not empty (there is "novel.txt" in it); choose an empty or new directory';

/** A read that answers. */
export function answers(line: Line, stdout: string, more: More = {}): Row {
  return {
    words: wordsOf(line),
    place: 'us',
    input: '',
    environment: {},
    code: 0,
    stdout,
    stderr: '',
    after: undefined,
    oclif: undefined,
    ...more,
  };
}

/** A line that changes the store, and what other lines answer afterwards. */
export function writes(
  line: Line,
  after: readonly (readonly [line: Line, stdout: string])[],
  { stdout = '', ...more }: More & { stdout?: string } = {},
): Row {
  return { ...answers(line, stdout, more), after };
}

/** A line that ends with one line on stderr, and changes nothing. */
export function fails(code: number, line: Line, message: string, more: More = {}): Row {
  return { ...answers(line, '', more), code, stderr: `timekv: ${message}\n` };
}

/** Bad usage or bad input. */
export function refuses(line: Line, message: string, more: More = {}): Row {
  return fails(2, line, message, more);
}

/** The same where answers are JSON: so is the error. */
export function refusesInJson(line: Line, message: string, more: More = {}): Row {
  const error = { code: 'ERR_TIMEKV_INVALID_ARGUMENT', message };
  return { ...refuses(line, message, more), stderr: `${JSON.stringify({ error })}\n` };
}

/** The same rows with more in common. */
export function on(more: More, rows: readonly Row[]): Row[] {
  return rows.map((row) => ({ ...row, ...more }));
}

/** The same line in each of the five formats. */
export function inFormats(
  line: string,
  answer: Record<'table' | 'json' | 'ndjson' | 'csv' | 'tsv', string>,
  more: More = {},
): Row[] {
  return Object.entries(answer).map(([format, stdout]) =>
    answers(`${line} --format ${format}`, stdout, more),
  );
}

/** The row with more words behind its command. */
export function withWords(row: Row, more: readonly string[]): Row {
  const [command = '', ...rest] = row.words;
  return { ...row, words: [command, ...more, ...rest] };
}
