/**
 * SQLite, by the major of better-sqlite3 that this Node can run. 13 is made on Node-API and needs Node
 * 22. 12 is made on V8's own API: it runs on Node 20, but from Node 24.19 on it aborts the process when
 * one of its objects is collected outside of JavaScript (docs/decisions/0001-toolchain-and-dependencies.md).
 */
import type BetterSqlite3 from 'better-sqlite3';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { TimekvError } from '../base/errors.js';
import { nodeMajor } from '../base/node-version.js';
import { missingBinding } from './missing-binding.js';

export const sqlitePackage = nodeMajor >= 22 ? 'better-sqlite3-13' : 'better-sqlite3';

/** Where npm leaves what it has compiled. */
const compiledAddon = 'build/Release/better_sqlite3.node';

export interface Sqlite {
  Database: typeof BetterSqlite3;
  /** What its constructor is to be told. */
  options: BetterSqlite3.Options;
}

const requireHere = createRequire(import.meta.url);

let binding: Sqlite | undefined;

/**
 * 13 aborts the process where its thread is terminated while it is being loaded there, which takes a
 * millisecond, and nothing in JavaScript can keep a thread from being terminated.
 * @throws ERR_TIMEKV_IO in a worker thread of a Node where that can happen
 */
export function requireSafeThread(): void {
  if (nodeMajor < 22) return;
  const { isMainThread } = requireHere('node:worker_threads') as { isMainThread: boolean };
  if (isMainThread) return;
  throw new TimekvError(
    'ERR_TIMEKV_IO',
    `no store can be opened in a worker thread on Node ${process.versions.node}: to terminate the thread while it loads better-sqlite3 13 would end the whole process; open it in the main thread, or in a process of its own`,
  );
}

/** @throws ERR_TIMEKV_IO if the package, which is optional to npm, is not there or does not load */
export function sqlite(): Sqlite {
  requireSafeThread();
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
  const addonPath = join(dirname(requireHere.resolve(sqlitePackage)), '..', compiledAddon);
  let nativeBinding: string;
  try {
    nativeBinding = addonOf12(addonPath);
  } catch {
    return whole();
  }
  const Database = requireHere(bundledSqlite) as typeof BetterSqlite3;
  return { Database, options: { nativeBinding } };
}

interface AddonOf12 {
  setErrorConstructor(constructor: typeof Array): void;
  /** Else it is told a constructor of errors when it is used first. */
  isInitialized: boolean;
}

/**
 * An addon of our own, whose errors are arrays of a message and a code. 12 aborts the process where it
 * cannot make an error, and a thread that is being terminated enters no function of JavaScript any
 * more: a worker that finds a lock taken just then would end all others. To make an array enters none.
 * A program that uses the same package goes on getting errors: it has another addon.
 */
function addonOf12(path: string): string {
  const module = { exports: {} as AddonOf12 };
  process.dlopen(module, path);
  module.exports.setErrorConstructor(Array);
  module.exports.isInitialized = true;
  return module.exports as unknown as string; // Its types know of paths alone.
}

/** What was thrown by SQLite, as an error. */
export function thrownBySqlite(thrown: unknown): unknown {
  if (!Array.isArray(thrown)) return thrown;
  const [message, code] = thrown as [message: string, code: string];
  return Object.assign(new Error(message), { code });
}
