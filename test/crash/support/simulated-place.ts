/** A simulated computer as a place for model runs: its processes die when a crash is due. */
import { TimekvError } from '../../../src/base/errors.js';
import type { Unit } from '../../../src/options.js';
import type { Store } from '../../../src/store.js';
import type { ModelPlace } from '../../model/run-commands.js';
import { ManualClock } from '../../support/manual-clock.js';
import { Random } from '../../support/random.js';
import { type PowerLoss, randomLoss } from '../../support/simulated-disk.js';
import { Killed, type SimulatedFileSystem } from '../../support/simulated-file-system.js';
import { SimulatedSystem } from '../../support/simulated-system.js';
import type { Crash } from './crash-commands.js';
import { keepsAll, losesAll } from './crashes.js';

export class SimulatedPlace implements ModelPlace {
  readonly isLasting = true;
  readonly clock = new ManualClock(5);
  readonly #system: SimulatedSystem;
  readonly #processes = new Map<Store, SimulatedFileSystem>();
  #due: Crash | undefined;
  #changes = 0;

  constructor(hasBootId: boolean) {
    this.#system = new SimulatedSystem({ hasBootId, clock: this.clock });
  }

  async open(unit: Unit): Promise<Store> {
    const { store, fileSystem } = await this.#system.open({ unit }, this.#watch);
    this.#processes.set(store, fileSystem);
    return store;
  }

  /** For somebody who cannot write; undefined where there is no store. */
  async openToRead(unit: Unit): Promise<Store | undefined> {
    try {
      const { store, fileSystem } = await this.#system.open({ unit, readOnly: true });
      this.#processes.set(store, fileSystem);
      return store;
    } catch (error) {
      if (error instanceof TimekvError && error.code === 'ERR_TIMEKV_NO_STORE') return undefined;
      throw error;
    }
  }

  /** From now on a process that comes to the change that the crash names dies there. */
  expect(crash: Crash): void {
    this.#due = crash;
    this.#changes = 0;
  }

  /** True if it has happened to anybody already. */
  get hasCrashed(): boolean {
    return this.#due !== undefined && this.#changes > this.#due.after;
  }

  /** Ends what the crash has left: one process, or with the power all of them. */
  end(crash: Crash, store: Store | undefined): void {
    this.#due = undefined;
    if (store !== undefined) this.kill(store);
    if (!crash.isPowerCut) return;
    this.killAll();
    this.#system.disk.losePower(lossOf(crash));
    this.#system.boot++;
  }

  kill(store: Store): void {
    this.#processes.get(store)?.kill();
  }

  killAll(): void {
    for (const fileSystem of this.#processes.values()) fileSystem.kill();
  }

  readonly isAlive = (store: Store): boolean => this.#processes.get(store)?.isKilled === false;

  readonly #watch = (fileSystem: SimulatedFileSystem): void => {
    fileSystem.before = (name, _, bytes) => {
      const due = this.#due;
      if (due === undefined || name === 'read' || this.#changes++ !== due.after) return;
      fileSystem.kill();
      throw Object.assign(new Killed(), { written: Math.min(due.torn, bytes?.length ?? 0) });
    };
  };
}

function lossOf({ loss }: Crash): PowerLoss {
  if (loss === 'all') return losesAll;
  return loss === 'nothing' ? keepsAll : randomLoss(new Random(loss));
}
