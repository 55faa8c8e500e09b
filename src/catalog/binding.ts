/**
 * SQLite, by the major of better-sqlite3 that this Node can run. 13 is made on Node-API and needs Node
 * 22. 12 is made on V8's own API: it runs on Node 20, but from Node 24.19 on it aborts the process when
 * one of its objects is collected outside of JavaScript (docs/decisions/0001-toolchain-and-dependencies.md).
 */
import type BetterSqlite3 from 'better-sqlite3';
import { createRequire } from 'node:module';
import { TimekvError } from '../base/errors.js';

const nodeMajor = Number(process.versions.node.split('.')[0]);
export const sqlitePackage = nodeMajor >= 22 ? 'better-sqlite3-13' : 'better-sqlite3';

let binding: typeof BetterSqlite3 | undefined;

/** @throws ERR_TIMEKV_IO if the package was not installed, which is optional to npm */
export function sqlite(): typeof BetterSqlite3 {
  try {
    binding ??= createRequire(import.meta.url)(sqlitePackage) as typeof BetterSqlite3;
    return binding;
  } catch (error) {
    throw new TimekvError(
      'ERR_TIMEKV_IO',
      `the package ${sqlitePackage} is not installed for Node ${process.versions.node}; run: npm install (on Node 20 it needs a C++ compiler)`,
      { cause: error },
    );
  }
}
