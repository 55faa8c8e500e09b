/** Opens SQLite files for the catalog and the locks, and keeps every open connection referenced. */
import type Database from 'better-sqlite3';
import { damaged, systemCode, TimekvError } from '../base/errors.js';
import { sqlite, thrownBySqlite } from './binding.js';
import { lacksInodes, mayWrite } from '../disk/system.js';
import { claim, disclaim } from './owners.js';

/**
 * A connection that nothing refers to is garbage-collected and drops its kernel lock without a
 * word; so each stays in here until it is closed.
 */
const openConnections = new Set<Database.Database>();

export function connect(path: string, options: Database.Options): Database.Database {
  const { Database: SqliteDatabase, options: ownOptions } = sqlite();
  claim(path);
  try {
    const database = new SqliteDatabase(path, { ...ownOptions, ...options });
    openConnections.add(database);
    return database;
  } catch (error) {
    disclaim(path);
    throw thrownBySqlite(error);
  }
}

export function disconnect(database: Database.Database): void {
  if (!openConnections.delete(database)) return;
  database.close();
  disclaim(database.name);
}

/** True if the error means that another connection holds a lock. */
export function isBusy(error: unknown): boolean {
  return sqliteCode(error)?.startsWith('SQLITE_BUSY') ?? false;
}

export function sqliteCode(error: unknown): string | undefined {
  return systemCode(thrownBySqlite(error));
}

/** Where SQLite's header says how the file must be written. */
const writeVersionOffset = 18;

/**
 * SQLite leaves a file alone whose header asks for a later SQLite to write it. And one that it could
 * not open for writing just now it has opened for reading, without a word: that may pass.
 */
function unwritable(cause: unknown, file: string): TimekvError {
  if (!canBeWritten(file)) {
    return damaged(file, writeVersionOffset, 'SQLite cannot write what its header asks for');
  }
  return new TimekvError(
    'ERR_TIMEKV_IO',
    `${file} could not be opened for writing just now; try again, and look after the disk`,
    { cause, file },
  );
}

/** Tries on a connection of its own, and takes it back. */
function canBeWritten(file: string): boolean {
  const database = connect(file, { fileMustExist: true, timeout: 1000 });
  try {
    database.exec('BEGIN IMMEDIATE; CREATE TABLE probe (x); ROLLBACK');
    return true;
  } catch (error) {
    return sqliteCode(error) !== 'SQLITE_READONLY';
  } finally {
    disconnect(database);
  }
}

/** Turns SQLite's errors into ours; `file` is the database concerned. */
export function sqliteError(thrown: unknown, file: string): TimekvError {
  const error = thrownBySqlite(thrown);
  if (error instanceof TimekvError) return error;
  const code = systemCode(error) ?? '';
  const text = error instanceof Error ? error.message : String(error);
  // SQLITE_ERROR: our own statements are right, so it is the schema that is not ours any more.
  if (code.startsWith('SQLITE_CORRUPT') || ['SQLITE_NOTADB', 'SQLITE_ERROR'].includes(code)) {
    return damaged(file, 0, text);
  }
  if (code.startsWith('SQLITE_BUSY')) {
    return new TimekvError(
      'ERR_TIMEKV_BUSY',
      `${file} is in use by another process for too long; try again or raise busyTimeout`,
      { cause: error, file },
    );
  }
  if (code === 'SQLITE_READONLY_ROLLBACK') {
    return new TimekvError(
      'ERR_TIMEKV_READ_ONLY',
      `a change of ${file} was interrupted and has to be undone first: open the store once as a user who may write to it`,
      { cause: error, file },
    );
  }
  if (code === 'SQLITE_READONLY' && mayWrite(file)) return unwritable(error, file);
  if (code.startsWith('SQLITE_READONLY') || code === 'SQLITE_PERM') {
    return new TimekvError(
      'ERR_TIMEKV_READ_ONLY',
      `${file} cannot be written by this user: check the owner and mode of the directory`,
      { cause: error, file },
    );
  }
  // SQLite does not tell why it could not make a file: its journal, or the database itself.
  const isOutOfInodes = code.startsWith('SQLITE_CANTOPEN') && lacksInodes(file);
  const advice = isOutOfInodes
    ? 'the disk is full, it has no inodes left: remove some files and try again'
    : code === 'SQLITE_FULL'
      ? 'the disk is full: free some space and try again'
      : text;
  return new TimekvError('ERR_TIMEKV_IO', `cannot use ${file}: ${advice}`, { cause: error, file });
}
