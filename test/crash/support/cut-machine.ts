/**
 * A machine whose power is cut again and again: processes work on a store, the power goes, the disk
 * is mounted again, and the store must have kept what it promised.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Catalog } from '../../../src/catalog/catalog.js';
import { openWith } from '../../../src/open.js';
import { type Store, TimekvError } from '../../../src/index.js';
import { Promised, requireSame } from './cut-check.js';
import { versionsBySeq } from '../../support/versions-by-seq.js';
import { Crew } from './cut-crew.js';
import type { Plan } from './cut-plan.js';
import type { LoopDisk } from './loop-disk.js';

/** Those who are told of a failing disk get so long to do something wrong. */
const afterlifeMs = 3;

export class Machine {
  /** How often the power was cut. */
  cuts = 0;
  /** Acknowledged batches of mode `process` that a cut has taken. */
  lost = 0;
  /** How many batches there were after the last cut… */
  batches = 0;
  /** …and in all stores together, each counted once, however many cuts it came through. */
  looks = 0;
  readonly #disk: LoopDisk;
  #promised = new Promised();
  /** Counts the starts of the machine: each has a boot id of its own. */
  #boots = 0;
  #rounds = 0;
  /** Batches of this store that are in `looks` already. */
  #counted = 0;

  constructor(disk: LoopDisk) {
    this.#disk = disk;
  }

  /** Starts the processes of a round, which takes them a while. */
  crews(plan: Plan): Crew[] {
    const directory = this.#directory;
    const crewOf = (part: Pick<Plan, 'workers' | 'moment'>) =>
      new Crew(part, { directory, bootId: this.#nextBootId(), name: `writer-${this.#boots}` });
    return [plan, ...plan.recoveryCuts].map(crewOf);
  }

  /** Plays one round, up to the cut of the power. */
  async work(plan: Plan, crews: readonly Crew[]): Promise<void> {
    if (plan.isNewStore) {
      await this.#disk.format();
      this.#promised = new Promised();
      this.#counted = 0;
    }
    for (const crew of crews) {
      await this.#disk.mount(plan.mountOptions);
      try {
        await crew.work();
        await this.#disk.cut(plan.loss);
        this.cuts += 1;
        await new Promise((resolve) => setTimeout(resolve, afterlifeMs));
      } finally {
        await crew.kill();
        await this.#disk.unmount();
      }
      this.#promised.add(await crew.told());
    }
  }

  /** The power is back: looks whether everything that was promised is there. */
  async recover(plan: Plan): Promise<void> {
    await this.#disk.mount(plan.mountOptions);
    try {
      const bootId = this.#nextBootId();
      // First of all somebody who cannot write, and meets the catalog as the cut has left it.
      const unwritten = await this.#lookOnly(bootId);
      const epoch = this.#epoch(); // Recovery itself may go on from there.
      const recovered = await this.#look({}, bootId);
      requireSame('what a reader sees', unwritten, recovered);
      this.lost += this.#promised.check(recovered, epoch);
      this.batches = recovered.length / 3;
      this.looks += this.batches - this.#counted;
      this.#counted = this.batches;
      const again = await this.#look({}, this.#nextBootId());
      requireSame('the second recovery', again, recovered);
      await this.#writeOn();
    } finally {
      await this.#disk.unmount();
    }
    this.#rounds += 1;
    if (this.#rounds % 25 === 0) await this.#disk.check();
  }

  get #directory(): string {
    return join(this.#disk.path, 'store');
  }

  #nextBootId(): string {
    this.#boots += 1;
    return this.#boots.toString(16).padStart(32, '0');
  }

  /** All that a reader is told; nothing if the store was not created yet. */
  async #lookOnly(bootId: string) {
    try {
      return await this.#look({ readOnly: true }, bootId);
    } catch (error) {
      if (error instanceof TimekvError && error.code === 'ERR_TIMEKV_NO_STORE') return [];
      throw error;
    }
  }

  async #look(options: { readOnly?: boolean }, bootId: string) {
    const store = await this.#open(options, bootId);
    try {
      return versionsBySeq(store);
    } finally {
      await store.close();
    }
  }

  async #writeOn(): Promise<void> {
    const store = await this.#open({}, this.#nextBootId());
    try {
      const name = `after-${this.#boots}`;
      const value = `${name} 0 1 x`;
      const keys = [`${name}/left`, 'shared', `${name}/right`];
      await store.batch(keys.map((key) => ({ type: 'set', key, value })));
      this.#promised.acknowledged(name, 1);
    } finally {
      await store.close();
    }
  }

  #open(options: { readOnly?: boolean }, bootId: string): Promise<Store> {
    const given = { ...options, memory: 8 * 1024 * 1024 };
    return openWith(this.#directory, given, { bootId }) as Promise<Store>;
  }

  /** How many changes the catalog has seen; 0: there is no store yet. */
  #epoch(): number {
    const path = join(this.#directory, 'catalog.db');
    if (!existsSync(path)) return 0;
    const catalog = Catalog.open(path, 'read', 1000);
    try {
      return catalog.isInitialised() ? catalog.load().epoch : 0;
    } finally {
      catalog.close();
    }
  }
}
