/** What each word of a command line is, also while it is being typed: nothing is an error here. */
import type { ArgInput, FlagInput } from '@oclif/core/parser';
import type { Token } from '../tokens.js';

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

type OptionRole = Extract<Role, { kind: 'option' }>;

export interface CommandWords {
  /** Of each word, in their order. */
  roles: Role[];
  /** The arguments that are still to be written, as in `VALUE [TIME]`. */
  missing: string;
  /** The options that were written, with their values where they have any. */
  options: ReadonlyMap<string, string>;
}

export interface Declared {
  args: ArgInput;
  /** Arguments that are one of a few words. */
  choices: Readonly<Record<string, readonly string[]>>;
  flags: FlagInput;
}

const keyNames = new Set(['KEY', 'P', 'PREFIX']);
const timeNames = new Set(['TIME', 'T', 'T1', 'T2']);

/** The roles of the words that follow a command's name. */
export function wordsOf(tokens: readonly Token[], declared: Declared): CommandWords {
  const { args, flags } = declared;
  const options = new Map<string, string>();
  const roles: Role[] = [];
  const places: number[] = [];
  let isData = false;
  let awaiting: { name: string; wanted: Wanted } | undefined;
  for (const token of tokens) {
    const text = String(token);
    if (awaiting !== undefined) {
      roles.push({ kind: 'value', wanted: awaiting.wanted });
      options.set(awaiting.name, text);
      awaiting = undefined;
    } else if (isData || text === '-' || !text.startsWith('-') || /^-[0-9.]/.test(text)) {
      places.push(roles.length);
      roles.push({ kind: 'argument', wanted: undefined });
    } else if (text === '--') {
      isData = true;
      roles.push({ kind: 'separator' });
    } else {
      const option = optionOf(text, flags);
      roles.push(option.role);
      if (option.name === undefined) continue;
      const { name, role, awaited } = option;
      options.set(name, role.value === undefined ? '' : text.slice(role.value.start));
      awaiting = awaited && { name, wanted: awaited };
    }
  }
  const names = argumentsWith(args, options);
  for (const [index, place] of places.entries()) {
    const name = names[index];
    const wanted = name === undefined ? undefined : wantedOf(argumentName(name, declared));
    roles[place] = { kind: 'argument', wanted };
  }
  const missing = names.slice(places.length).map((name) => {
    const written = argumentName(name, declared);
    return args[name]?.required === true ? written : `[${written}]`;
  });
  return { roles, missing: missing.join(' '), options };
}

/** The arguments that a command takes, given its options: later positions move up. */
function argumentsWith(args: ArgInput, options: ReadonlyMap<string, string>): string[] {
  const names = Object.keys(args);
  const isLeftOut = (name: string): boolean =>
    (name === 'key' && (options.has('prefix') || options.has('keys-from'))) ||
    (name === 'value' && options.has('file'));
  return names.filter((name) => !isLeftOut(name));
}

function argumentName(name: string, { choices }: Declared): string {
  return choices[name]?.join('|') ?? name.toUpperCase();
}

function optionOf(
  text: string,
  flags: FlagInput,
): { name: string | undefined; role: OptionRole; awaited: Wanted | undefined } {
  const [written = '', ...rest] = text.split('=');
  const isLong = text.startsWith('--');
  const entry = Object.entries(flags).find(([name, { char }]) =>
    isLong ? written === `--${name}` : char !== undefined && text.includes(char),
  );
  if (entry === undefined) {
    return { name: undefined, role: { kind: 'option', isKnown: false }, awaited: undefined };
  }
  const [name, flag] = entry;
  const role: OptionRole = { kind: 'option', isKnown: true };
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
