/** A line that is being typed: its text, the place of the cursor, and what editing does to them. */
import { graphemesOf } from '../display/display-width.js';

interface Moment {
  text: string;
  cursor: number;
}

const undoneMax = 200;
/** What Alt and Ctrl with an arrow stop at. */
const word = /[\p{L}\p{N}_]/u;

export class EditBuffer {
  #text = '';
  #cursor = 0;
  #killed = '';
  #past: Moment[] = [];

  get text(): string {
    return this.#text;
  }

  /** The place of the cursor in the text, never within what a reader takes for one character. */
  get cursor(): number {
    return this.#cursor;
  }

  /** Begins anew. What was killed can still be yanked. */
  reset(text = ''): void {
    this.#past = [];
    this.#text = text;
    this.#cursor = text.length;
  }

  insert(text: string): void {
    this.#replace(this.#cursor, this.#cursor, text);
  }

  /** Puts a text in place of what stands before the cursor from a place on. */
  replaceFrom(start: number, text: string): void {
    this.#replace(start, this.#cursor, text);
  }

  replaceAll(text: string): void {
    this.#replace(0, this.#text.length, text);
  }

  left(): void {
    this.#cursor = this.#before();
  }

  right(): void {
    this.#cursor = this.#after();
  }

  wordLeft(): void {
    this.#cursor = this.#wordBefore(word);
  }

  wordRight(): void {
    this.#cursor = this.#wordAfter();
  }

  /** To the beginning of the row. */
  home(): void {
    this.#cursor = this.#rowStart();
  }

  /** To the end of the row. */
  end(): void {
    this.#cursor = this.#rowEnd();
  }

  /** To the row above or below, of a text of several. Answers whether there is one. */
  moveRow(step: -1 | 1): boolean {
    const start = this.#rowStart();
    const column = this.#cursor - start;
    const isThere = step === -1 ? start > 0 : this.#rowEnd() < this.#text.length;
    if (!isThere) return false;
    this.#cursor = step === -1 ? start - 1 : this.#rowEnd() + 1;
    const target = this.#rowStart();
    this.#cursor = this.#onGrapheme(Math.min(target + column, this.#rowEnd()));
    return true;
  }

  deleteBefore(): void {
    this.#replace(this.#before(), this.#cursor, '');
  }

  deleteAfter(): void {
    this.#replace(this.#cursor, this.#after(), '');
  }

  killToStart(): void {
    this.#kill(this.#rowStart(), this.#cursor);
  }

  killToEnd(): void {
    this.#kill(this.#cursor, this.#rowEnd());
  }

  killWordBefore(): void {
    this.#kill(this.#wordBefore(word), this.#cursor);
  }

  /** Kills back to a blank, as Ctrl-W does. */
  killTokenBefore(): void {
    this.#kill(this.#wordBefore(/\S/), this.#cursor);
  }

  killWordAfter(): void {
    this.#kill(this.#cursor, this.#wordAfter());
  }

  yank(): void {
    this.insert(this.#killed);
  }

  undo(): void {
    const moment = this.#past.pop();
    if (moment === undefined) return;
    this.#text = moment.text;
    this.#cursor = moment.cursor;
  }

  #kill(start: number, end: number): void {
    if (start === end) return;
    this.#killed = this.#text.slice(start, end);
    this.#replace(start, end, '');
  }

  #replace(start: number, end: number, text: string): void {
    if (start === end && text === '') return;
    this.#past.push({ text: this.#text, cursor: this.#cursor });
    if (this.#past.length > undoneMax) this.#past.shift();
    this.#text = this.#text.slice(0, start) + text + this.#text.slice(end);
    this.#cursor = this.#onGrapheme(start + text.length);
  }

  #rowStart(): number {
    return this.#text.slice(0, this.#cursor).lastIndexOf('\n') + 1;
  }

  #rowEnd(): number {
    const end = this.#text.indexOf('\n', this.#cursor);
    return end === -1 ? this.#text.length : end;
  }

  #before(): number {
    const last = graphemesOf(this.#text.slice(0, this.#cursor)).at(-1) ?? '';
    return this.#cursor - last.length;
  }

  #after(): number {
    return this.#cursor + (graphemesOf(this.#text.slice(this.#cursor))[0] ?? '').length;
  }

  #wordBefore(kind: RegExp): number {
    let place = this.#cursor;
    while (place > 0 && !kind.test(this.#text.charAt(place - 1))) place -= 1;
    while (place > 0 && kind.test(this.#text.charAt(place - 1))) place -= 1;
    return this.#onGrapheme(place);
  }

  #wordAfter(): number {
    let place = this.#cursor;
    const { length } = this.#text;
    while (place < length && !word.test(this.#text.charAt(place))) place += 1;
    while (place < length && word.test(this.#text.charAt(place))) place += 1;
    return this.#onGrapheme(place);
  }

  /** The place, or the end of the character that it lies within. */
  #onGrapheme(place: number): number {
    let end = 0;
    for (const grapheme of graphemesOf(this.#text)) {
      if (end >= place) return end;
      end += grapheme.length;
    }
    return end;
  }
}
