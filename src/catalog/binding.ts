/**
 * SQLite, by the major of better-sqlite3 that this Node can run. 13 is made on Node-API and needs Node
 * 22. 12 is made on V8's own API: it runs on Node 20, but from Node 24.19 on it aborts the process when
 * one of its objects is collected outside of JavaScript (docs/decisions/0001-toolchain-and-dependencies.md).
 */
import type BetterSqlite3 from 'better-sqlite3';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { TimekvError } from '../base/errors.js';
import { missingBinding } from './missing-binding.js';

const nodeMajor = Number(process.versions.node.split('.')[0]);
export const sqlitePackage = nodeMajor >= 22 ? 'better-sqlite3-13' : 'better-sqlite3';

/** Where npm leaves what it has compiled. */
const compiledAddon = 'build/Release/better_sqlite3.node';

export interface Sqlite {
  Database: typeof BetterSqlite3;
  /** What its constructor is to be told. */
  options: BetterSqlite3.Options;
}

let binding: Sqlite | undefined;

/** @throws ERR_TIMEKV_IO if the package, which is optional to npm, is not there or does not load */
export function sqlite(): Sqlite {
  try {
    return (binding ??= load());
  } catch (cause) {
    const node = `Node ${process.versions.node}`;
    const machine = `${process.platform}-${process.arch}`;
    const message = missingBinding({ name: sqlitePackage, node, machine, requireHere, cause });
    throw new TimekvError('ERR_TIMEKV_IO', message, { cause });
  }
}

/** What a bundle holds itself: the JavaScript of the package that is used where there is one. */
const bundledSqlite = 'better-sqlite3';

const requireHere = createRequire(import.meta.url);

/** The package as it would load itself. Its addon is loaded with its first database, so one is tried. */
function whole(): Sqlite {
  const Database = requireHere(sqlitePackage) as typeof BetterSqlite3;
  new Database(':memory:').close();
  return { Database, options: {} };
}

function load(): Sqlite {
  if (nodeMajor >= 22) return whole();
  // Left alone, 12 looks for its addon in a dozen places, and throws an error at each before the right
  // one: a twentieth of all that a command takes.
  const nativeBinding = join(dirname(requireHere.resolve(sqlitePackage)), '..', compiledAddon);
  try {
    requireHere(nativeBinding);
  } catch {
    return whole();
  }
  const Database = requireHere(bundledSqlite) as typeof BetterSqlite3;
  return { Database, options: { nativeBinding } };
}
