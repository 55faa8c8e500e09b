/**
 * The backups of a run, each with the model as it was when that was made: it stays so, whatever
 * becomes of the store, and after a crash the older one is there or the newer one, whole.
 */
import { type Store, TimekvError } from '../../src/index.js';
import type { ModelStore } from '../support/model-store.js';
import { same, compareVersions, snapshotsOf } from './compare.js';
import { outcome } from './outcome.js';
import type { ModelPlace } from './place.js';

/** A backup, or that there is none. */
type Held = { model: ModelStore; storeNumber: number } | undefined;

/** Compares what is in a directory with what may be there. */
type Compare = (store: Store, model: ModelStore) => Promise<void>;

export class Backups {
  readonly #place: ModelPlace;
  /** By directory: what may be in it, of which a crash leaves it open which one is. */
  readonly #held = new Map<string, readonly Held[]>();
  /** How many stores have been restored before the one that the run is about. */
  #storeNumber = 0;
  #restores = 0;
  /** A restore that a crash may have cut short. */
  #begun: { from: string; to: string; model: ModelStore } | undefined;

  constructor(place: ModelPlace) {
    this.#place = place;
  }

  /** @param name of the snapshot that is backed up; undefined: everything */
  async make(store: Store, model: ModelStore, to: number, name?: string): Promise<void> {
    const directory = this.#directory(to);
    const [before] = this.#held.get(directory) ?? [];
    let after = before;
    const expected = await outcome(() => {
      const made = model.backup(name);
      if (before !== undefined) this.#requireReplaceable(before, made);
      after = { model: made, storeNumber: this.#storeNumber };
      return made.seq;
    });
    this.#held.set(directory, [before, after]);
    const path = this.#place.pathFor(store, directory);
    const answer = await outcome(async () => (await store.backup(path, name)).seq);
    if (this.#place.hasCrashed && typeof answer !== 'number') return;
    same(`backup into ${directory}`, answer, expected);
    this.#held.set(directory, [after]);
    await this.#look(directory, briefly);
  }

  /** @returns where the store is that was made, and what is in it; undefined: there was no backup */
  async restore(from: number): Promise<{ directory: string; model: ModelStore } | undefined> {
    const backup = this.#directory(from);
    const [held] = this.#held.get(backup) ?? [];
    const directory = `restored-${++this.#restores}`;
    const model = held?.model.clone();
    if (model !== undefined) this.#begun = { from: backup, to: directory, model };
    const answer = await this.#restore(backup, directory);
    if (this.#place.hasCrashed && typeof answer !== 'number') return undefined;
    this.#begun = undefined;
    same(`restore ${backup}`, answer, model?.seq ?? 'refused: ERR_TIMEKV_NO_STORE');
    if (model === undefined) return undefined;
    this.#storeNumber++;
    return { directory, model };
  }

  /** Sees what a crash has left of what was being made. */
  async lookAfterCrash(): Promise<void> {
    for (const [directory, possible] of this.#held) {
      if (possible.length > 1) await this.#look(directory, briefly);
    }
    if (this.#begun === undefined) return;
    const { from, to, model } = this.#begun;
    this.#begun = undefined;
    const isThere = await this.#isThere(to, model);
    const again = await this.#restore(from, to);
    same(`restore ${from} again`, again, isThere ? 'refused: ERR_TIMEKV_EXISTS' : model.seq);
    same('restored', await this.#isThere(to, model), true);
  }

  /** Compares each of them. */
  async check(compare: Compare): Promise<void> {
    for (const directory of this.#held.keys()) await this.#look(directory, compare);
  }

  /** A store that was restored backs up into a directory of its own, and one of the store before it. */
  #directory(number: number): string {
    return `backup-${this.#storeNumber + number}`;
  }

  #requireReplaceable(before: NonNullable<Held>, made: ModelStore): void {
    if (before.storeNumber === this.#storeNumber && before.model.seq <= made.seq) return;
    throw new TimekvError('ERR_TIMEKV_EXISTS', 'of a later moment, or of another store');
  }

  #restore(from: string, to: string): Promise<unknown> {
    return outcome(async () => (await this.#place.restore(from, to)).seq);
  }

  async #isThere(directory: string, model: ModelStore): Promise<boolean> {
    return this.#in(directory, async (store) => {
      if (store !== undefined) await briefly(store, model);
      return store !== undefined;
    });
  }

  /** From now on it is certain which of them is in the directory. */
  async #look(directory: string, compare: Compare): Promise<void> {
    const possible = this.#held.get(directory) ?? [];
    const found = await this.#in(directory, async (store) => {
      const faults = [];
      for (const held of possible) {
        const fault = await faultOf(store, held, compare);
        if (fault === undefined) return held;
        faults.push(fault);
      }
      throw new Error(`${directory}: ${faults.join('\nnor is it the next one: ')}`);
    });
    this.#held.set(directory, [found]);
  }

  async #in<T>(directory: string, look: (store: Store | undefined) => Promise<T>): Promise<T> {
    const store = await this.#place.openBeside(directory);
    try {
      return await look(store);
    } finally {
      await store?.close();
    }
  }
}

/** What tells one backup from another, and that nothing of it is missing. */
async function briefly(store: Store, model: ModelStore): Promise<void> {
  same('seq', (await store.stats()).seq, model.seq);
  same('snapshots()', await snapshotsOf(store), model.snapshots());
  same('retention()', await store.retention(), model.retention());
  compareVersions(store, model);
}

async function faultOf(
  store: Store | undefined,
  held: Held,
  compare: Compare,
): Promise<string | undefined> {
  if (store === undefined || held === undefined) {
    if (store === undefined && held === undefined) return undefined;
    return store === undefined ? 'there is no backup' : 'there is a backup';
  }
  try {
    await compare(store, held.model);
    return undefined;
  } catch (error) {
    return String(error);
  }
}
