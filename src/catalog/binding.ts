/**
 * SQLite, by the major of better-sqlite3 that this Node can run. 13 is made on Node-API and needs Node
 * 22. 12 is made on V8's own API: it runs on Node 20, but from Node 24.19 on it aborts the process when
 * one of its objects is collected outside of JavaScript (docs/decisions/0001-toolchain-and-dependencies.md).
 */
import type BetterSqlite3 from 'better-sqlite3';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { TimekvError } from '../base/errors.js';

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

/** @throws ERR_TIMEKV_IO if the package was not installed, which is optional to npm */
export function sqlite(): Sqlite {
  try {
    return (binding ??= load());
  } catch (error) {
    throw new TimekvError(
      'ERR_TIMEKV_IO',
      `the package ${sqlitePackage} is not installed for Node ${process.versions.node}; run: npm install (on Node 20 it needs a C++ compiler)`,
      { cause: error },
    );
  }
}

/** What a bundle holds itself: the JavaScript of the package that is used where there is one. */
const bundledSqlite = 'better-sqlite3';

function load(): Sqlite {
  const requireHere = createRequire(import.meta.url);
  const whole = () => ({
    Database: requireHere(sqlitePackage) as typeof BetterSqlite3,
    options: {},
  });
  if (nodeMajor >= 22) return whole();
  // Left alone, 12 looks for its addon in a dozen places, and throws an error at each before the right
  // one: a twentieth of all that a command takes.
  const nativeBinding = join(dirname(requireHere.resolve(sqlitePackage)), '..', compiledAddon);
  try {
    requireHere(nativeBinding);
  } catch {
    return whole(); // It will say itself what is wrong, if it does not find it either.
  }
  const Database = requireHere(bundledSqlite) as typeof BetterSqlite3;
  return { Database, options: { nativeBinding } };
}
