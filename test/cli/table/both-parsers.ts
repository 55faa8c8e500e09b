/** What oclif's own parser reads in the words of a row, and what ours does, by the same declarations. */
import { parse } from '@oclif/core/parser';
import { parseTokens } from '../../../src/cli/arguments.js';
import { commandClass } from '../../../src/cli/command-table.js';
import type { Difference } from './row.js';

/** Where ours reads on purpose what oclif's refuses, or the other way round. */
export const differences: Record<Difference, string> = {
  fraction: 'a word like -.5 is never an option',
  hyphen: 'a hyphen after -- is a plain hyphen, not stdin',
  keyless: 'with --keys-from there is no KEY, though KEY is required without',
  switch: 'an option without a value refuses one, where oclif would take it for an argument',
};

/** What was read; undefined where the words are refused. */
export interface Reading {
  args: Record<string, unknown>;
  flags: Record<string, unknown>;
  /** The arguments that there may be. */
  declared: string[];
}

export async function readByOurs([name = '', ...words]: readonly string[]): Promise<
  Reading | undefined
> {
  const { args, flags, baseFlags } = await commandClass(name);
  try {
    const read = parseTokens(name, words, { args, flags, baseFlags });
    return { ...withoutAbsent(read), declared: Object.keys(args) };
  } catch {
    return undefined;
  }
}

export async function readByOclifs([name = '', ...words]: readonly string[]): Promise<
  Reading | undefined
> {
  const { args, flags, baseFlags } = await commandClass(name);
  const all = { ...baseFlags, ...flags };
  try {
    const read = await parse([...words], { args, flags: all, strict: true });
    return { ...withoutAbsent(read), declared: Object.keys(args) };
  } catch {
    return undefined;
  }
}

/** That an option is not there is said by its absence, or by `false`. */
function withoutAbsent({ args, flags }: Pick<Reading, 'args' | 'flags'>) {
  const isThere = ([, value]: [string, unknown]) => value !== undefined && value !== false;
  return {
    args: Object.fromEntries(Object.entries(args).filter(isThere)),
    flags: Object.fromEntries(Object.entries(flags).filter(isThere)),
  };
}
