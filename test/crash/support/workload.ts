/**
 * What processes do to a store, step by step: one or two of them over one simulated disk, recorded.
 * Each step is done when everything in it has been answered.
 */
import { nextTurn } from '../../../src/base/clock.js';
import { type ErrorCode, TimekvError } from '../../../src/base/errors.js';
import type { Operation } from '../../../src/options.js';
import { Oracle } from '../../support/oracle.js';
import { Random } from '../../support/random.js';
import { SimulatedSystem, type SimulatedStore } from '../../support/simulated-system.js';
import type { SimulatedFileSystem } from '../../support/simulated-file-system.js';
import { keys, labelOf, labelsOf, readAll, valueOf } from './labels.js';
import { Recording } from './recording.js';

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

/** Steps that longer histories have as well. */
export type MoreStepName =
  StepName | 'race' | 'process mode' | 'delete' | 'read elsewhere' | 'compact what is due';

/** What longer histories are drawn from. */
const moreSteps: readonly MoreStepName[] = [
  ...stepNames,
  'set',
  'race',
  'delete',
  'process mode',
  'read elsewhere',
  'compact what is due',
];

/** So many steps, from `from` to `to` of them. */
export function drawSteps(random: Random, from: number, to: number): MoreStepName[] {
  return Array.from({ length: random.integer(from, to) }, () => random.pick(moreSteps));
}

/** How many bytes the value of a `large` write has: more than a log holds beside others. */
const largeBytes = 20_000;

/** What an operation that fails may be told as; that nothing was damaged, all can read. */
const tellsOfFault: readonly ErrorCode[] = [
  'ERR_TIMEKV_IO',
  'ERR_TIMEKV_OUTCOME_UNKNOWN',
  'ERR_TIMEKV_POISONED',
];

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
  #numbers = 0;

  constructor(seed: number, { hasBootId = true, plant }: WorkloadOptions = {}) {
    this.#random = new Random(seed);
    this.#plant = plant;
    this.system = new SimulatedSystem({ hasBootId });
    this.recording = new Recording(this.system, new Oracle());
  }

  async run(steps: readonly MoreStepName[]): Promise<void> {
    for (const step of steps) await this.step(step);
  }

  async step(name: MoreStepName): Promise<void> {
    try {
      await this.#step(name);
    } catch (error) {
      this.#requireExpected(error);
    }
  }

  async #step(name: MoreStepName): Promise<void> {
    const main = (this.#main ??= await this.#open());
    switch (name) {
      case 'set':
        return this.#write(main, [this.#set()]);
      case 'delete':
        return this.#write(main, [this.#delete()]);
      case 'batch':
        return this.#write(main, [this.#set(), this.#delete(), this.#set(5000)]);
      case 'burst':
        await Promise.all([1, 2, 3].map(() => this.#write(main, [this.#set()])));
        return;
      case 'race':
        return this.#race(main, (this.#other ??= await this.#open()));
      case 'large':
        return this.#write(main, [this.#set(largeBytes)]);
      case 'other process':
        return this.#write((this.#other ??= await this.#open()), [this.#set()]);
      case 'process mode':
        this.#careless ??= await this.#open('process');
        return this.#write(this.#careless, [this.#set()], 'process');
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
  checkReads(oracle: Oracle): void {
    for (const { store } of this.processes) {
      const found = labelsOf(readAll(store));
      const fault = oracle.faultIn(found);
      if (fault !== undefined) throw new Error(`to a process that lives on: ${fault}`);
      oracle.saw(found);
    }
  }

  async end(): Promise<void> {
    for (const each of this.processes) await each.store.close();
  }

  #open(durability: 'full' | 'process' = 'full'): Promise<SimulatedStore> {
    return this.system.open({ durability }, this.#plant);
  }

  #set(bytes = 0): Operation<string> {
    const number = ++this.#numbers;
    const key = this.#random.pick(keys);
    return { type: 'set', key, value: valueOf(number, bytes), at: this.#time(number) };
  }

  #delete(): Operation<string> {
    return { type: 'delete', key: this.#random.pick(keys), at: this.#time(++this.#numbers) };
  }

  /** Of no two writes the same, and in no order. */
  #time(number: number): number {
    return (number * 7919) % 1_000_003;
  }

  async #write(
    { store }: SimulatedStore,
    operations: Operation<string>[],
    durability: 'full' | 'process' = 'full',
  ): Promise<void> {
    const labels = operations.map((each) =>
      labelOf(each.key, Number(each.at), each.type === 'set' ? each.value : undefined),
    );
    this.recording.note((oracle) => {
      oracle.submitted(labels, durability);
    });
    try {
      await store.batch(operations);
      this.recording.note((oracle) => {
        oracle.acknowledged(labels);
      });
    } catch (error) {
      this.#requireExpected(error);
      if (error instanceof TimekvError && error.code === 'ERR_TIMEKV_OUTCOME_UNKNOWN') return;
      this.recording.note((oracle) => {
        oracle.refused(labels);
      });
    }
  }

  /** Two processes write at once, and their syncs end in any order. */
  async #race(...processes: SimulatedStore[]): Promise<void> {
    const writes = processes.flatMap((each) => {
      const turns = this.#random.integer(0, 6);
      each.fileSystem.syncGate = async () => {
        for (let turn = 0; turn < turns; turn++) await nextTurn();
      };
      return [[this.#set()], [this.#set(), this.#set()]].map(async (operations) => {
        await this.#write(each, operations);
        // What is visible now must stay, whichever of the syncs have ended.
        this.#readIfItCan(each);
      });
    });
    await Promise.all(writes);
    for (const { fileSystem } of processes) fileSystem.syncGate = () => Promise.resolve();
  }

  #read({ store }: SimulatedStore): void {
    store.refresh();
    const found = labelsOf(readAll(store));
    this.recording.note((oracle) => {
      oracle.saw(found);
    });
  }

  #readIfItCan(process: SimulatedStore): void {
    try {
      this.#read(process);
    } catch (error) {
      this.#requireExpected(error);
    }
  }

  #requireExpected(error: unknown): void {
    const isExpected = error instanceof TimekvError && tellsOfFault.includes(error.code);
    if (this.#plant === undefined || !isExpected) throw error;
  }
}
