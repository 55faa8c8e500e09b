/**
 * What processes do to a store, step by step: one or two of them over one simulated disk, recorded.
 * Each step is done when everything in it has been answered.
 */
import { nextTurn } from '../../../src/base/clock.js';
import { Random } from '../../support/random.js';
import { SimulatedSystem, type SimulatedStore } from '../../support/simulated-system.js';
import type { SimulatedFileSystem } from '../../support/simulated-file-system.js';
import { Keeping } from './keeping.js';
import { labelsOf, readAll } from './labels.js';
import { LettingGo } from './letting-go.js';
import { Recording } from './recording.js';
import type { StoreOracle } from './store-oracle.js';
import { Writing } from './writing.js';

/** Everything that can be done to a store, in the order of the most ordinary first. */
export const stepNames = [
  'set',
  'batch',
  'burst',
  'large',
  'other process',
  'flush',
  'compact',
  'reopen',
] as const;
export type StepName = (typeof stepNames)[number];

const olderUpkeepNames = ['erase', 'expire', 'keep', 'give up', 'back up', 'restore'] as const;
/** What is done to all that was written. */
export const upkeepNames = [...olderUpkeepNames, 'let go'] as const;
export type UpkeepName = (typeof upkeepNames)[number];

/** Steps that longer histories have as well. */
export type MoreStepName =
  | StepName
  | UpkeepName
  | 'race'
  | 'process mode'
  | 'delete'
  | 'read elsewhere'
  | 'compact what is due';

/** What longer histories are drawn from. */
const moreSteps: readonly MoreStepName[] = [
  ...stepNames,
  ...olderUpkeepNames,
  'set',
  'race',
  'delete',
  'process mode',
  'read elsewhere',
  'compact what is due',
];
const stepsThatLetGo: readonly MoreStepName[] = [
  ...moreSteps,
  'let go',
  'let go',
  'batch',
  'batch',
];

/** Seeds from here on are those of histories that let something go; what others draw stays as it is. */
const firstSeedLettingGo = 2 ** 31;
/** Seeds of histories lie below. */
export const seedsEnd = 2 ** 32;

/**
 * So many steps, from `from` to `to` of them.
 * @param random its seed is that of the history
 */
export function drawSteps(random: Random, from: number, to: number): MoreStepName[] {
  const names = random.seed < firstSeedLettingGo ? moreSteps : stepsThatLetGo;
  return Array.from({ length: random.integer(from, to) }, () => random.pick(names));
}

/** How many bytes the value of a `large` write has: more than a log holds beside others. */
const largeBytes = 20_000;

export interface WorkloadOptions {
  hasBootId?: boolean;
  /** What may go wrong: given, errors of ours are answers like others. */
  plant?: (fileSystem: SimulatedFileSystem) => void;
}

export class Workload {
  readonly system: SimulatedSystem;
  readonly recording: Recording;
  readonly #random: Random;
  readonly #plant: WorkloadOptions['plant'];
  #main: SimulatedStore | undefined;
  #other: SimulatedStore | undefined;
  #careless: SimulatedStore | undefined;
  readonly #writing: Writing;
  readonly #keeping: Keeping;
  readonly #lettingGo: LettingGo;

  constructor(seed: number, { hasBootId = true, plant }: WorkloadOptions = {}) {
    this.#random = new Random(seed);
    this.#plant = plant;
    this.system = new SimulatedSystem({ hasBootId });
    this.recording = new Recording(this.system);
    this.#writing = new Writing(this.recording, this.#random, plant !== undefined);
    this.#keeping = new Keeping(this.system, this.recording, this.#random);
    this.#lettingGo = new LettingGo(this.recording, this.#random, this.#writing);
  }

  async run(steps: readonly MoreStepName[]): Promise<void> {
    for (const step of steps) await this.step(step);
  }

  async step(name: MoreStepName): Promise<void> {
    try {
      await this.#step(name);
    } catch (error) {
      this.#writing.requireExpected(error);
    }
  }

