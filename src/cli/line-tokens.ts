/** A line of the REPL or of a batch, split into tokens: quoting is as in redis-cli. */
import { isUtf8 } from 'node:buffer';
import { usageError } from './base/cli-error.js';
import type { Token } from './tokens.js';

export interface LineToken {
  value: Token;
  /** Where the token begins and ends in the line, in bytes. */
  start: number;
  end: number;
}

export interface SplitLine {
  tokens: LineToken[];
  /** The line ends inside this quote. */
  open: Quote | undefined;
}

type Quote = '"' | "'";

const backslash = 0x5c;
const quotationMark = 0x22;
const apostrophe = 0x27;
const quotes: Partial<Record<number, Quote>> = { [quotationMark]: '"', [apostrophe]: "'" };
const comment = 0x23;
/** What a letter stands for behind a backslash. */
const controls: Partial<Record<number, number>> = {
  0x6e: 0x0a, // n
  0x72: 0x0d, // r
  0x74: 0x09, // t
  0x62: 0x08, // b
  0x61: 0x07, // a
};

/**
 * Splits a line at blanks. `"…"` knows `\n \r \t \b \a \" \\ \xHH`, `'…'` only `\'`; what follows a
 * closing quote has to be a blank. A line whose first character is `#` is a comment.
 */
export function splitLine(line: Buffer): SplitLine {
  const tokens: LineToken[] = [];
  let position = skip(line, 0, isBlank);
  if (line[position] === comment) return { tokens, open: undefined };
  while (position < line.length) {
    const start = position;
    position = skip(line, position, isPlain);
    const plain = line.subarray(start, position);
    const quote = quotes[line[position] ?? 0];
    if (quote === undefined) {
      tokens.push({ value: tokenOf(plain), start, end: position });
    } else {
      const end = closingQuote(line, position + 1, quote);
      const quoted = unescaped(line.subarray(position + 1, end), quote);
      const value = plain.length === 0 ? quoted : Buffer.concat([plain, quoted]);
      position = Math.min(end + 1, line.length);
      tokens.push({ value: tokenOf(value), start, end: position });
      if (end >= line.length) return { tokens, open: quote };
      if (position < line.length && !isBlank(line[position])) {
        throw usageError(`a closing ${quote} has to be followed by a blank`);
      }
    }
    position = skip(line, position, isBlank);
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

/** Where the quote is closed; the end of the line or more where it is not. */
function closingQuote(line: Buffer, from: number, quote: Quote): number {
  let position = from;
  while (position < line.length && quotes[line[position] ?? 0] !== quote) {
    const isEscape =
      line[position] === backslash && (quote === '"' || line[position + 1] === apostrophe);
    position += isEscape ? 2 : 1;
  }
  return position;
}

/** What stands between two quotes; copied only where something in it is escaped. */
function unescaped(raw: Buffer, quote: Quote): Buffer {
  if (!raw.includes(backslash)) return raw;
  const bytes = Buffer.allocUnsafe(raw.length);
  let length = 0;
  let position = 0;
  while (position < raw.length) {
    let byte = raw[position] ?? 0;
    let used = 1;
    if (byte === backslash && quote === '"') {
      const hex = hexByte(raw, position + 1);
      const letter = raw[position + 1] ?? backslash;
      byte = hex ?? controls[letter] ?? letter;
      used = hex === undefined ? 2 : 4;
    } else if (byte === backslash && raw[position + 1] === apostrophe) {
      byte = apostrophe;
      used = 2;
    }
    bytes[length] = byte;
    length += 1;
    position += used;
  }
  return bytes.subarray(0, length);
}

/** The byte that is written as `xHH`. */
function hexByte(raw: Buffer, position: number): number | undefined {
  if (raw[position] !== 0x78) return undefined;
  const high = hexDigit(raw[position + 1]);
  const low = hexDigit(raw[position + 2]);
  return high === undefined || low === undefined ? undefined : 16 * high + low;
}

function hexDigit(byte = 0): number | undefined {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x61 + 10 : undefined;
}

/** Space, tab, newline, vertical tab, form feed, carriage return. */
function isBlank(byte = 0): boolean {
  return byte === 0x20 || (byte >= 0x09 && byte <= 0x0d);
}

function isPlain(byte: number): boolean {
  return !isBlank(byte) && byte !== quotationMark && byte !== apostrophe;
}

function skip(line: Buffer, from: number, isSkipped: (byte: number) => boolean): number {
  let position = from;
  while (position < line.length && isSkipped(line[position] ?? 0)) position += 1;
  return position;
}

function tokenOf(bytes: Buffer): Token {
  return isUtf8(bytes) ? bytes.toString() : bytes;
}
