/**
 * Draws the line that is being typed. Each drawing is one write that goes over what was there, and
 * clears only what it does not write over, so nothing flickers.
 */
import { displayWidth } from '../display/display-width.js';
import { layOut, type Layout, type Picture, type Row } from './edit-layout.js';

/** What is drawn on. */
export interface Terminal {
  readonly columns: number;
  readonly rows: number;
  write(text: string): unknown;
}

const clearRestOfRow = '\x1b[K';
const clearBelow = '\x1b[J';

export class EditScreen {
  readonly #terminal: Terminal;
  #picture: Picture | undefined;
  #drawn = '';
  /** Rows between the first one drawn and the cursor. */
  #cursorRow = 0;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  draw(picture: Picture): void {
    const { rows, cursor } = this.#window(layOut(picture, this.#columns));
    const back = `${up(rows.length - 1 - cursor.row)}\r${right(cursor.column)}`;
    const drawing = rows.map(drawnRow).join('') + back;
    if (drawing === this.#drawn) return;
    const kept = this.#keptPrompt(picture.prompt);
    this.#picture = picture;
    const changed = right(displayWidth(kept)) + drawing.slice(kept.length);
    this.#terminal.write(`${up(this.#cursorRow)}\r${changed}`);
    this.#drawn = drawing;
    this.#cursorRow = cursor.row;
  }

  /** Leaves the line as it is, without its hint, and goes below it. */
  finish(last = ''): void {
    if (this.#picture !== undefined) {
      this.draw({ ...this.#picture, hint: '', cursor: this.#picture.text.length });
    }
    this.#terminal.write(`${last}\r\n`);
    this.#picture = undefined;
    this.#drawn = '';
    this.#cursorRow = 0;
  }

  /** Empties the terminal; the line is to be drawn at its top. */
  clear(): void {
    this.#terminal.write('\x1b[H\x1b[2J');
    this.#drawn = '';
    this.#cursorRow = 0;
  }

  /** The terminal has another width, and has wrapped anew what was drawn. */
  resized(): void {
    if (this.#picture === undefined) return;
    this.#cursorRow = this.#window(layOut(this.#picture, this.#columns)).cursor.row;
    this.#drawn = '';
    this.draw(this.#picture);
  }

  /** The prompt, if it stands there already in a row that is drawn again. */
  #keptPrompt(prompt: string): string {
    const isThere = this.#picture?.prompt === prompt && this.#drawn.startsWith(prompt);
    return isThere && displayWidth(prompt) < this.#columns ? prompt : '';
  }

  /** The rows around the cursor that the terminal has room for. */
  #window({ rows, cursor }: Layout): Layout {
    const room = Math.max(1, this.#terminal.rows || 24);
    if (rows.length <= room) return { rows, cursor };
    const top = Math.min(Math.max(0, cursor.row - room + 1), rows.length - room);
    return { rows: rows.slice(top, top + room), cursor: { ...cursor, row: cursor.row - top } };
  }

  get #columns(): number {
    // Some terminals say 0 when they do not know.
    return Math.max(2, this.#terminal.columns || 80);
  }
}

/** Behind the last column of a full row, clearing would take its last character. */
function drawnRow({ text, isFull }: Row, index: number, rows: readonly Row[]): string {
  if (isFull) return text;
  // The cursor comes into the row after a full one with the first character there.
  const begun = text === '' && rows[index - 1]?.isFull === true ? ' \r' : text;
  const isLast = index === rows.length - 1;
  return isLast ? `${begun}${clearBelow}` : `${begun}${clearRestOfRow}\r\n`;
}

function up(rows: number): string {
  return rows > 0 ? `\x1b[${rows}A` : '';
}

function right(columns: number): string {
  return columns > 0 ? `\x1b[${columns}C` : '';
}
