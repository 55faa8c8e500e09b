/**
 * The catalog: one SQLite file that says which files are live. It is the commit point of creation,
 * flush and compaction, and never on the path of a write. Rows are read whole and at once (a reader
 * that stops in the middle of a statement would hold up every commit).
 */
import type Database from 'better-sqlite3';
import { damaged, TimekvError } from '../base/errors.js';
import type { SegmentProperties } from '../base/segment-properties.js';
import { connect, disconnect, sqliteCode, sqliteError } from './connection.js';
import { Lists, traitsOf, traitsRow, type TraitsRow } from './lists.js';
import {
  emptyLists,
  manifestChecksum,
  type Manifest,
  type Settings,
  type WalRow,
} from './manifest.js';

const catalogFormat = 1;

/** timekv's mark in SQLite's header (`PRAGMA application_id`): "tkv1". */
const applicationId = 0x746b7631;

const schema = `
  CREATE TABLE settings (
    format INTEGER NOT NULL, incompatible TEXT NOT NULL, store_id TEXT NOT NULL,
    unit TEXT NOT NULL, created_at INTEGER NOT NULL, epoch INTEGER NOT NULL,
    checksum INTEGER NOT NULL
  );
  CREATE TABLE segments (
    id TEXT PRIMARY KEY, bytes INTEGER NOT NULL, entries INTEGER NOT NULL, keys INTEGER NOT NULL,
    min_key BLOB NOT NULL, max_key BLOB NOT NULL, min_timestamp INTEGER NOT NULL,
    max_timestamp INTEGER NOT NULL, min_seq INTEGER NOT NULL, max_seq INTEGER NOT NULL,
    user_bytes INTEGER NOT NULL, checksum INTEGER NOT NULL
  ) WITHOUT ROWID;
  CREATE TABLE wals (
    generation INTEGER PRIMARY KEY, suffix TEXT NOT NULL, state TEXT NOT NULL,
    bytes INTEGER NOT NULL
  );
  PRAGMA application_id = ${applicationId};
`;

/** What a change of the catalog says; what it leaves out stays. */
export type Change = Partial<Omit<Manifest, 'settings' | 'epoch'>>;

interface SettingsRow extends Settings {
  format: number;
  incompatible: string;
  epoch: number;
  checksum: number;
}

/** All that is public of a catalog: a simulated disk keeps its own, without SQLite. */
export type CatalogDoor = Pick<Catalog, keyof Catalog>;

export class Catalog {
  readonly path: string;
  readonly #database: Database.Database;
  /** By their text: to compile a statement takes longer than to run it. */
  readonly #statements = new Map<string, Database.Statement>();
  readonly #lists: Lists;

  private constructor(path: string, database: Database.Database) {
    this.path = path;
    this.#database = database;
    this.#lists = new Lists(database, (sql) => this.#statement(sql));
  }

  /**
   * Opens the catalog, making the file if `access` says so.
   * @param busyTimeoutMs how long SQLite waits for another process's commit
   */
  static open(path: string, access: 'read' | 'write' | 'create', busyTimeoutMs: number): Catalog {
    let database: Database.Database | undefined;
    try {
      database = connect(path, {
        readonly: access === 'read',
        fileMustExist: access !== 'create',
        timeout: Math.ceil(busyTimeoutMs),
      });
      if (access !== 'read') makeDurable(database, path);
      return new Catalog(path, database);
    } catch (error) {
      if (database !== undefined) disconnect(database);
      throw sqliteError(error, path);
    }
  }

