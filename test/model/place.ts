/** Where the store of a run lies, with its backups and what is restored of them beside it. */
import { join } from 'node:path';
import { restore, type Store, TimekvError } from '../../src/index.js';
import type { BackupResult, Unit } from '../../src/options.js';
import { ManualClock } from '../support/manual-clock.js';
import { openAs } from '../support/stores.js';

export interface ModelPlace {
  /** False: a store is gone when it is closed, and no other handle sees it. */
  readonly isLasting: boolean;
  readonly clock: ManualClock;
  /** True if a process has died in the middle of what is being done. */
  readonly hasCrashed: boolean;
  open(unit: Unit): Promise<Store>;
  /** From now on the store is the one in a directory beside it. */
  moveTo(name: string): void;
  /** A directory beside the store, as the process that has this one open knows it. */
  pathFor(store: Store, name: string): string;
  /** What is in a directory beside the store; undefined: no store. */
  openBeside(name: string): Promise<Store | undefined>;
  restore(from: string, to: string): Promise<BackupResult>;
}

type Open = (directory: string, options: { unit: Unit; clock: ManualClock }) => Promise<Store>;

/**
 * @param parent what is on the disk lies in it
 * @param open how the store of the run is opened
 */
export function placeIn(
  parent: string,
  kind: 'disk' | 'memory' = 'disk',
  open: Open = openAs<string>,
): ModelPlace {
  return new RealPlace(parent, kind, open);
}

class RealPlace implements ModelPlace {
  readonly clock = new ManualClock(5);
  readonly hasCrashed = false;
  readonly #parent: string;
  readonly #open: Open;
  #directory: string;

  constructor(parent: string, kind: 'disk' | 'memory', open: Open) {
    this.#parent = parent;
    this.#open = open;
    this.#directory = kind === 'memory' ? ':memory:' : join(parent, 'data');
  }

  get isLasting(): boolean {
    return this.#directory !== ':memory:';
  }

  open(unit: Unit): Promise<Store> {
    return this.#open(this.#directory, { unit, clock: this.clock });
  }

  moveTo(name: string): void {
    this.#directory = join(this.#parent, name);
  }

  pathFor(_: Store, name: string): string {
    return join(this.#parent, name);
  }

  openBeside(name: string): Promise<Store | undefined> {
    const directory = join(this.#parent, name);
    return ifThere(() => openAs<string>(directory, { create: false, clock: this.clock }));
  }

  restore(from: string, to: string): Promise<BackupResult> {
    return restore(join(this.#parent, from), join(this.#parent, to));
  }
}

/** Undefined where there is no store. */
export async function ifThere<T>(open: () => Promise<T>): Promise<T | undefined> {
  try {
    return await open();
  } catch (error) {
    if (error instanceof TimekvError && error.code === 'ERR_TIMEKV_NO_STORE') return undefined;
    throw error;
  }
}
