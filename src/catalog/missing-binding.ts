/**
 * What to tell a user whose SQLite is not there or does not load: npm says nothing of it, neither where
 * it leaves out an optional package nor where it runs no install scripts. Each command that is named
 * here was tried with npm 10 and 11, and test/package runs them (docs/decisions/0024-packaging.md).
 */
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What 12 is compiled with, where no binary can be downloaded. */
const tools =
  'a C++ compiler, make and Python 3 (Debian: apt-get install g++ make python3), or use Node 22 or newer, which needs none';

export interface Missing {
  /** The package that this Node needs. */
  name: string;
  /** Such as `Node 20.19.0`. */
  node: string;
  /** Such as `linux-x64`. */
  machine: string;
  /** Finds what timekv itself would find. */
  requireHere: NodeJS.Require;
  /** Why it did not load. */
  cause: unknown;
}

/** One line: what is missing, and the command that mends it. */
export function missingBinding({ name, node, machine, requireHere, cause }: Missing): string {
  const isCompiled = name === 'better-sqlite3';
  const main = resolved(requireHere, name);
  if (main === undefined) {
    const why = isCompiled
      ? `it is downloaded or compiled on install, and npm leaves it out where neither works. Install ${tools}`
      : 'optional packages were left out, or another Node installed them';
    return `${name}, which timekv needs, is not installed for ${node}: ${why}. ${commands(requireHere).install}`;
  }
  if (isCompiled) {
    return `${name}, which timekv needs, is not built for ${node}: its install script did not run, or ran for another Node. ${commands(requireHere).rebuild} (if nothing can be downloaded, install ${tools})`;
  }
  const folder = join(dirname(main), '..');
  return `${name}, which timekv needs, does not load on ${node}, ${machine}: ${firstLine(cause)}. Install it again, or build it (with a C++20 compiler, make and Python 3): npm --prefix ${quoted(folder)} run build-release`;
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