  /** True once `initialise` has been committed. */
  isInitialised(): boolean {
    return this.#run(() => {
      if (this.#value('SELECT count(*) FROM sqlite_schema') === 0) return false;
      this.#requireOurs();
      return true;
    });
  }

  /** Writes the first manifest: the commit point of a store's creation. */
  initialise(settings: Settings, wal: WalRow, more: Omit<Change, 'wals'> = {}): void {
    this.#run(() => {
      this.#database.transaction(() => {
        this.#database.exec(schema);
        const wals = [wal];
        const manifest = { settings, epoch: 1, segments: [], wals, ...emptyLists, ...more };
        this.#database
          .prepare('INSERT INTO settings VALUES (?, ?, ?, ?, ?, ?, ?)')
          .run(catalogFormat, '', settings.storeId, settings.unit, settings.createdAt, 1, 0);
        this.#write(manifest);
      })();
    });
  }

  /** @throws ERR_TIMEKV_DAMAGED, ERR_TIMEKV_UNSUPPORTED_FORMAT, ERR_TIMEKV_NOT_A_STORE */
  load(): Manifest {
    return this.#run(() => this.#database.transaction(() => this.#read())());
  }

  /** Grows whenever another connection has committed to the catalog. */
  dataVersion(): number {
    return this.#run(() => Number(this.#value('PRAGMA data_version')));
  }

  /**
   * One durable change. `change` gets the manifest as it is and returns it as it shall be.
   * @returns the manifest that was committed
   */
  update(change: (manifest: Manifest) => Change): Manifest {
    return this.#run(() =>
      this.#database
        .transaction(() => {
          const current = this.#read();
          const next = { ...current, ...change(current), epoch: current.epoch + 1 };
          this.#write(next);
          // Nothing is committed that a table, damaged in its description, has changed.
          this.#read();
          return next;
        })
        .immediate(),
    );
  }

  /** Does something while nobody can commit to the catalog. */
  whileUnchanged(action: (manifest: Manifest) => void): void {
    this.#run(() => {
      this.#database
        .transaction(() => {
          action(this.#read());
        })
        .immediate();
    });
  }

  /** What SQLite finds wrong in the file, in its words; empty if nothing is. */
  faults(): string[] {
    return this.#run(() =>
      this.#database
        .prepare<[], string>('PRAGMA integrity_check')
        .pluck()
        .all()
        .filter((line) => line !== 'ok'),
    );
  }

  close(): void {
    if (this.#database.open) disconnect(this.#database);
  }

  #run<T>(action: () => T): T {
    try {
      try {
        return action();
      } catch (error) {
        if (sqliteCode(error) !== 'SQLITE_READONLY_ROLLBACK') throw error;
        undoInterrupted(this.path);
        return action();
      }
    } catch (error) {
      throw sqliteError(error, this.path);
    }
  }

  #requireOurs(): void {
    if (this.#value('PRAGMA application_id') === applicationId) return;
    throw new TimekvError(
      'ERR_TIMEKV_NOT_A_STORE',
      `${this.path} was not written by timekv; choose another directory`,
      { file: this.path },
    );
  }

  #read(): Manifest {
    this.#requireOurs();
    const [row] = this.#rows<SettingsRow>(
      `SELECT format, incompatible, store_id AS storeId, unit, created_at AS createdAt, epoch,
       checksum FROM settings`,
    );
    if (row === undefined) throw damaged(this.path, 0, 'its settings are missing');
    if (row.format !== catalogFormat || row.incompatible !== '') {
      const what = row.incompatible === '' ? `format ${row.format}` : row.incompatible;
      throw new TimekvError(
        'ERR_TIMEKV_UNSUPPORTED_FORMAT',
        `this store needs ${what}, and this timekv reads format ${catalogFormat}; use a newer timekv`,
        { file: this.path },
      );
    }
    const { storeId, unit, createdAt, epoch } = row;
    const { traits, ...lists } = this.#lists.read();
    const manifest: Manifest = {
      settings: { storeId, unit, createdAt },
      epoch,
      segments: this.#segments(traits),
      wals: this.#rows<WalRow>(
        'SELECT generation, suffix, state, bytes FROM wals ORDER BY generation',
      ),
      ...lists,
    };
    if (manifestChecksum(manifest) !== row.checksum) {
      throw damaged(this.path, 0, 'the checksum over its rows does not match');
    }
    return manifest;
  }

  #segments(traits: readonly TraitsRow[]): SegmentProperties[] {
    const rows = this.#rows<Omit<SegmentProperties, 'traits'>>(
      `SELECT id, bytes, entries, keys, min_key AS minKey, max_key AS maxKey,
       min_timestamp AS minTimestamp, max_timestamp AS maxTimestamp, min_seq AS minSeq,
       max_seq AS maxSeq, user_bytes AS userBytes, checksum FROM segments ORDER BY min_seq`,
    );
    const bySegment = new Map(traits.map((row) => [row.segment, traitsOf(row)]));
    return rows.map((row) => ({ ...row, traits: bySegment.get(row.id) }));
  }

  /** The one value that a statement answers. */
  #value(sql: string): unknown {
    return this.#statement(sql).pluck().get();
  }

  #rows<Row>(sql: string): Row[] {
    return this.#statement(sql).all() as Row[];
  }

  #statement(sql: string): Database.Statement {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    const statement = this.#database.prepare(sql);
    this.#statements.set(sql, statement);
    return statement;
  }

  #write(manifest: Manifest): void {
    this.#database.exec('DELETE FROM segments; DELETE FROM wals');
    const addSegment = this.#database.prepare(
      `INSERT INTO segments VALUES (@id, @bytes, @entries, @keys, @minKey, @maxKey, @minTimestamp,
       @maxTimestamp, @minSeq, @maxSeq, @userBytes, @checksum)`,
    );
    for (const row of manifest.segments) addSegment.run(row);
    const addWal = this.#database.prepare(
      'INSERT INTO wals VALUES (@generation, @suffix, @state, @bytes)',
    );
    for (const row of manifest.wals) addWal.run(row);
    const traits = manifest.segments.flatMap((row) => traitsRow(row) ?? []);
    this.#lists.write({ ...manifest, traits });
    this.#database
      .prepare('UPDATE settings SET epoch = ?, checksum = ?')
      .run(manifest.epoch, manifestChecksum(manifest));
  }
}

/**
 * A process was killed in the middle of a commit: a connection that may write undoes what it did,
 * and one that may only read is refused until then.
 */
function undoInterrupted(path: string): void {
  const database = connect(path, { fileMustExist: true });
  try {
    database.pragma('schema_version');
  } finally {
    disconnect(database);
  }
}

/**
 * SQLite's defaults can lose an acknowledged commit at a power cut, and a manifest that goes back
 * while the files that it names are gone is a broken store. So: a rollback journal that is
 * truncated, everything synced, and both read back to be sure.
 */
function makeDurable(database: Database.Database, path: string): void {
  const journal = database.pragma('journal_mode = TRUNCATE', { simple: true });
  database.pragma('synchronous = EXTRA');
  const synchronous = database.pragma('synchronous', { simple: true });
  if (journal !== 'truncate' || synchronous !== 3) {
    throw new TimekvError(
      'ERR_TIMEKV_IO',
      `${path} cannot be made durable (journal ${String(journal)}, synchronous ${String(synchronous)})`,
      { file: path },
    );
  }
  // Keys of what is erased stand in rows of segments: what is deleted is to be gone.
  database.pragma('secure_delete = ON');
}
