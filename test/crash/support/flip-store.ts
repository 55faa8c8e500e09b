/**
 * The small store of FLIP: everything that a store can have in it, in as few bytes as possible, made
 * by the real engine and the same for the same seed. Kept as plain bytes, so that thousands of
 * damaged copies cost nothing.
 */
import { cpSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { Catalog } from '../../../src/catalog/catalog.js';
import type { Manifest } from '../../../src/catalog/manifest.js';
import type { LockDoor } from '../../../src/catalog/lock.js';
import { catalogPath, maintenanceLockPath } from '../../../src/disk/names.js';
import { openWith } from '../../../src/open.js';
import type { Operation } from '../../../src/options.js';
import type { Store } from '../../../src/store.js';
import { expectRefusal } from '../../support/expect-refusal.js';
import { Random } from '../../support/random.js';
import { removeDirectory, temporaryDirectory } from '../../support/temporary-directory.js';
import { freeLock, takenLock } from './stand-ins.js';

/** A commit, and what the clock said. */
export interface Commit {
  clock: number;
  operations: Operation<string>[];
}

/** Content by path from the store's directory. */
export type Files = ReadonlyMap<string, Buffer>;

export interface FlipStore {
  files: Files;
  manifest: Manifest;
  commits: readonly Commit[];
  /** What some of the files were earlier, oldest first. */
  older: readonly Files[];
  /** What they would be had other values been written to the active log: whole frames, and wrong ones. */
  twin: Files;
}

export const bootId = 'b0'.repeat(16);
export const otherBootId = 'b1'.repeat(16);

/** Makes the block that it is in one that gets smaller when it is merged. */
export const deflatable = 'la'.repeat(60);

const noon = 1_700_000_000_000_000;
/** What the clock says while the store is read. */
export const readClock = noon + 1_000_000;
const farFuture = 2 ** 53 - 1;

const long = `long/${'é'.repeat(70)}`;
// In UTF-16 the last two stand the other way round.
export const keys = ['a', long, 'm/ключ', '\uFFFD', '\u{1F600}'] as const;
const [a, , cyrillic, replacement, smile] = keys;

/** By part of the store: merged segment, younger segment, sealed log, active log. */
function histories(random: Random): Operation<string>[][][] {
  const text = (bytes = random.integer(1, 12)) =>
    Array.from({ length: bytes }, () => String.fromCodePoint(random.integer(0x61, 0x7b))).join('');
  const set = (key: string, at: number | undefined, more: object = {}): Operation<string> => ({
    type: 'set',
    key,
    value: text(),
    ...(at === undefined ? {} : { at }),
    ...more,
  });
  const remove = (key: string, at: number): Operation<string> => ({ type: 'delete', key, at });
  return [
    [
      [set(a, 10), set(long, -5, { value: deflatable }), set(smile, 10, { value: '' })],
      // Larger than half a block, and mostly zeros: where it lies is what matters.
      [
        set(a, 20, { value: `${text(9)}${'\0'.repeat(2045)}${text(9)}` }),
        set(cyrillic, 10, { expiresAt: 30 }),
      ],
    ],
    [[set(a, 20), remove(long, 0)], [set(replacement, undefined)]],
    [
      [set(a, 15), set(long, 20, { value: text(40) })],
      [remove(smile, 20), set(cyrillic, 30)],
    ],
    [[set(a, 20), set(a, 40, { ttl: 5 })], [set(smile, undefined)], [set(long, farFuture)]],
    [[set(replacement, -farFuture)], [remove(a, 10), set(cyrillic, 12)]],
    [[set(a, 30, { value: '' })], [set(smile, 20), set('z', 5)]],
  ];
}

/** Every file below a directory whose SQLite files nobody has open. */
function filesOf(directory: string): Files {
  const paths = readdirSync(directory, { recursive: true, encoding: 'utf8' }).sort();
  const files = paths
    .map((path) => join(directory, path))
    .filter((path) => statSync(path).isFile());
  return new Map(files.map((path) => [relative(directory, path), readFileSync(path)]));
}

interface Stage {
  durability?: 'full' | 'process';
  /** Nobody may flush or merge. */
  isUnmaintained?: boolean;
  /** Done before the store is closed. */
  finish?: (store: Store<unknown>) => Promise<unknown>;
}

/** Makes it in stages; the store is closed after each. */
class Maker {
  readonly commits: Commit[] = [];
  readonly directory = temporaryDirectory();
  readonly #random: Random;
  #clock = noon;

  constructor(random: Random) {
    this.#random = random;
  }

  /** Another one, which goes on from here with the same files. */
  fork(): Maker {
    const fork = new Maker(this.#random);
    cpSync(this.directory, fork.directory, { recursive: true });
    fork.#clock = this.#clock;
    return fork;
  }

  /** Opens the store, commits, and closes it; answers its files. */
  async stage(batches: Operation<string>[][] = [], options: Stage = {}): Promise<Files> {
    const { durability = 'full', isUnmaintained = false, finish } = options;
    const parts = {
      clock: { now: () => this.#clock },
      bootId,
      newIdentity: this.#identity,
      ...(isUnmaintained ? { openLock: this.#onlyForWriting } : {}),
    };
    const store = await openWith(this.directory, { durability }, parts);
    for (const operations of batches) {
      this.#clock += 1000;
      this.commits.push({ clock: this.#clock, operations });
      await store.batch(operations);
    }
    await finish?.(store);
    await store.close();
    return filesOf(this.directory);
  }

  readonly #onlyForWriting = (path: string): LockDoor =>
    path === maintenanceLockPath(this.directory) ? takenLock(path) : freeLock(path);

  readonly #identity = (bytes: number): string =>
    Array.from({ length: bytes }, () =>
      this.#random.integer(0, 256).toString(16).padStart(2, '0'),
    ).join('');
}

/** The same operations with other values of the same length. */
function otherwise(batches: Operation<string>[][]): Operation<string>[][] {
  const other = (operation: Operation<string>): Operation<string> =>
    operation.type === 'set'
      ? { ...operation, value: '!'.repeat(operation.value.length) }
      : operation;
  return batches.map((operations) => operations.map(other));
}

const flush = (store: Store<unknown>) => store.snapshot();
const merge = (store: Store<unknown>) => store.compact({ full: true });
const sealOnly = (store: Store<unknown>) =>
  expectRefusal('ERR_TIMEKV_BUSY', () => store.snapshot());

/** @param seed of the values, names and salts in it */
export async function makeFlipStore(seed: number): Promise<FlipStore> {
  const random = new Random(seed);
  const maker = new Maker(random);
  const [first, second, third, sealed = [], active = [], last = []] = histories(random);
  const older = [
    await maker.stage(first, { finish: flush }),
    await maker.stage(second, { finish: flush }),
    await maker.stage([], { finish: merge }),
    await maker.stage(third, { finish: flush }),
    await maker.stage(sealed, { isUnmaintained: true, finish: sealOnly }),
  ];
  const fork = maker.fork();
  const twin = await fork.stage(otherwise([...active, ...last]), { isUnmaintained: true });
  older.push(await maker.stage(active, { isUnmaintained: true }));
  const files = await maker.stage(last, { isUnmaintained: true, durability: 'process' });
  const catalog = Catalog.open(catalogPath(maker.directory), 'read', 0);
  const manifest = catalog.load();
  catalog.close();
  for (const { directory } of [maker, fork]) removeDirectory(directory);
  return { files, manifest, commits: maker.commits, older, twin };
}
