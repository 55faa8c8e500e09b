/** Stores as a command may meet them: small, with a full log, in many segments, or after an accident. */
import { readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { MiB } from '../../../src/base/limits.js';
import { walDirectory } from '../../../src/disk/names.js';
import { openWith } from '../../../src/open.js';
import type { Store } from '../../../src/index.js';
import type { Random } from '../../support/random.js';
import type { Row, Told } from './ledger.js';

/** Makes rows, and no two of the same key and time. */
export class Rows {
  readonly #random: Random;
  #made = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  next(bytesMax = 60, chosen?: string): Row {
    const timestamp = ++this.#made * 10 - 100;
    const key = chosen ?? `k${this.#random.integer(0, 5)}`;
    const bytes = this.#random.integer(bytesMax / 2, bytesMax);
    return { key, timestamp, value: `${timestamp}:`.padEnd(bytes, key) };
  }

  several(count: number, bytesMax?: number): Row[] {
    return Array.from({ length: count }, () => this.next(bytesMax));
  }
}

/** Makes a store in a directory; answers what is in there. */
export type Prepare = (directory: string, rows: Rows) => Promise<Told[]>;

/** With this little memory a log is full after 1 MiB. */
export const smallMemory = ['--memory', '8MiB'];
const fullLogBytes = MiB;

/** Of a system that is down since. */
const bootBefore = { bootId: 'b007'.repeat(8) };

export const nothing: Prepare = () => Promise.resolve([]);

export function logged(count: number): Prepare {
  return (directory, rows) => within(directory, (store) => write(store, rows.several(count)));
}

/** The next frame needs a new file. */
export const fullLog: Prepare = (directory, rows) =>
  within(directory, (store) => {
    const row = rows.next();
    return write(store, [
      rows.next(),
      { ...row, value: row.value?.padEnd(fullLogBytes - 500, '.') },
    ]);
  });

/** Segments, and nothing in the log. */
export function segments(count: number): Prepare {
  return (directory, rows) =>
    within(directory, async (store) => {
      const written: Row[] = [];
      for (let made = 0; made < count; made++) {
        written.push(...(await write(store, rows.several(4))));
        await store.snapshot();
      }
      return written;
    });
}

/** A writer was killed in the middle of a frame. */
export const tornTail: Prepare = async (directory, rows) => {
  const told = await logged(4)(directory, rows);
  await tear(directory, rows, {});
  return told;
};

/** A power cut has torn the last frame, and has taken some of the end register, which is not synced. */
export const restarted: Prepare = async (directory, rows) => {
  const written = [...rows.several(4), rows.next(60, 'k1')];
  const told = await within(directory, (store) => write(store, written), bootBefore);
  await tear(directory, rows, bootBefore);
  truncateSync(onlyFile(directory, '.end'), 3);
  return told;
};

/** Puts the first half of one more frame behind the last one. */
async function tear(directory: string, rows: Rows, system: object): Promise<void> {
  const log = onlyFile(directory, '.wal');
  const register = onlyFile(directory, '.end');
  const before = readFileSync(log);
  const published = statSync(register).size;
  await within(directory, (store) => write(store, [rows.next()]), system);
  const after = readFileSync(log);
  const from = after.findIndex((byte, at) => byte !== before[at]);
  const to = after.findLastIndex((byte, at) => byte !== before[at]);
  after.copy(before, from, from, (from + to) / 2);
  writeFileSync(log, before);
  truncateSync(register, published);
}

async function within(
  directory: string,
  fill: (store: Store) => Promise<Row[]>,
  system = {},
): Promise<Told[]> {
  const store = (await openWith(directory, {}, system)) as Store;
  const groups = (await fill(store)).map((row) => [row]);
  await store.close();
  return [{ who: 'before', groups, acknowledged: groups.length, mayHaveMore: false }];
}

async function write(store: Store, rows: Row[]): Promise<Row[]> {
  for (const { key, value = '', timestamp } of rows) await store.set(key, value, timestamp);
  return rows;
}

function onlyFile(directory: string, ending: string): string {
  const names = readdirSync(walDirectory(directory)).filter((name) => name.endsWith(ending));
  if (names.length !== 1) throw new Error(`${names.length} files end in ${ending}`);
  return join(walDirectory(directory), names[0] ?? '');
}
