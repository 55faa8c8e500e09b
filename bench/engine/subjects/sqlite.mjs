/**
 * better-sqlite3, with two layouts, and two ways to read.
 *
 * `flat`: one table by (key, timestamp). `ids`: keys in a table of their own, versions by (id,
 * timestamp), and the program remembers the ids. `held`: reads are made within a transaction that
 * stays open, over a mapped file: the fastest that there is, for a program that does not want to see
 * what others write. `grouped`: what is written in a turn of the event loop is one transaction, as a
 * program with many writers would do by hand.
 */
import { join } from 'node:path';
import Database from 'better-sqlite3';

/** Inserts before a commit; more are no faster. */
const rowsPerTransaction = 20_000;

export function openSqlite(directory, { memoryMiB, mode, isDurable }) {
  const db = new Database(join(directory, 'db.sqlite'), { timeout: 60_000 });
  db.pragma('journal_mode = WAL');
  db.pragma(`synchronous = ${isDurable ? 'FULL' : 'NORMAL'}`);
  db.pragma(`cache_size = ${-memoryMiB * 1024}`);
  if (mode === 'held') db.pragma(`mmap_size = ${2 ** 40}`);
  const layout = mode === 'ids' ? idLayout(db) : flatLayout(db);
  if (mode === 'held') db.exec('BEGIN; SELECT count(*) FROM sqlite_schema');
  const insertAll = db.transaction((rows) => {
    for (const { key, at, value } of rows) layout.insert(key, at, value);
  });
  const setAll = db.transaction((waiting) => {
    for (const { key, value, at } of waiting) layout.insert(key, at, value);
  });
  let waiting = [];
  const writeWaiting = () => {
    const group = waiting;
    waiting = [];
    setAll.immediate(group);
    for (const write of group) write.resolve();
  };
  const setGrouped = (key, value, at) =>
    new Promise((resolve) => {
      if (waiting.length === 0) setImmediate(writeWaiting);
      waiting.push({ key, value, at, resolve });
    });
  return {
    load(rows) {
      for (const part of partsOf(rows)) insertAll(part);
      db.pragma('wal_checkpoint(TRUNCATE)');
    },
    settle: () => db.exec('VACUUM'),
    set: mode === 'grouped' ? setGrouped : (key, value, at) => layout.insert(key, at, value),
    get: layout.get,
    history: layout.history,
    scan: layout.scan,
    close() {
      if (db.inTransaction) db.exec('COMMIT');
      db.close();
    },
  };
}

/** Pieces of rows, each read while its transaction is open. */
function* partsOf(rows) {
  const iterator = rows[Symbol.iterator]();
  let next = iterator.next();
  while (!next.done) {
    yield (function* part() {
      for (let i = 0; i < rowsPerTransaction && !next.done; i++) {
        yield next.value;
        next = iterator.next();
      }
    })();
  }
}

function flatLayout(db) {
  db.exec(
    'CREATE TABLE IF NOT EXISTS v (k TEXT, t INTEGER, v BLOB, PRIMARY KEY (k, t)) WITHOUT ROWID',
  );
  const insert = db.prepare('INSERT OR REPLACE INTO v VALUES (?, ?, ?)');
  const asOf = db.prepare('SELECT v FROM v WHERE k = ? AND t <= ? ORDER BY t DESC LIMIT 1').pluck();
  const all = db.prepare('SELECT t, v FROM v WHERE k = ? ORDER BY t').raw();
  // Jumps from key to key: far faster than GROUP BY where keys have many versions.
  const scan = db
    .prepare(
      `WITH RECURSIVE keys (k) AS (
         SELECT min(k) FROM v
         UNION ALL SELECT (SELECT min(k) FROM v WHERE v.k > keys.k) FROM keys WHERE k IS NOT NULL)
       SELECT k, (SELECT v FROM v WHERE v.k = keys.k AND t <= ? ORDER BY t DESC LIMIT 1) AS found
       FROM keys WHERE k IS NOT NULL AND found IS NOT NULL`,
    )
    .raw();
  // And this where they have few.
  const grouped = db.prepare('SELECT k, v, max(t) FROM v WHERE t <= ? GROUP BY k').raw();
  let hasManyKeys;
  const count = db.prepare('SELECT count(*) FROM (SELECT DISTINCT k FROM v LIMIT 10001)').pluck();
  return {
    insert: (key, at, value) => insert.run(key, at, value),
    get: (key, at) => asOf.get(key, at),
    history: (key) => all.all(key),
    scan: (at) => {
      hasManyKeys ??= count.get() > 10_000;
      return (hasManyKeys ? grouped : scan).all(at);
    },
  };
}

function idLayout(db) {
  db.exec(
    `CREATE TABLE IF NOT EXISTS k (id INTEGER PRIMARY KEY, k TEXT UNIQUE);
     CREATE TABLE IF NOT EXISTS v (id INTEGER, t INTEGER, v BLOB, PRIMARY KEY (id, t)) WITHOUT ROWID`,
  );
  const ids = new Map(db.prepare('SELECT k, id FROM k').raw().all());
  const insertKey = db.prepare('INSERT INTO k (k) VALUES (?)');
  const insert = db.prepare('INSERT OR REPLACE INTO v VALUES (?, ?, ?)');
  const asOf = db
    .prepare('SELECT v FROM v WHERE id = ? AND t <= ? ORDER BY t DESC LIMIT 1')
    .pluck();
  const all = db.prepare('SELECT t, v FROM v WHERE id = ? ORDER BY t').raw();
  const scan = db
    .prepare(
      `SELECT k, (SELECT v FROM v WHERE v.id = k.id AND t <= ? ORDER BY t DESC LIMIT 1) AS found
       FROM k WHERE found IS NOT NULL ORDER BY k`,
    )
    .raw();
  const idOf = (key) => {
    let id = ids.get(key);
    if (id === undefined) {
      id = Number(insertKey.run(key).lastInsertRowid);
      ids.set(key, id);
    }
    return id;
  };
  return {
    insert: (key, at, value) => insert.run(idOf(key), at, value),
    get: (key, at) => asOf.get(ids.get(key), at),
    history: (key) => all.all(ids.get(key)),
    scan: (at) => scan.all(at),
  };
}
