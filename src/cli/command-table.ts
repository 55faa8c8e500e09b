/**
 * The commands, found as files. The command line starts them without oclif's `Config`, which would
 * read package.json and the manifest at every start; only help needs that.
 */
import type { Config } from '@oclif/core/config';
import { usageError } from './base/cli-error.js';
import { fileNames } from './input/input.js';
import type { StoreCommand } from './store-command.js';
import { suggestion } from './tokens.js';

type CommandClass = Pick<typeof StoreCommand, 'id' | 'args' | 'choices' | 'flags' | 'baseFlags'> & {
  new (argv: string[], config: Config): StoreCommand;
};

const commandsDirectory = new URL('../../commands/', import.meta.url);
const bareConfig = { bin: 'timekv' } as Config;

/** The file of each command, by its name. */
let files: ReadonlyMap<string, string> | undefined;
const classes = new Map<string, CommandClass>();

/** The names of all commands, in order. */
export function commandNames(): string[] {
  return [...commandFiles().keys()];
}

function commandFiles(): ReadonlyMap<string, string> {
  files ??= new Map(
    fileNames(commandsDirectory).flatMap((file) => {
      const name = /^([a-z-]+)\.(js|cjs|ts)$/.exec(file)?.[1];
      return name === undefined ? [] : [[name, file] as const];
    }),
  );
  return files;
}

/**
 * The class of a command. Throws where there is no such command.
 * @param meant the names that may have been meant instead
 */
export async function commandClass(
  name: string,
  meant: readonly string[] = [...commandNames(), 'help'],
): Promise<CommandClass> {
  const known = classes.get(name);
  if (known !== undefined) return known;
  const file = commandFiles().get(name);
  if (file === undefined) {
    const hint = suggestion(name, meant, 'see: timekv help');
    throw usageError(`${JSON.stringify(name)} is no command; ${hint}`);
  }
  const module = (await import(new URL(file, commandsDirectory).href)) as { default: CommandClass };
  const found = module.default;
  found.id = name;
  classes.set(name, found);
  return found;
}

/** A command, ready to be started. */
export async function createCommand(
  name: string,
  meant?: readonly string[],
): Promise<StoreCommand> {
  const found = await commandClass(name, meant);
  return new found([], bareConfig);
}
