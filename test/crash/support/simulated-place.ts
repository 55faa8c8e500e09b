/** A simulated computer as a place for model runs: its processes die when a crash is due. */
import type { BackupResult, Unit } from '../../../src/options.js';
import { restoreWith } from '../../../src/restore.js';
import type { Store } from '../../../src/store.js';
import { ifThere, type ModelPlace } from '../../model/place.js';
import { ManualClock } from '../../support/manual-clock.js';
import { Random } from '../../support/random.js';
import { type PowerLoss, randomLoss } from '../../support/simulated-disk.js';
import { Killed, SimulatedFileSystem } from '../../support/simulated-file-system.js';
import { type SimulatedStore, SimulatedSystem } from '../../support/simulated-system.js';
import type { Crash } from './crash-commands.js';
import { keepsAll, losesAll } from './crashes.js';

export class SimulatedPlace implements ModelPlace {
  readonly isLasting = true;
  readonly clock = new ManualClock(5);
  readonly #system: SimulatedSystem;
  readonly #processes = new Map<Store, SimulatedFileSystem>();
  #due: Crash | undefined;
  #changes = 0;
  #name = 'data';

  constructor(hasBootId: boolean) {
    this.#system = new SimulatedSystem({ hasBootId, clock: this.clock });
  }

  open(unit: Unit): Promise<Store> {
    const fileSystem = this.#newProcess();
    this.#watch(fileSystem);
    return this.#opened(this.#system.openIn(fileSystem, this.#name, { unit }));
  }

  moveTo(name: string): void {
    this.#name = name;
  }

  pathFor(store: Store, name: string): string {
    return `${this.#processes.get(store)?.root}/${name}`;
  }

  openBeside(name: string): Promise<Store | undefined> {
    const opening = () => this.#system.openIn(this.#newProcess(), name, { create: false });
    return ifThere(() => this.#opened(opening()));
  }

  async restore(from: string, to: string): Promise<BackupResult> {
    const fileSystem = this.#newProcess();
    this.#watch(fileSystem);
    const path = (name: string): string => `${fileSystem.root}/${name}`;
    try {
      return await restoreWith(path(from), path(to), {}, this.#system.environment(fileSystem));
    } finally {
      fileSystem.kill();
    }
  }

  /** For somebody who cannot write; undefined where there is no store. */
  async openToRead(unit: Unit): Promise<Store | undefined> {
    const options = { unit, readOnly: true };
    const opening = () => this.#system.openIn(this.#newProcess(), this.#name, options);
    return ifThere(() => this.#opened(opening()));
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

  #newProcess(): SimulatedFileSystem {
    return new SimulatedFileSystem(this.#system.disk);
  }

  async #opened(opening: Promise<SimulatedStore>): Promise<Store> {
    const { store, fileSystem } = await opening;
    this.#processes.set(store, fileSystem);
    return store;
  }

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
