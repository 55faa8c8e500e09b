/**
 * Tokens of a command line, marked with what they are before oclif's parser sees them. That parser
 * decides by a leading hyphen what is an option; in timekv a token like `-5` or `-.5` never is one,
 * and a `-` after `--` is a plain hyphen. Marked tokens never begin with a hyphen.
 */
import { usageError } from './base/cli-error.js';

/** In front of text that stands for itself. */
const textMark = '\0';
/** In front of bytes that are no UTF-8, written as Latin-1. */
const bytesMark = '\x01';

export type Token = string | Buffer;

/** What a positional argument or an option's value was. */
export type TokenValue =
  { kind: 'text'; text: string } | { kind: 'bytes'; bytes: Buffer } | { kind: 'hyphen' };

/** What has to be known of an option to tell its value from an argument. */
export interface OptionSpelling {
  name: string;
  char?: string | undefined;
  takesValue: boolean;
}

/** The user asked for help in place of whatever else was written. */
export class HelpWanted extends Error {
  override readonly name = 'HelpWanted';
}

export interface MarkedTokens {
  /** In oclif's spelling, `--name` or `--name=VALUE`. */
  options: string[];
  positional: string[];
}

/** Tells options from positional tokens, and marks what stands for itself. */
export function markTokens(
  tokens: readonly Token[],
  options: readonly OptionSpelling[],
): MarkedTokens {
  const marked: MarkedTokens = { options: [], positional: [] };
  const rest = [...tokens];
  for (let token = rest.shift(); token !== undefined; token = rest.shift()) {
    if (token === '--') {
      marked.positional.push(...rest.map(mark));
      break;
    }
    if (token === '-') {
      marked.positional.push(token);
    } else if (typeof token !== 'string' || !token.startsWith('-') || /^-[0-9.]/.test(token)) {
      marked.positional.push(mark(token));
    } else {
      marked.options.push(
        ...(token.startsWith('--') ? longOption : shortOptions)(token, rest, options),
      );
    }
  }
  return marked;
}

/** What a marked token was. */
export function readToken(marked: string): TokenValue {
  if (marked.startsWith(textMark)) return { kind: 'text', text: marked.slice(1) };
  if (marked.startsWith(bytesMark)) {
    return { kind: 'bytes', bytes: Buffer.from(marked.slice(1), 'latin1') };
  }
  return marked === '-' ? { kind: 'hyphen' } : { kind: 'text', text: marked };
}

/** The text of a marked token. Throws where it is no text. */
export function tokenText(marked: string): string {
  const token = readToken(marked);
  if (token.kind === 'bytes') throw usageError('an argument is not valid UTF-8');
  return token.kind === 'text' ? token.text : '-';
}

function mark(token: Token): string {
  return typeof token === 'string'
    ? `${textMark}${token}`
    : `${bytesMark}${token.toString('latin1')}`;
}

/** `--name`, `--name VALUE` or `--name=VALUE`. */
function longOption(token: string, rest: Token[], options: readonly OptionSpelling[]): string[] {
  const [written = '', ...parts] = token.split('=');
  const value = parts.length === 0 ? undefined : parts.join('=');
  if (written === '--help') throw new HelpWanted();
  const option = options.find(({ name }) => written === `--${name}`);
  if (option === undefined) throw unknownOption(written, options);
  if (option.takesValue) return [withValue(option, value ?? nextValue(option, rest, options))];
  if (value !== undefined) throw usageError(`${written} takes no value`);
  return [written];
}

/** `-n`, `-d VALUE`, `-dVALUE`, or several without a value in one: `-nx`. */
function shortOptions(token: string, rest: Token[], options: readonly OptionSpelling[]): string[] {
  const marked: string[] = [];
  for (let position = 1; position < token.length; position += 1) {
    const letter = token.charAt(position);
    if (letter === 'h') throw new HelpWanted();
    const option = options.find(({ char }) => char === letter);
    if (option === undefined) throw unknownLetter(token, position, options);
    if (option.takesValue) {
      const attached = token.slice(position + 1).replace(/^=/, '');
      const value = attached === '' ? nextValue(option, rest, options) : attached;
      return [...marked, withValue(option, value)];
    }
    marked.push(`--${option.name}`);
  }
  return marked;
}

function withValue(option: OptionSpelling, value: Token): string {
  return `--${option.name}=${mark(value)}`;
}

function nextValue(
  option: OptionSpelling,
  rest: Token[],
  options: readonly OptionSpelling[],
): Token {
  const value = rest.shift();
  const isOption = options.some(
    ({ name, char = '' }) => value === `--${name}` || value === `-${char}`,
  );
  if (value === undefined || value === '--' || (isOption && value !== '-')) {
    throw usageError(
      `--${option.name} needs a value; one that begins with a hyphen is written --${option.name}=VALUE`,
    );
  }
  return value;
}

const afterTwoHyphens = 'data that begins with a hyphen is written after --';

function unknownOption(written: string, options: readonly OptionSpelling[]): Error {
  const names = options.map(({ name }) => name);
  const hint = suggestion(written.replace(/^-+/, ''), names, afterTwoHyphens, '--');
  return usageError(`unknown option ${written}; ${hint}`);
}

/** A letter in a group of several; a group that is a whole name lacks a hyphen. */
function unknownLetter(group: string, position: number, options: readonly OptionSpelling[]): Error {
  const isName = options.some(({ name }) => group === `-${name}`);
  if (position === 1 || isName) return unknownOption(group, options);
  return usageError(
    `unknown option ${group}: there is no -${group.charAt(position)}; ${afterTwoHyphens}`,
  );
}

/** Asks for the name that was probably meant; else says what is otherwise to be said. */
export function suggestion(
  written: string,
  names: readonly string[],
  otherwise: string,
  prefix = '',
): string {
  const near = nearest(written, names);
  return near === undefined ? otherwise : `did you mean ${prefix}${near}?`;
}

/** The name that was probably meant: at most two letters away, and not more than half of it. */
export function nearest(written: string, names: readonly string[]): string | undefined {
  const ranked = names
    .map((name) => ({ name, distance: editDistance(written, name) }))
    .filter(({ name, distance }) => distance <= Math.min(2, Math.floor(name.length / 2)));
  return ranked.toSorted((a, b) => a.distance - b.distance)[0]?.name;
}

/** Letters to add, drop, change, or swap with their neighbour. */
function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const isSame = a[i - 1] === b[j - 1];
      const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      row[j] = Math.min(
        (last[j] ?? 0) + 1,
        (row[j - 1] ?? 0) + 1,
        (last[j - 1] ?? 0) + (isSame ? 0 : 1),
        isSwap ? (beforeLast[j - 2] ?? 0) + 1 : Infinity,
      );
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length] ?? 0;
}
