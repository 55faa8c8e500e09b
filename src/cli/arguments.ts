/**
 * From tokens to a command's arguments and options, with errors of one helpful line. The declarations
 * are oclif's, which makes the manifest and the help of them; its parser takes twenty times as long as
 * a read, which a batch of many lines would pay for each.
 */
import type { ArgInput, FlagInput, Input } from '@oclif/core/parser';
import { usageError } from './base/cli-error.js';
import { markTokens, tokenText, type OptionSpelling, type Token } from './tokens.js';

type Outcome = Record<string, unknown>;

/** What was written, read by the declarations; an option without a value is true or false. */
export interface Parsed<F extends Outcome, A extends Outcome> {
  args: A;
  flags: F;
}

interface Reader {
  read(marked: string): unknown;
}

/** A command's declarations, prepared for reading. */
interface Declaration {
  args: [name: string, isRequired: boolean, reader: Reader][];
  usage: string;
  options: OptionSpelling[];
  flags: FlagInput;
  /** Options without a value that are false unless they are written. */
  switches: string[];
  /** Options with which there is no KEY, though one is required. */
  keyless: string[];
}

/** The part of a command's class that is read here. */
interface Declared {
  args?: ArgInput;
  baseFlags?: FlagInput;
  flags?: FlagInput;
}

const declarations = new WeakMap<object, Declaration>();

/** Reads the tokens after a command's name by its declarations. */
export function parseTokens<F extends Outcome, B extends Outcome, A extends Outcome>(
  name: string,
  tokens: readonly Token[],
  declared: Input<F, B, A>,
): Parsed<F & B, A> {
  const declaration = declarationOf(name, declared);
  const { options, positional } = markTokens(tokens, declaration.options);
  const flags = readOptions(options, declaration);
  const isKeyless = declaration.keyless.some((option) => option in flags);
  const args = readArguments(name, positional, { ...declaration, isKeyless });
  return { args: args as A, flags: flags as F & B };
}

/** The options as they may be written. */
function spellings(flags: FlagInput): OptionSpelling[] {
  return Object.entries(flags).map(([name, flag]) => ({
    name,
    char: flag.char,
    takesValue: flag.type === 'option',
  }));
}

function declarationOf(name: string, declared: Declared): Declaration {
  const known = declarations.get(declared);
  if (known !== undefined) return known;
  const { args = {}, baseFlags, flags } = declared;
  const all: FlagInput = { ...baseFlags, ...flags };
  const declaration: Declaration = {
    args: Object.entries(args).map(([arg, definition]) => [
      arg,
      definition.required === true,
      definition as unknown as Reader,
    ]),
    usage: `usage: timekv ${name} ${synopsis(args)}`.trimEnd(),
    options: spellings(all),
    flags: all,
    keyless: Object.keys(all).filter((each) => Reflect.has(all[each] ?? {}, 'replacesKey')),
    switches: Object.keys(all).filter((each) => all[each]?.type === 'boolean'),
  };
  declarations.set(declared, declaration);
  return declaration;
}

/** `KEY VALUE [TIME]` */
function synopsis(args: ArgInput): string {
  return Object.entries(args)
    .map(([name, { required }]) => (required === true ? name : `[${name}]`).toUpperCase())
    .join(' ');
}

function readArguments(
  name: string,
  positional: readonly string[],
  { args, usage, isKeyless }: Declaration & { isKeyless: boolean },
): Outcome {
  const extra = positional[args.length];
  if (extra !== undefined) {
    throw usageError(`unexpected argument ${JSON.stringify(tokenText(extra))}; ${usage}`);
  }
  const read: Outcome = {};
  for (const [index, [arg, isRequired, reader]] of args.entries()) {
    const marked = positional[index];
    if (marked !== undefined) read[arg] = reader.read(marked);
    else if (isRequired && !isKeyless)
      throw usageError(`${name} needs a ${arg.toUpperCase()}; ${usage}`);
  }
  return read;
}

/** @param options each as `--name` or `--name=VALUE`, the value marked */
function readOptions(options: readonly string[], { flags, switches }: Declaration): Outcome {
  const read: Outcome = {};
  for (const option of options) {
    const end = option.indexOf('=');
    const name = option.slice(2, end === -1 ? undefined : end);
    if (end === -1) {
      read[name] = true;
      continue;
    }
    if (name in read) throw usageError(`option --${name} can only be specified once`);
    read[name] = (flags[name] as unknown as Reader).read(option.slice(end + 1));
  }
  if (options.length > 0) assertTogether(read, flags);
  for (const name of switches) read[name] ??= false;
  return read;
}

/** Refuses options that contradict each other, or that are nothing without another. */
function assertTogether(read: Outcome, flags: FlagInput): void {
  for (const name of Object.keys(read)) {
    const { exclusive = [], dependsOn = [] } = flags[name] ?? {};
    const other = exclusive.find((each) => each in read);
    if (other !== undefined)
      throw usageError(`--${other} does not go with --${name}; leave one out`);
    const missing = dependsOn.find((each) => !(each in read));
    if (missing !== undefined) throw usageError(`--${name} is nothing without --${missing}`);
  }
}
