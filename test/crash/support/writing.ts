/** What processes write in a workload, and what the oracle is told of it. */
import { type ErrorCode, TimekvError } from '../../../src/base/errors.js';
import type { Operation } from '../../../src/options.js';
import type { Store } from '../../../src/store.js';
import type { Random } from '../../support/random.js';
import type { SimulatedStore } from '../../support/simulated-system.js';
import { byExpiry, keys, readAll, takenOut, valueOf, type Written } from './labels.js';
import type { Recording } from './recording.js';
import { WrittenSoFar } from './written-so-far.js';

/** What an operation that fails may be told as; that nothing was damaged, all can read. */
const tellsOfFault: readonly ErrorCode[] = [
  'ERR_TIMEKV_IO',
  'ERR_TIMEKV_OUTCOME_UNKNOWN',
  'ERR_TIMEKV_POISONED',
];

export class Writing {
  readonly #recording: Recording;
  readonly #random: Random;
  readonly #mayFail: boolean;
  readonly #written = new WrittenSoFar();
  #numbers = 0;
  /** False once nobody knows what came of an operation. */
  isCertain = true;

  /** @param mayFail errors of ours are answers like others */
  constructor(recording: Recording, random: Random, mayFail: boolean) {
    this.#recording = recording;
    this.#random = random;
    this.#mayFail = mayFail;
  }

  set(bytes = 0, expires = this.#random.next() < 0.2): Operation<string> {
    const number = ++this.#numbers;
    const key = this.#random.pick(keys);
    const at = timeOf(number);
    const set = { type: 'set', key, value: valueOf(number, bytes), at } as const;
    // By now it has expired, and in another order.
    return expires ? { ...set, expiresAt: at + 1 + ((number * 31) % 97) } : set;
  }

  delete(): Operation<string> {
    return { type: 'delete', key: this.#random.pick(keys), at: timeOf(++this.#numbers) };
  }

  /** Of a version that was written, or of all of its key; alone, or among other operations. */
  erasure(): Operation<string>[] {
    const random = this.#random;
    const { all } = this.#written;
    const { key, timestamp } = all.length > 0 ? random.pick(all) : { key: 'a', timestamp: 0 };
    const at = random.next() < 0.5 ? 'all' : timestamp;
    const erase = { type: 'erase', key, at } as const;
    return random.next() < 0.6 ? [erase] : [this.set(), erase, this.delete()];
  }

  async write(
    { store }: SimulatedStore,
    operations: Operation<string>[],
    durability: 'full' | 'process' = 'full',
  ): Promise<void> {
    const { labels, ...hiding } = this.#written.submit(operations);
    this.#recording.note((oracle) => {
      oracle.submitted(labels, { durability, ...hiding });
    });
    try {
      const { firstSeq, seqs } = await store.commit(operations);
      this.#recording.note((oracle) => {
        for (const [index, label] of labels.entries()) {
          const seq = seqs === undefined ? firstSeq + index : seqs[index];
          if (seq === undefined) oracle.cameToNothing(label);
          else oracle.acknowledged([label], new Map([[seq, label]]));
        }
      });
    } catch (error) {
      this.requireExpected(error);
      if (isUnknown(error)) return;
      this.#recording.note((oracle) => {
        oracle.refused(labels);
      });
    }
  }

  /** Takes out a few of the versions that have expired, the first ones. */
  async expire({ store }: SimulatedStore): Promise<void> {
    const limit = this.#random.integer(1, 4);
    const { labels, hides } = this.#written.submitExpiry(this.#expected(store, limit));
    // Where nobody knows what it finds, it may be any of all.
    const groups = this.isCertain ? [labels] : labels.map((label) => [label]);
    this.#recording.note((oracle) => {
      for (const group of groups) oracle.submitted(group);
      oracle.submitted([], { hides });
    });
    let taken: string[];
    try {
      taken = (await store.expire({ limit })).map(takenOut);
    } catch (error) {
      this.isCertain = false;
      throw error;
    }
    if (this.isCertain && taken.join() !== labels.join()) {
      throw new Error(`it took out ${taken.join()} in place of ${labels.join()}`);
    }
    this.#recording.note((oracle) => {
      oracle.acknowledged(taken);
    });
  }

  /** @throws unless it is an answer that a fault may have */
  requireExpected(error: unknown): void {
    const isExpected = error instanceof TimekvError && tellsOfFault.includes(error.code);
    if (!this.#mayFail || !isExpected) throw error;
    if (error.code === 'ERR_TIMEKV_OUTCOME_UNKNOWN') this.isCertain = false;
  }

  #expected(store: Store, limit: number): readonly Written[] {
    if (!this.isCertain) return this.#written.expiring;
    store.refresh();
    const values = [...readAll(store).values()].filter(({ state }) => state === 'value');
    const expired = values.filter(({ expiresAt }) => expiresAt !== undefined);
    return expired.sort(byExpiry).slice(0, limit);
  }
}

function isUnknown(error: unknown): boolean {
  return error instanceof TimekvError && error.code === 'ERR_TIMEKV_OUTCOME_UNKNOWN';
}

/** Of no two writes the same, and in no order. */
function timeOf(number: number): number {
  return (number * 7919) % 1_000_003;
}
