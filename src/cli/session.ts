/** One line of a session: the same commands as on the command line, over a store that is open. */
import { usageError } from './base/cli-error.js';
import { commandNames, createCommand } from './command-table.js';
import { helpPage } from './help.js';
import type { Host } from './base/host.js';
import { paged } from './display/paged.js';
import { HelpWanted, type Token } from './tokens.js';

/** Commands that are about a process of their own. */
const processCommands = new Set(['batch', 'repl', 'init', 'completion', 'serve']);

let names: string[] | undefined;

/** The commands that a session knows. */
export function sessionCommandNames(): readonly string[] {
  names ??= [...commandNames().filter((name) => !processCommands.has(name)), 'help'].toSorted();
  return names;
}

/** Runs a line's tokens, of which there is at least one, in the host's session. */
export async function runLine(tokens: readonly Token[], host: Host): Promise<void> {
  const [verb, ...rest] = tokens;
  if (typeof verb !== 'string') throw usageError('the name of a command is not valid UTF-8');
  if (processCommands.has(verb)) throw usageError(`${verb} is no command of a session`);
  if (verb === 'help') return printHelp(rest, host);
  const command = await createCommand(verb, sessionCommandNames());
  try {
    await command.start(host, rest);
  } catch (error) {
    if (!(error instanceof HelpWanted)) throw error;
    await printHelp([verb], host);
  }
}

async function printHelp(words: readonly Token[], host: Host): Promise<void> {
  const [topic, extra] = words.map(String);
  if (extra !== undefined) throw usageError('usage: help [COMMAND|time]');
  if (host.session?.isLineByLine === true && host.session.format === 'json') {
    throw usageError('help has no form in JSON');
  }
  const page = await helpPage(topic);
  await paged(host, async ({ output }) => output.write(page));
}
