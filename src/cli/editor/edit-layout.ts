/** Where on a terminal the parts of a line come that is being typed: rows, and the cursor in them. */
import { displayWidth, graphemesOf } from '../display/display-width.js';
import { visible } from '../base/terminal-text.js';

export type Paint = (text: string) => string;

/** How a part of the text looks. */
export interface Span {
  start: number;
  end: number;
  paint: Paint;
}

/** What is to be seen. */
export interface Picture {
  prompt: string;
  /** Stands before the rows after the first one. */
  continuation: string;
  text: string;
  cursor: number;
  /** In the order of the text, none over another. */
  spans: readonly Span[];
  /** Shown faintly behind the text, as far as there is room in the row. */
  hint: string;
}

export interface Row {
  text: string;
  /** Its last column is taken: what follows comes into the next row by itself. */
  isFull: boolean;
}

export interface Layout {
  rows: Row[];
  cursor: { row: number; column: number };
}

/** The rows of a picture on a terminal with so many columns. */
export function layOut(picture: Picture, columns: number): Layout {
  const builder = new RowBuilder(columns);
  let cursor = { row: 0, column: 0 };
  builder.put(picture.prompt);
  let place = 0;
  for (const { part, paint } of parts(picture)) {
    for (const grapheme of graphemesOf(part)) {
      const isRowEnd = grapheme === '\n';
      const shown = visible(grapheme);
      // The cursor needs a column too before the end of a row.
      builder.makeRoom(isRowEnd ? 1 : displayWidth(shown));
      if (place === picture.cursor) cursor = builder.place;
      if (isRowEnd) {
        builder.endRow();
        builder.put(picture.continuation);
      } else {
        builder.put(shown, paint);
      }
      place += grapheme.length;
    }
  }
  builder.makeRoom(1);
  if (picture.cursor >= place) cursor = builder.place;
  builder.put(cut(visible(picture.hint), columns - builder.place.column - 1), faint);
  builder.endRow();
  return { rows: builder.rows, cursor };
}

class RowBuilder {
  readonly rows: Row[] = [];
  readonly #columns: number;
  #text = '';
  #width = 0;
  /** What is painted in one piece. */
  #run = '';
  #paint: Paint = plain;

  constructor(columns: number) {
    this.#columns = columns;
  }

  get place(): { row: number; column: number } {
    return { row: this.rows.length, column: this.#width };
  }

  put(text: string, paint = plain): void {
    if (paint !== this.#paint) this.#endRun();
    this.#paint = paint;
    for (const grapheme of graphemesOf(text)) {
      const width = displayWidth(grapheme);
      this.makeRoom(width);
      this.#run += grapheme;
      this.#width += width;
    }
  }

  /** Begins a new row where so many columns are not left in this one: they stay empty. */
  makeRoom(width: number): void {
    const left = this.#columns - this.#width;
    if (left >= Math.min(width, this.#columns)) return;
    this.#run += ' '.repeat(left);
    this.#width = this.#columns;
    this.endRow();
  }

  endRow(): void {
    this.#endRun();
    this.rows.push({ text: this.#text, isFull: this.#width >= this.#columns });
    this.#text = '';
    this.#width = 0;
  }

  #endRun(): void {
    if (this.#run !== '') this.#text += this.#paint(this.#run);
    this.#run = '';
  }
}

/** The text in parts that each look one way. */
function* parts({ text, spans }: Picture): Generator<{ part: string; paint: Paint }> {
  let end = 0;
  for (const span of spans) {
    if (span.start > end) yield { part: text.slice(end, span.start), paint: plain };
    yield { part: text.slice(span.start, span.end), paint: span.paint };
    end = span.end;
  }
  if (end < text.length) yield { part: text.slice(end), paint: plain };
}

function plain(text: string): string {
  return text;
}

/** No colour: it is for those too who want none. */
function faint(text: string): string {
  return `\x1b[2m${text}\x1b[22m`;
}

/** As much of a text as has room. */
function cut(text: string, columns: number): string {
  let width = 0;
  let shown = '';
  for (const grapheme of graphemesOf(text)) {
    width += displayWidth(grapheme);
    if (width > columns) break;
    shown += grapheme;
  }
  return shown;
}
