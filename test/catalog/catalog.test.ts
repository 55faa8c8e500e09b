import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { sqlite, sqlitePackage } from '../../src/catalog/binding.js';
import { Catalog } from '../../src/catalog/catalog.js';
import { emptyLists } from '../../src/catalog/manifest.js';
import { expectRefusal } from '../support/expect-refusal.js';
import { manifest } from '../support/manifests.js';
import { temporaryDirectory } from '../support/temporary-directory.js';

const { Database } = sqlite();

const { settings, epoch: _, ...rest } = manifest;
const { wals } = rest;

afterEach(() => {
  vi.restoreAllMocks();
});

function newCatalog(): { path: string; catalog: Catalog } {
  const path = join(temporaryDirectory(), 'catalog.db');
  const catalog = Catalog.open(path, 'create', 1000);
  catalog.initialise(settings, wals[0]!);
  return { path, catalog };
}

/** Does something to the file behind the catalog's back. */
function tamper(path: string, sql: string): void {
  const database = new Database(path);
  database.exec(sql);
  database.close();
}

describe('a catalog', () => {
  it('is a store only once its first manifest is committed', () => {
    const path = join(temporaryDirectory(), 'catalog.db');
    const catalog = Catalog.open(path, 'create', 1000);
    expect(catalog.isInitialised()).toBe(false);
    catalog.initialise(settings, wals[0]!);
    expect(catalog.isInitialised()).toBe(true);
    expect(catalog.load()).toEqual({
      settings,
      epoch: 1,
      segments: [],
      wals: [wals[0]],
      ...emptyLists,
    });
    catalog.close();
    catalog.close();
  });

  it('commits nothing that the file does not keep as it is', async () => {
    const { path, catalog } = newCatalog();
    catalog.close();
    // One bit of a column's type, and what looks like a number is kept as one.
    const bytes = readFileSync(path);
    bytes.write('U', bytes.indexOf('suffix TEXT') + 'suffix '.length);
    writeFileSync(path, bytes);
    const damagedOne = Catalog.open(path, 'write', 1000);
    const before = damagedOne.load();
    await expectRefusal('ERR_TIMEKV_DAMAGED', () =>
      damagedOne.update(() => ({ wals: [{ ...wals[0]!, suffix: '00000012' }] })),
    );
    expect(damagedOne.load()).toEqual(before);
    damagedOne.close();
  });

  it('gives back what was put in, counts changes, and shows them to others', () => {
    const { path, catalog } = newCatalog();
    const other = Catalog.open(path, 'read', 1000);
    const before = other.dataVersion();
    expect(other.dataVersion()).toBe(before);
    const committed = catalog.update(() => rest);
    expect(committed).toEqual({ ...manifest, epoch: 2 });
    expect(other.dataVersion()).not.toBe(before);
    expect(other.load()).toEqual({ ...manifest, epoch: 2 });
    other.close();
    catalog.close();
  });

  it('is as it was if the change is given up', () => {
    const { catalog } = newCatalog();
    const before = catalog.load();
    expect(() =>
      catalog.update(() => {
        throw new RangeError('given up');
      }),
    ).toThrow('given up');
    expect(catalog.load()).toEqual(before);
    catalog.close();
  });

  it('truncates its journal', () => {
    const { path, catalog } = newCatalog();
    catalog.update(() => ({ segments: rest.segments, wals }));
    // A journal that is there and empty is what mode TRUNCATE leaves.
    expect(statSync(`${path}-journal`).size).toBe(0);
    catalog.close();
  });

  it.each(['create', 'write'] as const)('reads back that it is durable (%s)', async (access) => {
    const { path } = newCatalog();
    const pragma = vi.spyOn(Database.prototype, 'pragma');
    Catalog.open(path, access, 1000).close();
    const asked = pragma.mock.calls.map(([text]) => text);
    const answers = pragma.mock.results.map(({ value }): unknown => value);
    expect(answers[asked.indexOf('journal_mode = TRUNCATE')]).toBe('truncate');
    expect(asked.indexOf('synchronous = EXTRA')).toBeLessThan(asked.indexOf('synchronous'));
    expect(answers[asked.indexOf('synchronous')]).toBe(3);

    pragma.mockImplementation((text) => (text.startsWith('journal_mode') ? 'memory' : 3));
    await expectRefusal('ERR_TIMEKV_IO', () => Catalog.open(path, access, 1000));
  });
});

