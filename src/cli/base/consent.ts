/** Asks before something that cannot be undone. */
import { createInterface } from 'node:readline/promises';
import { CliError, usageError } from './cli-error.js';
import type { Host } from './host.js';

/**
 * Resolves if whoever runs the command agrees: by `--yes`, or on a terminal by what is typed.
 * @param what what is about to be done, as a question without its mark
 * @throws where nobody agrees: nothing has changed
 */
export async function requireConsent(host: Host, what: string, hasYes: boolean): Promise<void> {
  if (hasYes) return;
  if (!host.hasTerminalInput || !host.hasTerminalMessages) {
    throw usageError('this cannot be undone: say --yes if it is wanted');
  }
  const terminal = createInterface({ input: host.input, output: process.stderr });
  try {
    const answer = await terminal.question(`${what}? [y/N] `, { signal: host.signal });
    if (/^y(es)?$/i.test(answer.trim())) return;
  } finally {
    terminal.close();
  }
  throw new CliError('ERR_TIMEKV_DAMAGED', 'nothing was put aside');
}
