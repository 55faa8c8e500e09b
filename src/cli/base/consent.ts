/** Asks before something that cannot be undone. */
import { createInterface } from 'node:readline/promises';
import { type CliError, usageError } from './cli-error.js';
import type { Host } from './host.js';

/**
 * Resolves if whoever runs the command agrees: by `--yes`, or on a terminal by what is typed.
 * @param asked what is about to be done, as a question without its mark, unless `--yes` was said
 * @param refused thrown where nobody agrees: nothing has changed
 */
export async function requireConsent(
  host: Host,
  asked: { what: string; hasYes: boolean },
  refused: CliError,
): Promise<void> {
  if (asked.hasYes) return;
  if (!host.hasTerminalInput || !host.hasTerminalMessages) {
    throw usageError('this cannot be undone: say --yes if it is wanted');
  }
  const terminal = createInterface({ input: host.input, output: process.stderr });
  try {
    const answer = await terminal.question(`${asked.what}? [y/N] `, { signal: host.signal });
    if (/^y(es)?$/i.test(answer.trim())) return;
  } finally {
    terminal.close();
  }
  throw refused;
}
