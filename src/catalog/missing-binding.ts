/**
 * What to tell a user whose SQLite is not there or does not load: npm says nothing of it, neither where
 * it leaves out an optional package nor where it runs no install scripts. Each command that is named
 * here was tried with npm 10 and 11, and test/package runs them (docs/decisions/0024-packaging.md).
 */
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const node = `Node ${process.versions.node}`;

/** What 12 is compiled with, where no binary can be downloaded. */
const tools =
  'a C++ compiler, make and Python 3 (Debian: apt-get install g++ make python3), or use Node 22 or newer, which needs none';

/**
 * @param name of the package that this Node needs
 * @param requireHere finds what timekv itself would find
 * @param cause why it did not load
 * @returns one line: what is missing, and the command that mends it
 */
export function missingBinding(name: string, requireHere: NodeJS.Require, cause: unknown): string {
  const isCompiled = name === 'better-sqlite3';
  const main = resolved(requireHere, name);
  if (main === undefined) {
    const why = isCompiled
      ? `it is downloaded or compiled on install, and npm leaves it out where neither works. Install ${tools}`
      : 'optional packages were left out, or another Node installed them';
    return `timekv needs ${name}, which is not installed for ${node}: ${why}. ${commands(requireHere).install}`;
  }
  if (isCompiled) {
    return `timekv needs ${name}, which is not built for ${node}: its install script did not run, or ran for another Node. ${commands(requireHere).rebuild} (if nothing can be downloaded, install ${tools})`;
  }
  const folder = join(dirname(main), '..');
  return `timekv needs ${name}, which does not load on ${node}, ${process.platform}-${process.arch}: ${firstLine(cause)}. Install it again, or build it (with a C++20 compiler, make and Python 3): npm --prefix ${quoted(folder)} run build-release`;
}

function resolved(requireHere: NodeJS.Require, request: string): string | undefined {
  try {
    return requireHere.resolve(request);
  } catch {
    return undefined;
  }
}

/** A global installation has no package.json above its packages; a project has, and is named. */
function commands(requireHere: NodeJS.Require): { install: string; rebuild: string } {
  const [project = '', ...below] = fileURLToPath(import.meta.url).split('/node_modules/');
  const isInstalled = below.length > 0;
  if (isInstalled && resolved(requireHere, join(project, 'package.json')) === undefined) {
    return {
      install: 'Run: npm install --global --include=optional timekv',
      rebuild: 'Run: npm rebuild --global better-sqlite3 --ignore-scripts=false',
    };
  }
  const run = isInstalled ? `Run in ${project}:` : 'Run:';
  return {
    install: `${run} npm install --include=optional`,
    rebuild: `${run} npm rebuild better-sqlite3 --ignore-scripts=false`,
  };
}

function firstLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.split('\n', 1)[0] ?? '';
}

/** As a shell reads it. */
function quoted(path: string): string {
  return /^[\w./@-]+$/.test(path) ? path : `'${path.replaceAll("'", String.raw`'\''`)}'`;
}
