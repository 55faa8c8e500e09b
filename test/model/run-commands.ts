/** Runs the same commands on a store and on the model, comparing each answer on the way. */
import type { Store } from '../../src/index.js';
import type { LoadOptions, Unit } from '../../src/options.js';
import { ModelStore } from '../support/model-store.js';
import { Backups } from './backups.js';
import { type Command, toOperation, type Write } from './commands.js';
import { same } from './compare.js';
import { letGo } from './letting-go.js';
import { outcome } from './outcome.js';
import type { ModelPlace } from './place.js';

/** Something to be written, as a store and the model are asked for it. */
export interface Request {
  ask(store: Store, onProgress?: LoadOptions['onProgress']): Promise<unknown>;
  /** Each of them is there whole or not at all, and none without those before it. */
  parts: readonly ((model: ModelStore, told?: unknown) => unknown)[];
}

/** Of which nothing is ever written. */
const noKey = 'none';

export class ModelRun {
  readonly #place: ModelPlace;
  readonly #unit: Unit;
  readonly backups: Backups;
  model: ModelStore;
  /** The handle that commands use; `other handle` swaps them. */
  store: Store;
  #other: Store | undefined;

  private constructor(place: ModelPlace, unit: Unit, store: Store) {
    this.#place = place;
    this.#unit = unit;
    this.store = store;
    this.model = new ModelStore(unit, place.clock);
    this.backups = new Backups(place);
  }

  static async begin(place: ModelPlace, unit: Unit): Promise<ModelRun> {
    return new ModelRun(place, unit, await place.open(unit));
  }

  async end(): Promise<void> {
    await this.store.close();
    await this.#other?.close();
  }

