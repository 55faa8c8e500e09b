/** The command line as a process: its arguments, its signals, its end. */
import { exitCodeOf, Interrupted } from './base/cli-error.js';
import { ProcessHost } from './base/host.js';
import { runCommandLine } from './command-line.js';

/** Runs the command in this process's arguments, and ends the process. */
export async function main(): Promise<never> {
  const host = new ProcessHost();
  host.stopOnSignals((stopSignal) => process.exit(exitCodeOf(new Interrupted(stopSignal))));
  const exitCode = await runCommandLine(process.argv.slice(2), host);
  await host.flushMessages();
  // Not all that was opened is closed: stdin may still wait for input that nobody needs.
  process.exit(exitCode);
}
