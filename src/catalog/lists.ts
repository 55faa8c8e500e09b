/**
 * Tables of the catalog that most stores have nothing in: each is made when there is something to put
 * into it. All rows are read, and replaced, at once.
 */
import type Database from 'better-sqlite3';
import type { SegmentProperties, SegmentTraits } from '../base/segment-properties.js';
import type { ManifestLists } from './manifest.js';

/** What a segment has beyond the usual, as a row. */
export interface TraitsRow extends Omit<SegmentTraits, 'expiredTo' | 'lastMark'> {
  segment: string;
  lastMark: number | null;
  expiredKey: Buffer | null;
  expiredTimestamp: number | null;
}

export interface ListRows extends ManifestLists {
  traits: TraitsRow[];
}

/** The columns of each, by the names of their fields. */
const tables: { [Name in keyof ListRows]: Record<keyof ListRows[Name][number], string> } = {
  losses: {
    acceptedAt: 'accepted_at INTEGER NOT NULL',
    file: 'file TEXT NOT NULL',
    minSeq: 'min_seq INTEGER NOT NULL',
    maxSeq: 'max_seq INTEGER NOT NULL',
    lost: 'lost TEXT NOT NULL',
  },
  emptied: {
    minSeq: 'min_seq INTEGER NOT NULL',
    maxSeq: 'max_seq INTEGER NOT NULL',
  },
  snapshots: {
    name: 'name TEXT NOT NULL',
    seq: 'seq INTEGER NOT NULL',
    now: 'now INTEGER NOT NULL',
    horizon: 'horizon INTEGER',
    createdAt: 'created_at INTEGER NOT NULL',
  },
  retention: {
    keepFor: 'keep_for INTEGER',
    keepVersions: 'keep_versions INTEGER',
    horizon: 'horizon INTEGER',
    seq: 'seq INTEGER NOT NULL',
    marksKeys: 'marks_keys INTEGER NOT NULL',
  },
  backups: {
    storeId: 'store_id TEXT NOT NULL',
    seq: 'seq INTEGER NOT NULL',
    snapshot: 'snapshot TEXT NOT NULL',
    madeAt: 'made_at INTEGER NOT NULL',
  },
  origins: {
    storeId: 'store_id TEXT NOT NULL',
  },
  traits: {
    segment: 'segment TEXT NOT NULL',
    erasures: 'erasures INTEGER NOT NULL',
    historyErasures: 'history_erasures INTEGER NOT NULL',
    expiries: 'expiries INTEGER NOT NULL',
    heldValues: 'held_values INTEGER NOT NULL',
    marks: 'marks INTEGER NOT NULL',
    lastMark: 'last_mark INTEGER',
    heldVersions: 'held_versions INTEGER NOT NULL',
    expiredKey: 'expired_key BLOB',
    expiredTimestamp: 'expired_timestamp INTEGER',
  },
};

const names = Object.keys(tables) as (keyof ListRows)[];

export class Lists {
  readonly #database: Database.Database;
  readonly #statement: (sql: string) => Database.Statement;

  /** @param statement compiled once and kept */
  constructor(database: Database.Database, statement: (sql: string) => Database.Statement) {
    this.#database = database;
    this.#statement = statement;
  }

  read(): ListRows {
    const there = this.#there();
    const rowsOf = (name: keyof ListRows): unknown[] => {
      if (!there.has(name)) return [];
      const columns = Object.entries(tables[name]).map(([field, column]) => {
        return `${columnName(column)} AS ${field}`;
      });
      return this.#statement(`SELECT ${columns.join(', ')} FROM ${name} ORDER BY rowid`).all();
    };
    return Object.fromEntries(names.map((name) => [name, rowsOf(name)])) as unknown as ListRows;
  }

  write(rows: ListRows): void {
    const there = this.#there();
    for (const name of names) {
      if (rows[name].length === 0 && !there.has(name)) continue;
      const columns = Object.values(tables[name]).join(', ');
      if (!there.has(name)) this.#database.exec(`CREATE TABLE ${name} (${columns})`);
      this.#database.exec(`DELETE FROM ${name}`);
      const fields = Object.keys(tables[name]).map((field) => `@${field}`);
      const add = this.#database.prepare(`INSERT INTO ${name} VALUES (${fields.join(', ')})`);
      for (const row of rows[name]) add.run(row);
    }
  }

  #there(): ReadonlySet<unknown> {
    return new Set(this.#statement('SELECT name FROM sqlite_schema').pluck().all());
  }
}

function columnName(column: string): string {
  return column.slice(0, column.indexOf(' '));
}

/** Undefined for a segment that has none. */
export function traitsRow({ id, traits }: SegmentProperties): TraitsRow | undefined {
  if (traits === undefined) return undefined;
  const { expiredTo, lastMark, ...counts } = traits;
  const expiredTimestamp = expiredTo?.timestamp ?? null;
  const mark = counts.marks === 0 ? null : lastMark;
  return {
    segment: id,
    ...counts,
    lastMark: mark,
    expiredKey: expiredTo?.key ?? null,
    expiredTimestamp,
  };
}

export function traitsOf(row: TraitsRow): SegmentTraits {
  const { segment: _, lastMark, expiredKey: key, expiredTimestamp: timestamp, ...counts } = row;
  // The checksum knows of marks only where there are any (manifest.ts): else nothing is believed of them.
  const ofMarks =
    counts.marks === 0
      ? { lastMark: -Infinity, heldVersions: 0 }
      : { lastMark: lastMark ?? -Infinity };
  return {
    ...counts,
    ...ofMarks,
    expiredTo: key === null || timestamp === null ? undefined : { key, timestamp },
  };
}