  /** Processes have died: goes on with a new handle, and without the other one if that died too. */
  goOnWith(store: Store, isAlive: (store: Store) => boolean): void {
    this.store = store;
    if (this.#other !== undefined && !isAlive(this.#other)) this.#other = undefined;
  }

  /** @returns what both have answered: for each request, if the command writes */
  async run(command: Command): Promise<readonly unknown[]> {
    const requests = this.requests(command);
    // Not awaited one by one: they share a frame, and commit in the order of calls.
    const asked = requests.map((request) => outcome(() => request.ask(this.store)));
    const actual = await Promise.all(asked);
    const expected = [];
    for (const [number, { parts }] of requests.entries()) {
      expected.push(await answer(this.model, parts, actual[number]));
    }
    same(command.do, actual, expected);
    await this.runOther(command);
    return expected;
  }

  /**
   * What a command asks to be written; nothing if it is another one.
   * @param mustBeSure nothing whose answer depends on what retention has left on the disk
   */
  requests(command: Command, mustBeSure = false): Request[] {
    switch (command.do) {
      case 'write':
        return [this.#write(command.write, mustBeSure)];
      case 'batch':
        return [this.#batch(command.writes, mustBeSure)];
      case 'together':
        return command.batches.map((writes) =>
          this.#batch(writes, mustBeSure, mustBeSure ? command.batches.flat() : []),
        );
      case 'load': {
        // After the last timestamp there is no now: refused, and how much stays is not promised.
        if (this.model.now() === Number.MAX_SAFE_INTEGER) return [];
        const rows = command.rows.filter(({ key, at }) => !this.model.isTruncated(key, at));
        return [
          {
            ask: (store, onProgress) => store.load(rows, onProgress ? { onProgress } : {}),
            parts: rows.map((row) => (model) => model.load([row])),
          },
        ];
      }
      case 'expire': {
        const options = command.limit === undefined ? {} : { limit: command.limit };
        return [
          {
            ask: (store) => store.expire(options),
            parts: [(model) => model.expire(options)],
          },
        ];
      }
      case 'keep':
      case 'give up': {
        const { name } = command;
        const isKept = command.do === 'keep';
        const ask = (one: Store | ModelStore) =>
          isKept ? one.snapshot(name) : one.removeSnapshot(name);
        return [{ ask: async (store) => ask(store), parts: [ask] }];
      }
      case 'set retention': {
        const ask = (one: Store | ModelStore) => one.setRetention(command.policy);
        return [{ ask: async (store) => ask(store), parts: [ask] }];
      }
      default:
        return [];
    }
  }

  /** Does what a command does beside writing. */
  async runOther(command: Command): Promise<void> {
    switch (command.do) {
      case 'clock':
        this.#place.clock.time = command.time;
        return;
      case 'read': {
        const { key, at } = command;
        const [actual, expected] = await Promise.all(
          [this.store, this.model].map((one) => outcome(() => one.get(key, at))),
        );
        same(`get(${key}, ${at})`, actual, expected);
        return;
      }
      case 'snapshot':
        await this.store.snapshot();
        return;
      case 'compact':
      case 'compact full':
        await this.store.compact({ full: command.do === 'compact full' });
        this.model.compact();
        return;
      case 'let go':
        await letGo(this.store, this.model, command);
        return;
      case 'reopen':
        if (!this.#place.isLasting) return;
        await this.store.close();
        this.store = await this.#open();
        return;
      case 'other handle': {
        if (!this.#place.isLasting) return;
        const other = this.#other ?? (await this.#open());
        this.#other = this.store;
        this.store = other;
        this.store.refresh();
        return;
      }
      case 'back up':
        await this.backups.make(this.store, this.model, command.to, command.name);
        return;
      case 'restore': {
        const restored = await this.backups.restore(command.from);
        if (restored !== undefined) await this.#goOnIn(restored);
        return;
      }
      default: // It writes.
    }
  }

  /** From now on the run is about a store that was restored. */
  async #goOnIn({ directory, model }: { directory: string; model: ModelStore }): Promise<void> {
    const handles = [this.store, this.#other];
    this.#place.moveTo(directory);
    this.model = model;
    this.#other = undefined;
    for (const handle of handles) await handle?.close();
    this.store = await this.#open();
  }

  #open(): Promise<Store> {
    return this.#place.open(this.#unit);
  }

  #write(write: Write, mustBeSure: boolean): Request {
    const operation = this.#operation(write, mustBeSure);
    if (operation.type === 'erase') {
      return {
        ask: (store) => store.erase(operation.key, operation.at),
        parts: [(model, told) => model.batch([operation], [told])[0]],
      };
    }
    const ask = (store: Store | ModelStore) => {
      if (operation.type === 'delete') return store.delete(operation.key, operation.at);
      const { value, type: _, key, at, ...options } = operation;
      return store.set(key, value, at, options);
    };
    return { ask: async (store) => ask(store), parts: [ask] };
  }

  /** @param beside what is under way with it, where nobody may be told what became of that */
  #batch(writes: readonly Write[], mustBeSure: boolean, beside: readonly Write[] = []): Request {
    const operations = writes.map((write) => {
      // If the batch is refused, nobody is told how many versions were there for the next one to meet.
      const isSeenBeside = writes.some((each) => each !== write && each.key === write.key);
      const isInDoubt = beside.some((each) => each.key === write.key && this.#goesAtOnce(each));
      return this.#operation(
        isInDoubt && write.type === 'erase' ? { ...write, key: noKey } : write,
        mustBeSure || isSeenBeside,
      );
    });
    return {
      ask: (store) => store.batch(operations),
      parts: [(model, told) => model.batch(operations, Array.isArray(told) ? told : [])],
    };
  }

  /** True of a tombstone at the horizon: an erasure may count it, or not. */
  #goesAtOnce(write: Write): boolean {
    return write.type === 'delete' && write.at === this.model.retention().horizon;
  }

  #operation(write: Write, mustBeSure: boolean) {
    const isInDoubt = write.type === 'erase' && this.model.isDoubtful(write.key, write.at);
    const isAtLast =
      write.type === 'erase' && write.at !== 'all' && this.model.isNearlyGone(write.key);
    if ((mustBeSure && isInDoubt) || isAtLast) return { ...write, key: noKey };
    return toOperation(write, (key, at) => seqIn(this.model, key, at));
  }
}

/** The seq that a condition has to name; where a read is refused, no number is right. */
function seqIn(model: ModelStore, key: string, at: number | undefined): number | undefined {
  try {
    return model.version(key, at)?.seq;
  } catch {
    return undefined;
  }
}

/** What the model answers; the rows of a load are counted. */
async function answer(model: ModelStore, parts: Request['parts'], told: unknown): Promise<unknown> {
  const answers = [];
  for (const part of parts) answers.push(await outcome(() => part(model, told)));
  return together(answers);
}

/** One answer of those of the parts. */
export function together(answers: readonly unknown[]): unknown {
  return answers.length === 1 ? answers[0] : answers.length;
}
