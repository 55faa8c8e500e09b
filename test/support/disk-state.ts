/** What lies in a directory: to prove that something changed nothing. */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Names, modes and content of all files. Only for directories whose stores are closed: reading
 * SQLite's files drops this process's locks on them.
 */
export function diskState(directory: string): Record<string, string> {
  if (!existsSync(directory)) return {};
  const names = readdirSync(directory, { recursive: true, encoding: 'utf8' }).sort();
  return Object.fromEntries(
    names.map((name) => {
      const path = join(directory, name);
      const status = statSync(path);
      const content = status.isDirectory()
        ? 'directory'
        : createHash('sha256').update(readFileSync(path)).digest('hex');
      return [name, `${status.mode.toString(8)} ${content}`];
    }),
  );
}
