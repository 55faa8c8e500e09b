/**
 * The catalog: one SQLite file that says which files are live. It is the commit point of creation,
 * flush and compaction, and never on the path of a write. Rows are read whole and at once (a reader
 * that stops in the middle of a statement would hold up every commit).
 */
import type Database from 'better-sqlite3';
import { damaged, systemCode, TimekvError } from '../base/errors.js';
import type { SegmentProperties, SegmentTraits } from '../base/segment-properties.js';
import { connect, disconnect, sqliteError } from './connection.js';
import {
  manifestChecksum,
  type Loss,
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

/** Made with the first loss: most stores have none. */
const lossesSchema = `
  CREATE TABLE IF NOT EXISTS losses (
    accepted_at INTEGER NOT NULL, file TEXT NOT NULL, min_seq INTEGER NOT NULL,
    max_seq INTEGER NOT NULL, lost TEXT NOT NULL
  );
`;

/** The same with the first segment that has any. */
const traitsSchema = `
  CREATE TABLE IF NOT EXISTS traits (
    segment TEXT PRIMARY KEY, erasures INTEGER NOT NULL, history_erasures INTEGER NOT NULL,
    expiries INTEGER NOT NULL, expired_key BLOB, expired_timestamp INTEGER
  ) WITHOUT ROWID;
`;

/** And with the first segment of which nothing is left. */
const emptiedSchema = `
  CREATE TABLE IF NOT EXISTS emptied (min_seq INTEGER NOT NULL, max_seq INTEGER NOT NULL);
`;

interface TraitsRow extends Omit<SegmentTraits, 'expiredTo'> {
  segment: string;
  expiredKey: Buffer | null;
  expiredTimestamp: number | null;
}

/** What a change of the catalog says; what it leaves out stays. */
type Change = Pick<Manifest, 'segments' | 'wals'> & Partial<Pick<Manifest, 'losses' | 'emptied'>>;

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

  private constructor(path: string, database: Database.Database) {
    this.path = path;
    this.#database = database;
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
  initialise(settings: Settings, wal: WalRow): void {
    this.#run(() => {
      this.#database.transaction(() => {
        this.#database.exec(schema);
        const manifest: Manifest = {
          settings,
          epoch: 1,
          segments: [],
          wals: [wal],
          losses: [],
          emptied: [],
        };
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
        if (systemCode(error) !== 'SQLITE_READONLY_ROLLBACK') throw error;
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
    const manifest: Manifest = {
      settings: { storeId, unit, createdAt },
      epoch,
      segments: this.#segments(),
      wals: this.#rows<WalRow>(
        'SELECT generation, suffix, state, bytes FROM wals ORDER BY generation',
      ),
      losses: this.#losses(),
      emptied: this.#emptied(),
    };
    if (manifestChecksum(manifest) !== row.checksum) {
      throw damaged(this.path, 0, 'the checksum over its rows does not match');
    }
    return manifest;
  }

  #segments(): SegmentProperties[] {
    const rows = this.#rows<Omit<SegmentProperties, 'traits'>>(
      `SELECT id, bytes, entries, keys, min_key AS minKey, max_key AS maxKey,
       min_timestamp AS minTimestamp, max_timestamp AS maxTimestamp, min_seq AS minSeq,
       max_seq AS maxSeq, user_bytes AS userBytes, checksum FROM segments ORDER BY min_seq`,
    );
    const traits = this.#traits();
    return rows.map((row) => ({ ...row, traits: traits.get(row.id) }));
  }

  #traits(): Map<string, SegmentTraits> {
    if (!this.#hasTable('traits')) return new Map();
    const rows = this.#rows<TraitsRow>(
      `SELECT segment, erasures, history_erasures AS historyErasures, expiries,
       expired_key AS expiredKey, expired_timestamp AS expiredTimestamp FROM traits`,
    );
    return new Map(
      rows.map(({ segment, expiredKey: key, expiredTimestamp: timestamp, ...traits }) => {
        const expiredTo = key === null || timestamp === null ? undefined : { key, timestamp };
        return [segment, { ...traits, expiredTo }];
      }),
    );
  }

  #losses(): Loss[] {
    if (!this.#hasTable('losses')) return [];
    return this.#rows<Loss>(
      `SELECT accepted_at AS acceptedAt, file, min_seq AS minSeq, max_seq AS maxSeq, lost
       FROM losses ORDER BY rowid`,
    );
  }

  #emptied(): Manifest['emptied'] {
    if (!this.#hasTable('emptied')) return [];
    return this.#rows('SELECT min_seq AS minSeq, max_seq AS maxSeq FROM emptied ORDER BY rowid');
  }

  /** Some tables are made when they are first needed. */
  #hasTable(name: 'losses' | 'traits' | 'emptied'): boolean {
    return this.#value(`SELECT count(*) FROM sqlite_schema WHERE name = '${name}'`) !== 0;
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

  #writeLosses(losses: readonly Loss[]): void {
    if (losses.length === 0) return;
    this.#database.exec(`${lossesSchema} DELETE FROM losses`);
    const add = this.#database.prepare(
      'INSERT INTO losses VALUES (@acceptedAt, @file, @minSeq, @maxSeq, @lost)',
    );
    for (const loss of losses) add.run(loss);
  }

  #writeTraits(segments: readonly SegmentProperties[]): void {
    const any = segments.some(({ traits }) => traits !== undefined);
    if (!any && !this.#hasTable('traits')) return;
    this.#database.exec(`${traitsSchema} DELETE FROM traits`);
    const add = this.#database.prepare(
      `INSERT INTO traits VALUES (@segment, @erasures, @historyErasures, @expiries, @expiredKey,
       @expiredTimestamp)`,
    );
    for (const { id, traits } of segments) {
      if (traits === undefined) continue;
      const { expiredTo, ...counts } = traits;
      const expiredKey = expiredTo?.key ?? null;
      const expiredTimestamp = expiredTo?.timestamp ?? null;
      add.run({ segment: id, ...counts, expiredKey, expiredTimestamp });
    }
  }

  #writeEmptied(emptied: Manifest['emptied']): void {
    if (emptied.length === 0) return;
    this.#database.exec(`${emptiedSchema} DELETE FROM emptied`);
    const add = this.#database.prepare('INSERT INTO emptied VALUES (@minSeq, @maxSeq)');
    for (const range of emptied) add.run(range);
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
    this.#writeTraits(manifest.segments);
    this.#writeLosses(manifest.losses);
    this.#writeEmptied(manifest.emptied);
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
  // Keys of what is erased stand in rows of segments: what is deleted is to be gone.
  database.pragma('secure_delete = ON');
  const synchronous = database.pragma('synchronous', { simple: true });
  if (journal !== 'truncate' || synchronous !== 3) {
    throw new TimekvError(
      'ERR_TIMEKV_IO',
      `${path} cannot be made durable (journal ${String(journal)}, synchronous ${String(synchronous)})`,
      { file: path },
    );
  }
}
