/** Where the store is, and where the REPL keeps what it remembers. */
import { join, resolve } from 'node:path';
import { baseDirectory } from './base-directory.js';
import { usageError } from './cli-error.js';

/** Reads the value of `--dir`. */
export function parseDir(text: string): string {
  if (text === '') throw usageError('--dir needs the name of a directory');
  return text;
}

/** The path of `--dir`, else of `$TIMEKV_DIR`, else of the user's data directory. */
export function storeDirectory(option: string | undefined, environment: NodeJS.ProcessEnv): string {
  const chosen = option === undefined ? nonEmpty(environment['TIMEKV_DIR']) : parseDir(option);
  const fallback = join(baseDirectory(environment['XDG_DATA_HOME'], '.local/share'), 'timekv');
  // A path, so that no name of a directory can mean anything else to the library.
  return resolve(chosen ?? fallback);
}

/** Lines that were typed in the REPL. */
export function historyFile(environment: NodeJS.ProcessEnv): string {
  const state = baseDirectory(environment['XDG_STATE_HOME'], '.local/state');
  return join(state, 'timekv', 'repl-history');
}

function nonEmpty(text: string | undefined): string | undefined {
  return text === '' ? undefined : text;
}
