/** A line of the REPL or of a batch, split into tokens: quoting is as in redis-cli. */
import { isUtf8 } from 'node:buffer';
import { usageError } from './cli-error.js';
import type { Token } from './tokens.js';

export interface LineToken {
  value: Token;
  /** Where the token begins, in bytes. */
  start: number;
}

export interface SplitLine {
  tokens: LineToken[];
  /** The line ends inside this quote. */
  open: '"' | "'" | undefined;
}

const space = /[ \t\r\n\v\f]/;
const hexEscape = /\\x([0-9a-fA-F]{2})/y;
const letters: Record<string, string> = { n: '\n', r: '\r', t: '\t', b: '\b', a: '\x07' };

/**
 * Splits a line at blanks. `"…"` knows `\n \r \t \b \a \" \\ \xHH`, `'…'` only `\'`; what follows a
 * closing quote has to be a blank. A line whose first character is `#` is a comment.
 */
export function splitLine(line: Buffer): SplitLine {
  // Each byte is one character here, so that `\xHH` can make any byte.
  const text = line.toString('latin1');
  const tokens: LineToken[] = [];
  let position = skipBlanks(text, 0);
  if (text[position] === '#') return { tokens, open: undefined };
  while (position < text.length) {
    const start = position;
    let value = '';
    while (position < text.length && !space.test(text.charAt(position))) {
      const character = text.charAt(position);
      if (character !== '"' && character !== "'") {
        value += character;
        position += 1;
        continue;
      }
      const quoted = readQuoted(text, position, character);
      value += quoted.value;
      position = quoted.end;
      if (quoted.isOpen) {
        tokens.push({ value: tokenOf(value), start });
        return { tokens, open: character };
      }
      if (position < text.length && !space.test(text.charAt(position))) {
        throw usageError(`a closing ${character} has to be followed by a blank`);
      }
    }
    tokens.push({ value: tokenOf(value), start });
    position = skipBlanks(text, position);
  }
  return { tokens, open: undefined };
}

/** The tokens of a complete line. */
export function tokensOf(line: Buffer): Token[] {
  const { tokens, open } = splitLine(line);
  if (open !== undefined) throw usageError(`a ${open} is not closed`);
  return tokens.map(({ value }) => value);
}

/**
 * A token as it has to be typed to stand for the text.
 * @param isQuoted quotes it even where it need not be
 */
export function quoteToken(text: string, isQuoted = false): string {
  if (!isQuoted && /^[^\s"'\\#\p{Cc}-][^\s"'\\\p{Cc}]*$/u.test(text)) return text;
  const escaped = text
    .replace(/["\\]/g, '\\$&')
    .replace(/\p{Cc}/gu, (control) =>
      [...Buffer.from(control)].map((byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join(''),
    );
  return `"${escaped}"`;
}

interface Quoted {
  value: string;
  /** After the closing quote. */
  end: number;
  isOpen: boolean;
}

function readQuoted(text: string, start: number, quote: '"' | "'"): Quoted {
  let value = '';
  let position = start + 1;
  while (position < text.length) {
    const character = text.charAt(position);
    if (character === quote) return { value, end: position + 1, isOpen: false };
    if (character !== '\\') {
      value += character;
      position += 1;
      continue;
    }
    const escape =
      quote === '"' ? doubleQuoteEscape(text, position) : singleQuoteEscape(text, position);
    value += escape.value;
    position += escape.length;
  }
  return { value, end: position, isOpen: true };
}

function doubleQuoteEscape(text: string, position: number): { value: string; length: number } {
  hexEscape.lastIndex = position;
  const hex = hexEscape.exec(text)?.[1];
  if (hex !== undefined) return { value: String.fromCharCode(parseInt(hex, 16)), length: 4 };
  const letter = text.charAt(position + 1);
  return { value: letters[letter] ?? letter, length: 2 };
}

function singleQuoteEscape(text: string, position: number): { value: string; length: number } {
  return text[position + 1] === "'" ? { value: "'", length: 2 } : { value: '\\', length: 1 };
}

function skipBlanks(text: string, from: number): number {
  let position = from;
  while (position < text.length && space.test(text.charAt(position))) position += 1;
  return position;
}

function tokenOf(latin1: string): Token {
  const bytes = Buffer.from(latin1, 'latin1');
  return isUtf8(bytes) ? bytes.toString() : bytes;
}
