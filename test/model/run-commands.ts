/** Runs the same commands on a store and on the model, comparing each answer on the way. */
import { type Store, TimekvError } from '../../src/index.js';
import type { Unit } from '../../src/options.js';
import { ManualClock } from '../support/manual-clock.js';
import { ModelStore } from '../support/model-store.js';
import { openAs } from '../support/stores.js';
import { type Command, toOperation, type Write } from './commands.js';
import { same } from './compare.js';

export class ModelRun {
  readonly clock = new ManualClock(5);
  readonly model: ModelStore;
  readonly #directory: string;
  readonly #unit: Unit;
  /** The handle that commands use; `other handle` swaps them. */
  store: Store;
  #other: Store | undefined;

  private constructor(directory: string, unit: Unit, store: Store, clock: ManualClock) {
    this.#directory = directory;
    this.#unit = unit;
    this.store = store;
    this.clock = clock;
    this.model = new ModelStore(unit, clock);
  }

  static async begin(directory: string, unit: Unit): Promise<ModelRun> {
    const clock = new ManualClock(5);
    const store = await openAs<string>(directory, { unit, clock });
    return new ModelRun(directory, unit, store, clock);
  }

  async end(): Promise<void> {
    await this.store.close();
    await this.#other?.close();
  }

  async run(command: Command): Promise<void> {
    switch (command.do) {
      case 'write':
        return this.#write(command.write);
      case 'batch':
        return this.#batch(command.writes);
      case 'together':
        return this.#together(command.batches);
      case 'load':
        // After the last timestamp there is no now: refused, and how much stays is not promised.
        if (this.model.now() === Number.MAX_SAFE_INTEGER) return;
        same('load', await this.store.load(command.rows), this.model.load(command.rows));
        return;
      case 'clock':
        this.clock.time = command.time;
        return;
      case 'read': {
        const { key, at } = command;
        same(`get(${key}, ${at})`, this.store.get(key, at), this.model.get(key, at));
        return;
      }
      case 'snapshot':
        await this.store.snapshot();
        return;
      case 'compact':
      case 'compact full':
        await this.store.compact({ full: command.do === 'compact full' });
        return;
      case 'reopen':
        if (this.#directory === ':memory:') return;
        await this.store.close();
        this.store = await this.#open();
        return;
      case 'other handle': {
        if (this.#directory === ':memory:') return;
        const other = this.#other ?? (await this.#open());
        this.#other = this.store;
        this.store = other;
        this.store.refresh();
        return;
      }
    }
  }

  #open(): Promise<Store> {
    return openAs<string>(this.#directory, { unit: this.#unit, clock: this.clock });
  }

  async #write(write: Write): Promise<void> {
    const operation = toOperation(write, (key, at) => this.model.version(key, at)?.seq);
    const { type, key, at } = operation;
    await this.#both(`${type} ${key}`, (store) => {
      if (type === 'delete') return store.delete(key, at);
      const { value, type: _type, key: _key, at: _at, ...options } = operation;
      return store.set(key, value, at, options);
    });
  }

  async #batch(writes: Write[]): Promise<void> {
    const operations = writes.map((write) =>
      toOperation(write, (key, at) => this.model.version(key, at)?.seq),
    );
    await this.#both('batch', (store) => store.batch(operations));
  }

  /** Batches that are not awaited one by one: they share a frame, and commit in the order of calls. */
  async #together(batches: Write[][]): Promise<void> {
    const operations = batches.map((writes) =>
      writes.map((write) => toOperation(write, (key, at) => this.model.version(key, at)?.seq)),
    );
    const writing = operations.map((batch) => outcome(() => this.store.batch(batch)));
    const actual = await Promise.all(writing);
    const expected = [];
    for (const batch of operations) expected.push(await outcome(() => this.model.batch(batch)));
    same('together', actual, expected);
  }

  /** The same write to both: the same answer, or refused by both with the same code. */
  async #both(what: string, write: (store: Store | ModelStore) => unknown): Promise<void> {
    const expected = await outcome(() => write(this.model));
    const actual = await outcome(() => write(this.store));
    same(what, actual, expected);
  }
}

async function outcome(action: () => unknown): Promise<unknown> {
  try {
    return await action();
  } catch (error) {
    if (error instanceof TimekvError) return `refused: ${error.code}`;
    throw error;
  }
}
