/** A line that is being typed, in words, with their places in its text. */
import { splitLine } from '../line-tokens.js';
import type { Token } from '../tokens.js';

export interface TypedWord {
  value: Token;
  /** As it is typed, with its quotes. */
  typed: string;
  start: number;
  end: number;
}

export interface TypedLine {
  /** The last one is the word that is being typed: empty behind a blank. */
  words: TypedWord[];
  /** The last word is not closed, or touches the end of the line. */
  isWithinWord: boolean;
}

/** The words of a line. Throws where quotes stand so that nobody can tell. */
export function typedLine(line: string): TypedLine {
  const bytes = Buffer.from(line);
  const { tokens } = splitLine(bytes);
  const isAscii = bytes.length === line.length;
  const place = (byte: number): number => (isAscii ? byte : bytes.toString('utf8', 0, byte).length);
  const words = tokens.map(({ value, start, end }) => {
    const word = { value, start: place(start), end: place(end) };
    return { ...word, typed: line.slice(word.start, word.end) };
  });
  const isWithinWord = words.at(-1)?.end === line.length;
  const fresh = { value: '', typed: '', start: line.length, end: line.length };
  return { words: isWithinWord ? words : [...words, fresh], isWithinWord };
}
