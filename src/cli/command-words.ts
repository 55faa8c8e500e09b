/** What each word of a command line is, also while it is being typed: nothing is an error here. */
import type { ArgInput, FlagInput } from '@oclif/core/parser';
import type { Token } from './tokens.js';

/** What a word, or the value of an option, is to be. */
export interface Wanted {
  /** As help writes it: `KEY`, `TIME`, `table|json`. */
  name: string;
  kind: 'key' | 'time' | 'choice' | 'other';
  /** Of a choice: what may be written. */
  choices: readonly string[];
}

export type Role =
  | { kind: 'option'; isKnown: boolean; value?: { wanted: Wanted; start: number } }
  | { kind: 'value'; wanted: Wanted }
  | { kind: 'argument'; wanted: Wanted | undefined }
  | { kind: 'separator' };

export interface CommandWords {
  /** Of each word, in their order. */
  roles: Role[];
  /** The arguments that are still to be written, as in `VALUE [TIME]`. */
  missing: string;
  /** The options that were written. */
  options: ReadonlySet<string>;
}

export interface Declared {
  args: ArgInput;
  flags: FlagInput;
}

const keyNames = new Set(['KEY', 'P', 'PREFIX']);
const timeNames = new Set(['TIME', 'T', 'T1', 'T2']);

/** The roles of the words that follow a command's name. */
export function wordsOf(tokens: readonly Token[], { args, flags }: Declared): CommandWords {
  const options = new Set<string>();
  const roles: Role[] = [];
  const places: number[] = [];
  let isData = false;
  let awaited: Wanted | undefined;
  for (const token of tokens) {
    const text = String(token);
    if (awaited !== undefined) {
      roles.push({ kind: 'value', wanted: awaited });
      awaited = undefined;
    } else if (isData || text === '-' || !text.startsWith('-') || /^-[0-9.]/.test(text)) {
      places.push(roles.length);
      roles.push({ kind: 'argument', wanted: undefined });
    } else if (text === '--') {
      isData = true;
      roles.push({ kind: 'separator' });
    } else {
      const option = optionOf(text, flags);
      if (option.name !== undefined) options.add(option.name);
      awaited = option.awaited;
      roles.push(option.role);
    }
  }
  const names = argumentsWith(args, options);
  for (const [index, place] of places.entries()) {
    const name = names[index];
    const wanted = name === undefined ? undefined : wantedOf(argumentName(name, args));
    roles[place] = { kind: 'argument', wanted };
  }
  const missing = names.slice(places.length).map((name) => {
    const written = argumentName(name, args);
    return args[name]?.required === true ? written : `[${written}]`;
  });
  return { roles, missing: missing.join(' '), options };
}

/** The arguments that a command takes, given its options: later positions move up. */
function argumentsWith(args: ArgInput, options: ReadonlySet<string>): string[] {
  const names = Object.keys(args);
  const isLeftOut = (name: string): boolean =>
    (name === 'key' && (options.has('prefix') || options.has('keys-from'))) ||
    (name === 'value' && options.has('file'));
  return names.filter((name) => !isLeftOut(name));
}

function argumentName(name: string, args: ArgInput): string {
  return args[name]?.options?.join('|') ?? name.toUpperCase();
}

function optionOf(
  text: string,
  flags: FlagInput,
): { name: string | undefined; role: Role; awaited: Wanted | undefined } {
  const [written = '', ...rest] = text.split('=');
  const isLong = text.startsWith('--');
  const entry = Object.entries(flags).find(([name, { char }]) =>
    isLong ? written === `--${name}` : char !== undefined && text.includes(char),
  );
  if (entry === undefined) {
    return { name: undefined, role: { kind: 'option', isKnown: false }, awaited: undefined };
  }
  const [name, flag] = entry;
  const role: Role = { kind: 'option', isKnown: true };
  if (flag.type !== 'option') return { name, role, awaited: undefined };
  const wanted = wantedOf(helpValueOf(flag));
  if (!isLong && text.length === 2) return { name, role, awaited: wanted };
  if (isLong && rest.length === 0) return { name, role, awaited: wanted };
  const start = isLong ? written.length + 1 : 2;
  return { name, role: { ...role, value: { wanted, start } }, awaited: undefined };
}

function helpValueOf({ helpValue }: { helpValue?: string | string[] | undefined }): string {
  return String(helpValue ?? 'VALUE');
}

/** What is wanted where help writes this. */
export function wantedOf(written: string): Wanted {
  const name = written.replace(/^\[(.*)\]$/, '$1');
  const choices = name.includes('|') ? name.split('|').filter((word) => /^[a-z]/.test(word)) : [];
  if (choices.length > 0) return { name, kind: 'choice', choices };
  if (keyNames.has(name)) return { name, kind: 'key', choices };
  return { name, kind: timeNames.has(name) ? 'time' : 'other', choices };
}