describe('damage to a catalog', () => {
  it.each([
    'UPDATE segments SET max_seq = max_seq + 1 WHERE min_seq = 1000',
    "UPDATE wals SET state = 'kept'",
    'DELETE FROM segments WHERE min_seq = 2000',
    'UPDATE segments SET min_key = 7',
    "UPDATE segments SET max_key = ''",
    'UPDATE settings SET checksum = checksum + 1',
    "UPDATE settings SET unit = 'tick'",
    'DELETE FROM settings',
  ])('is noticed: %s', async (sql) => {
    const { path, catalog } = newCatalog();
    catalog.update(() => ({ segments: rest.segments, wals }));
    tamper(path, sql);
    const error = await expectRefusal('ERR_TIMEKV_DAMAGED', () => catalog.load());
    expect(error.file).toBe(path);
    await expectRefusal('ERR_TIMEKV_DAMAGED', () => catalog.update((same) => same));
    catalog.close();
  });

  it('that keeps SQLite from writing is not told as a matter of permission', async () => {
    const { path, catalog } = newCatalog();
    catalog.close();
    const bytes = readFileSync(path);
    bytes[18] = 0xff;
    writeFileSync(path, bytes);
    const error = await expectRefusal('ERR_TIMEKV_DAMAGED', () => {
      const damaged = Catalog.open(path, 'write', 1000);
      try {
        damaged.update((same) => same);
      } finally {
        damaged.close();
      }
    });
    expect(error).toMatchObject({ file: path, offset: 18 });
  });

  it('that SQLite notices has the same code', async () => {
    const path = join(temporaryDirectory(), 'catalog.db');
    writeFileSync(path, 'x'.repeat(8192));
    await expectRefusal('ERR_TIMEKV_DAMAGED', () => Catalog.open(path, 'write', 1000));
  });

  it.each([
    ['UPDATE settings SET format = 2', 'format 2'],
    ["UPDATE settings SET incompatible = 'glass segments'", 'glass segments'],
  ])('is not what a newer format is: %s', async (sql, what) => {
    const { path, catalog } = newCatalog();
    tamper(path, sql);
    const error = await expectRefusal('ERR_TIMEKV_UNSUPPORTED_FORMAT', () => catalog.load());
    expect(error.message).toContain(what);
    catalog.close();
  });

  it('is not what somebody else’s database is', async () => {
    const path = join(temporaryDirectory(), 'catalog.db');
    tamper(path, 'CREATE TABLE cats (name)');
    const catalog = Catalog.open(path, 'read', 1000);
    await expectRefusal('ERR_TIMEKV_NOT_A_STORE', () => catalog.isInitialised());
    await expectRefusal('ERR_TIMEKV_NOT_A_STORE', () => catalog.load());
    catalog.close();
  });
});

/** Kills a process in the middle of a commit, so that its journal is hot. */
function killInCommit(path: string): void {
  const script = `
    const database = new (require(${JSON.stringify(sqlitePackage)}))(${JSON.stringify(path)});
    database.pragma('journal_mode = TRUNCATE');
    database.pragma('cache_size = 1');
    database.exec('BEGIN IMMEDIATE; UPDATE settings SET epoch = 99; CREATE TABLE big (a)');
    const insert = database.prepare('INSERT INTO big VALUES (zeroblob(5000))');
    for (let count = 0; count < 100; count++) insert.run();
    process.kill(process.pid, 'SIGKILL');`;
  expect(spawnSync(process.execPath, ['-e', script]).signal).toBe('SIGKILL');
  expect(statSync(`${path}-journal`).size).toBeGreaterThan(0);
}

describe('a commit whose process was killed', () => {
  it.each(['read', 'write'] as const)('is undone by whoever opens to %s', (access) => {
    const { path, catalog } = newCatalog();
    const before = catalog.load();
    catalog.close();
    killInCommit(path);
    const opened = Catalog.open(path, access, 1000);
    expect(opened.isInitialised()).toBe(true);
    expect(opened.load()).toEqual(before);
    opened.close();
  });

  it('is undone by a reader that has been there all the time', () => {
    const { path, catalog } = newCatalog();
    const before = catalog.load();
    catalog.close();
    const reader = Catalog.open(path, 'read', 1000);
    reader.load();
    killInCommit(path);
    expect(reader.load()).toEqual(before);
    reader.close();
  });
});

describe('a catalog that cannot be used', () => {
  it('is told by the code of why', async () => {
    const missing = join(temporaryDirectory(), 'catalog.db');
    await expectRefusal('ERR_TIMEKV_IO', () => Catalog.open(missing, 'read', 1000));
    expect(existsSync(missing)).toBe(false);
  });

  it('waits for another process’s commit, and not for ever', async () => {
    const { path, catalog } = newCatalog();
    catalog.close();
    const patient = Catalog.open(path, 'write', 50);
    const holder = new Database(path);
    holder.exec('BEGIN IMMEDIATE');
    await expectRefusal('ERR_TIMEKV_BUSY', () => patient.update((same) => same));
    holder.exec('ROLLBACK');
    expect(patient.update((same) => same).epoch).toBe(2);
    holder.close();
    patient.close();
  });
});
