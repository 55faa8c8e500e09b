/** From tokens to a command's arguments and options, with errors of one helpful line. */
import type { ArgInput, FlagInput, Input, ParserOutput } from '@oclif/core/parser';
import { parse } from '@oclif/core/parser';
import { stripVTControlCharacters } from 'node:util';
import { usageError } from './cli-error.js';
import { markTokens, tokenText, type OptionSpelling, type Token } from './tokens.js';

type Outcome = Record<string, unknown>;

/** Reads the tokens after a command's name by its declarations. */
export async function parseTokens<F extends Outcome, B extends Outcome, A extends Outcome>(
  name: string,
  tokens: readonly Token[],
  declared: Input<F, B, A>,
): Promise<ParserOutput<F, B, A>> {
  const { baseFlags, flags } = declared;
  const allFlags = { ...baseFlags, ...flags } as FlagInput<F>;
  const { options, positional } = markTokens(tokens, spellings(allFlags));
  const isKeyless = Object.entries(allFlags).some(
    ([option, flag]) =>
      Reflect.get(flag, 'replacesKey') === true &&
      options.some((written) => written.startsWith(`--${option}=`)),
  );
  const all = declared.args ?? ({} as ArgInput<A>);
  const args = isKeyless ? optional(all) : all;
  assertCount(name, args, positional);
  try {
    return await parse<F, B, A>([...options, '--', ...positional], { args, flags: allFlags });
  } catch (error) {
    throw usageError(plainMessage(error));
  }
}

/** The options as they may be written. */
export function spellings(flags: FlagInput): OptionSpelling[] {
  return Object.entries(flags).map(([name, flag]) => ({
    name,
    char: flag.char,
    takesValue: flag.type === 'option',
  }));
}

function optional<A extends Outcome>(args: ArgInput<A>): ArgInput<A> {
  const entries = Object.entries<ArgInput[string]>(args);
  return Object.fromEntries(
    entries.map(([name, arg]) => [name, { ...arg, required: false }]),
  ) as ArgInput<A>;
}

/** `KEY VALUE [TIME]` */
function synopsis(args: ArgInput): string {
  return Object.entries(args)
    .map(([name, { required }]) => (required === true ? name : `[${name}]`).toUpperCase())
    .join(' ');
}

function assertCount(name: string, args: ArgInput, positional: readonly string[]): void {
  const usage = `usage: timekv ${name} ${synopsis(args)}`.trimEnd();
  const missing = Object.entries(args).find(
    ([, { required }], index) => required === true && index >= positional.length,
  );
  if (missing !== undefined) {
    throw usageError(`${name} needs a ${missing[0].toUpperCase()}; ${usage}`);
  }
  const extra = positional[Object.keys(args).length];
  if (extra !== undefined) {
    throw usageError(`unexpected argument ${JSON.stringify(tokenText(extra))}; ${usage}`);
  }
}

/** What oclif, or a reader of ours inside it, found wrong, in one line. */
function plainMessage(error: unknown): string {
  const text = stripVTControlCharacters(error instanceof Error ? error.message : String(error))
    .replace(/\nSee more help with --help$/, '')
    .replace(/^The following errors? occurred:\n\s*/, '')
    .replace(/^(--\S+?)=\S* cannot/, '$1 cannot');
  const wrapped = /^Parsing --\S+ \n\t(.*)$/s.exec(text);
  return (wrapped?.[1] ?? text.replace(/^Flag /, 'option ')).replaceAll(/\s*\n\s*/g, '; ');
}
