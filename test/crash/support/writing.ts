/** What processes write in a workload, and what the oracle is told of it. */
import { type ErrorCode, TimekvError } from '../../../src/base/errors.js';
import type { Operation } from '../../../src/options.js';
import type { Random } from '../../support/random.js';
import type { SimulatedStore } from '../../support/simulated-system.js';
import { KeptLimits } from './kept-limits.js';
import {
  byExpiry,
  isTruncated,
  keys,
  readAll,
  readNow,
  takenOut,
  valueOf,
  type Written,
} from './labels.js';
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
  readonly written = new WrittenSoFar();
  /** What must be, and may be, refused since something was let go. */
  readonly limits = new KeptLimits();
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
    const at = this.#timeOf(number);
    const set = { type: 'set', key, value: valueOf(number, bytes), at } as const;
    // By now it has expired, and in another order.
    return expires ? { ...set, expiresAt: at + 1 + ((number * 31) % 97) } : set;
  }

  delete(): Operation<string> {
    return { type: 'delete', key: this.#random.pick(keys), at: this.#timeOf(++this.#numbers) };
  }

  /** Of a version that was written, or of all of its key; alone, or among other operations. */
  erasure(): Operation<string>[] {
    const random = this.#random;
    const { all } = this.written;
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
    const { labels, ...hiding } = this.written.submit(operations);
    const isRefused = this.#mustBeRefused(operations);
    this.limits.submitted(operations);
    this.#recording.note((oracle) => {
      oracle.submitted(labels, { durability, ...hiding });
      oracle.limits.submitted(operations);
    });
    try {
      const { firstSeq, seqs } = await store.commit(operations);
      if (isRefused) throw new Error(`${labels.join()} was written where history was let go`);
      this.#recording.note((oracle) => {
        for (const [index, label] of labels.entries()) {
          const seq = seqs === undefined ? firstSeq + index : seqs[index];
          if (seq === undefined) oracle.cameToNothing(label);
          else oracle.acknowledged([label], new Map([[seq, label]]));
        }
      });
    } catch (error) {
      if (!this.#isLetGo(error, operations)) this.requireExpected(error);
      if (isUnknown(error)) return;
      this.#recording.note((oracle) => {
        oracle.refused(labels);
      });
    }
  }

  /** Takes out a few of the versions that have expired, the first ones. */
  async expire(process: SimulatedStore): Promise<void> {
    const limit = this.#random.integer(1, 4);
    const { labels, hides } = this.written.submitExpiry(this.#expected(process, limit));
    // Where nobody knows what it finds, it may be any of all.
    const groups = this.isCertain ? [labels] : labels.map((label) => [label]);
    this.#recording.note((oracle) => {
      for (const group of groups) oracle.submitted(group);
      oracle.submitted([], { hides });
    });
    let taken: string[];
    try {
      taken = (await process.store.expire({ limit })).map(takenOut);
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

  #expected(process: SimulatedStore, limit: number): readonly Written[] {
    if (!this.isCertain) return this.written.expiring;
    if (this.limits.hasBegun) readNow(process);
    else process.store.refresh();
    const values = [...readAll(process.store).values()].filter(({ state }) => state === 'value');
    const expired = values.filter(({ expiresAt }) => expiresAt !== undefined);
    return expired.sort(byExpiry).slice(0, limit);
  }

  /** Whether nothing may be written there any more; behind an erasure that is left open. */
  #mustBeRefused(operations: readonly Operation<string>[]): boolean {
    const erasure = operations.findIndex(({ type }) => type === 'erase');
    const before = erasure < 0 ? operations : operations.slice(0, erasure);
    return before.some(({ key, at }) => this.limits.isSurelyGone(key, Number(at)));
  }

  /** True if that is what the error says, and it can be: something later was there to be kept. */
  #isLetGo(error: unknown, operations: readonly Operation<string>[]): boolean {
    if (!isTruncated(error) || !this.limits.hasBegun) return false;
    return operations.some(({ key, at }) => {
      const time = Number(at);
      if (this.limits.isMaybeGone(time)) return true;
      return this.written.all.some((each) => each.key === key && each.timestamp > time);
    });
  }

  /** Of no two writes the same; once something was let go, in no order, so that some come too late. */
  #timeOf(number: number): number {
    return (number * (this.limits.hasBegun ? 618_033 : 7919)) % 1_000_003;
  }
}

function isUnknown(error: unknown): boolean {
  return error instanceof TimekvError && error.code === 'ERR_TIMEKV_OUTCOME_UNKNOWN';
}
