/** A command line from its first word to the number that tells how it went. */
import { isUtf8 } from 'node:buffer';
import {
  AlreadyTold,
  errorJson,
  exitCodeOf,
  isEnding,
  messageOf,
  usageError,
} from './base/cli-error.js';
import { createCommand } from './command-table.js';
import type { Host } from './base/host.js';
import { rawArguments } from './input/input.js';
import { overdue } from './base/overdue.js';
import { paged } from './display/paged.js';
import { HelpWanted } from './tokens.js';

/**
 * Runs a command to its end. Never fails: what went wrong has been told when it resolves.
 * @returns what a process exits with
 */
export async function runCommandLine(words: readonly string[], host: Host): Promise<number> {
  try {
    await Promise.race([run(words, host), overdue(host.signal, () => host.graceMs)]);
    await host.output.flush();
    return 0;
  } catch (error) {
    tell(error, words, host);
    return exitCodeOf(error);
  }
}

async function run(words: readonly string[], host: Host): Promise<void> {
  assertUtf8(words);
  const [name, ...rest] = words;
  if (name === undefined) return withoutCommand(host);
  if (name === '--version') return printVersion(host);
  if (name === 'help' || name === '--help' || name === '-h') return printHelp(rest, host);
  if (name.startsWith('-')) {
    throw usageError(`options come after the command: timekv COMMAND ${name} …; see: timekv help`);
  }
  const command = await createCommand(name);
  try {
    await command.start(host, rest);
  } catch (error) {
    if (!(error instanceof HelpWanted)) throw error;
    await printHelp([name], host);
  }
}

/** Bare `timekv` on a terminal is `repl`. */
async function withoutCommand(host: Host): Promise<void> {
  if (host.hasTerminalInput && host.isTerminal) {
    const repl = await createCommand('repl');
    return repl.start(host, []);
  }
  throw usageError('which command? see: timekv help; for commands on stdin: timekv batch');
}

async function printHelp(words: readonly string[], host: Host): Promise<void> {
  const [topic, extra] = words;
  if (extra !== undefined) throw usageError('usage: timekv help [COMMAND|time]');
  const { helpPage } = await import('./help.js');
  const page = await helpPage(topic);
  await paged(host, async ({ output }) => output.write(page));
}

async function printVersion(host: Host): Promise<void> {
  const { packageVersion } = await import('./help.js');
  await host.output.write(`timekv ${await packageVersion()}\n`);
}

/** Node has replaced what is no UTF-8 by U+FFFD; the system still knows what was written. */
function assertUtf8(words: readonly string[]): void {
  if (!words.some((word) => word.includes('\ufffd'))) return;
  const raw = rawArguments()?.slice(-words.length) ?? [];
  const place = raw.findIndex((bytes) => !isUtf8(bytes));
  if (place !== -1) {
    throw usageError(
      `argument ${place + 1} is not valid UTF-8; values may be any bytes on stdin (-) or in --file`,
    );
  }
}

function tell(error: unknown, words: readonly string[], host: Host): void {
  if (isEnding(error) || error instanceof AlreadyTold) return;
  const text = wantsJson(words) ? JSON.stringify(errorJson(error)) : `timekv: ${messageOf(error)}`;
  host.message(text);
}

/** Errors are JSON where answers would be, also while options cannot be read. */
function wantsJson(words: readonly string[]): boolean {
  const end = words.indexOf('--');
  return words.slice(0, end === -1 ? undefined : end).includes('--json');
}
