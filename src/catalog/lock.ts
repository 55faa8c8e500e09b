/**
 * A lock between processes that the kernel frees when its holder dies, however it dies: a one-table
 * SQLite file on which BEGIN IMMEDIATE is held. Nothing is ever written under it. Never open such a
 * file with `fs`: closing any descriptor of it drops the process's locks (POSIX).
 */
import type Database from 'better-sqlite3';
import { monotonicMs, nap, sleep } from '../base/clock.js';
import { TimekvError } from '../base/errors.js';
import { lockHolder } from '../disk/system.js';
import { connect, disconnect, isBusy, sqliteError } from './connection.js';

/** Short enough to be fair, long enough not to burn the holder's processor. */
const firstNapMs = 0.05;
const longestNapMs = 2;
/** Blocking naps that one wait may take before it gives the event loop its turn. */
const blockingNapsMax = 4;

/** All that is public of a lock, for simulated processes. */
export type LockDoor = Pick<KernelLock, keyof KernelLock>;

export class KernelLock {
  readonly path: string;
  readonly #database: Database.Database;
  readonly #begin: Database.Statement;
  readonly #rollback: Database.Statement;
  /** Keeps the shared lock. */
  readonly #reading: IterableIterator<unknown>;
  #isHeld = false;
  /** Set once a lock was seen to be one. */
  #isProven = false;

  private constructor(path: string, database: Database.Database) {
    this.path = path;
    this.#database = database;
    this.#begin = database.prepare('BEGIN IMMEDIATE');
    this.#rollback = database.prepare('ROLLBACK');
    this.#reading = readForEver(database);
  }

  /** Opens the lock file, creating and seeding it if it is not there yet. */
  static open(path: string, busyTimeoutMs: number): KernelLock {
    let database: Database.Database | undefined;
    try {
      database = connect(path, { timeout: Math.ceil(busyTimeoutMs) });
      // Without a page in the file each BEGIN IMMEDIATE would leave a stray journal behind.
      const tables = database.prepare('SELECT count(*) FROM sqlite_schema').pluck().get();
      if (tables === 0) database.exec('CREATE TABLE IF NOT EXISTS lock (held)');
      // From here on a taken lock is answered at once; waiting is ours (fair, with jitter).
      database.pragma('busy_timeout = 0');
      return new KernelLock(path, database);
    } catch (error) {
      if (database !== undefined) disconnect(database);
      throw sqliteError(error, path);
    }
  }

  get isHeld(): boolean {
    return this.#isHeld;
  }

  /** Takes the lock if it is free. Throws for anything but "somebody else has it". */
  tryAcquire(): boolean {
    const limit = Error.stackTraceLimit;
    Error.stackTraceLimit = 0; // A refusal is thrown by SQLite's binding; its stack is never read.
    try {
      this.#begin.run();
      this.#isHeld = true;
      if (!this.#isProven) this.#prove();
      return true;
    } catch (error) {
      if (isBusy(error)) return false;
      throw sqliteError(error, this.path);
    } finally {
      Error.stackTraceLimit = limit;
    }
  }

  /**
   * A file that cannot be opened for writing is opened for reading by SQLite, without a word, and
   * then BEGIN IMMEDIATE excludes nobody. A change of nothing tells, and writes nothing.
   */
  #prove(): void {
    try {
      this.#database.exec('UPDATE lock SET held = NULL WHERE FALSE');
      this.#isProven = true;
    } catch (error) {
      this.release();
      throw error;
    }
  }

  /**
   * Waits for the lock without holding up the event loop for long.
   * @param timeoutMs longest wait in milliseconds
   * @throws ERR_TIMEKV_BUSY naming the holder's process when that has passed
   */
  async acquire(timeoutMs: number): Promise<void> {
    const deadline = monotonicMs() + timeoutMs;
    let pause = firstNapMs;
    for (let attempt = 0; !this.tryAcquire(); attempt++) {
      if (monotonicMs() >= deadline) throw this.busy(timeoutMs);
      // Jitter keeps waiting processes from trying in step with one another.
      const jittered = pause * (0.5 + jitter());
      if (attempt < blockingNapsMax) nap(jittered);
      else await sleep(Math.max(1, jittered));
      pause = Math.min(pause * 2, longestNapMs);
    }
  }

  /** Frees the lock. ROLLBACK, since even an empty COMMIT would ask for more than was held. */
  release(): void {
    if (!this.#isHeld) return;
    this.#isHeld = false;
    this.#rollback.run();
  }

  close(): void {
    this.release();
    if (!this.#database.open) return;
    this.#reading.return?.();
    disconnect(this.#database);
  }

  /** The error of a wait that was in vain; names the holder. */
  busy(timeoutMs: number): TimekvError {
    const holder = lockHolder(this.path);
    const who = holder === undefined ? 'another process' : `process ${holder}`;
    return new TimekvError(
      'ERR_TIMEKV_BUSY',
      `${who} has held ${this.path} for more than ${timeoutMs} ms; try again, or raise the busy timeout`,
      { file: this.path },
    );
  }
}

/**
 * A query that is never read to its end. With it SQLite keeps the file's shared lock, which keeps nobody
 * from the write lock. Without it each BEGIN IMMEDIATE takes that first, and looks for what a writer who
 * died may have left: eleven system calls to take the lock and to give it back, and not three.
 */
function readForEver(database: Database.Database): IterableIterator<unknown> {
  const rows = database.prepare('SELECT name FROM sqlite_schema').iterate();
  rows.next();
  // Else nothing may begin beside it.
  database.unsafeMode();
  return rows;
}

let jitterState = 0x9e3779b9;

/** A number in [0, 1), different in each process after the first few calls; quality is no matter. */
function jitter(): number {
  jitterState = (Math.imul(jitterState ^ Math.floor(monotonicMs() * 1000), 0x85ebca6b) + 1) >>> 0;
  return jitterState / 0x1_0000_0000;
}