  async #step(name: MoreStepName): Promise<void> {
    const main = (this.#main ??= await this.#open());
    const writing = this.#writing;
    switch (name) {
      case 'set':
        return writing.write(main, [writing.set()]);
      case 'delete':
        return writing.write(main, [writing.delete()]);
      case 'batch':
        return writing.write(main, [writing.set(0, true), writing.delete(), writing.set(5000)]);
      case 'burst':
        await Promise.all([1, 2, 3].map(() => writing.write(main, [writing.set()])));
        return;
      case 'race':
        return this.#race(main, (this.#other ??= await this.#open()));
      case 'large':
        return writing.write(main, [writing.set(largeBytes)]);
      case 'other process':
        return writing.write((this.#other ??= await this.#open()), [writing.set()]);
      case 'process mode':
        this.#careless ??= await this.#open('process');
        return writing.write(this.#careless, [writing.set()], 'process');
      case 'read elsewhere':
        return this.#read((this.#other ??= await this.#open()));
      case 'flush':
        return main.store.snapshot();
      case 'compact':
        await main.store.compact({ full: true });
        return;
      case 'compact what is due':
        await main.store.compact();
        return;
      case 'erase':
        return writing.write(main, writing.erasure());
      case 'expire':
        return writing.expire(this.#random.next() < 0.3 ? (this.#other ?? main) : main);
      case 'keep':
        return this.#keeping.take(main);
      case 'give up':
        return this.#keeping.giveUp(main);
      case 'back up':
        return this.#keeping.backUp(main, writing.isCertain);
      case 'restore':
        return this.#keeping.restore(main, writing.isCertain);
      case 'let go':
        return this.#letGo(main);
      case 'reopen':
        this.#main = undefined;
        await main.store.close();
        this.#main = await this.#open();
        return;
    }
  }

  /** Every process that is there now. */
  get processes(): SimulatedStore[] {
    return [this.#main, this.#other, this.#careless].filter((each) => each !== undefined);
  }

  /** @throws if any process that is there reads what must not be, or cannot read */
  checkReads(oracle: StoreOracle): void {
    for (const { store, engine } of this.processes) {
      const rows = engine.snapshots(); // Reads the catalog, which tells what was let go.
      const found = labelsOf(readAll(store));
      const last = engine.lastSeq();
      const fault = oracle.faultIn(found, last) ?? oracle.kept.faultIn(rows, last);
      if (fault !== undefined) throw new Error(`to a process that lives on: ${fault}`);
      oracle.sawAll(found, rows);
    }
  }

  async end(): Promise<void> {
    for (const each of this.processes) await each.store.close();
  }

  #open(durability: 'full' | 'process' = 'full'): Promise<SimulatedStore> {
    return this.system.open({ durability }, this.#plant);
  }

  /** Two processes write at once, and their syncs end in any order; one may take a snapshot meanwhile. */
  async #race(...processes: SimulatedStore[]): Promise<void> {
    const writing = this.#writing;
    const writes = processes.flatMap((each) => {
      const turns = this.#random.integer(0, 6);
      each.fileSystem.syncGate = async () => {
        for (let turn = 0; turn < turns; turn++) await nextTurn();
      };
      return [[writing.set()], [writing.set(), writing.set()]].map(async (operations) => {
        await writing.write(each, operations);
        // What is visible now must stay, whichever of the syncs have ended.
        this.#readIfItCan(each);
      });
    });
    const [first] = processes;
    const keeps = first !== undefined && this.#random.next() < 0.3;
    await Promise.all([...writes, keeps ? this.#keepIfItCan(first) : undefined]);
    for (const { fileSystem } of processes) fileSystem.syncGate = () => Promise.resolve();
  }

  /** Now and then, where nothing fails, somebody takes a snapshot meanwhile. */
  async #letGo(main: SimulatedStore): Promise<void> {
    const isAlone = this.#random.next() >= 0.4 || this.#plant !== undefined;
    if (isAlone) return this.#lettingGo.letGo(main, undefined);
    const process = (this.#other ??= await this.#open());
    const keep = () => this.#keeping.take(process);
    return this.#lettingGo.letGo(main, { process, keep });
  }

  #read({ store }: SimulatedStore): void {
    store.refresh();
    const found = labelsOf(readAll(store));
    this.recording.note((oracle) => {
      oracle.saw(found);
    });
  }

  async #keepIfItCan(process: SimulatedStore): Promise<void> {
    try {
      await this.#keeping.take(process);
    } catch (error) {
      this.#writing.requireExpected(error);
    }
  }

  #readIfItCan(process: SimulatedStore): void {
    try {
      this.#read(process);
    } catch (error) {
      this.#writing.requireExpected(error);
    }
  }
}
