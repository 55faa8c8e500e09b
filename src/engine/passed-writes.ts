/**
 * What a judge has let pass and the store does not hold yet, for one key: of the batches before, as
 * a read would find it, and of the batch at hand, which may still be refused as a whole.
 */
import type { Found } from '../base/cursor.js';
import { Kind } from '../base/entry.js';
import { TakenTimes } from './taken-times.js';

export type Passed = Omit<Found, 'value' | 'locateValue' | 'keep'>;

export class PassedWrites {
  /** Of the batches before: by timestamp, each once, the last one written. */
  readonly #before: Passed[] = [];
  /** Of the batches before too, in order, and not among them yet: that is done when a read asks. */
  #kept: Passed[] = [];
  /** Of the batch at hand, in order. */
  #batch: Passed[] = [];
  /** So many of them are among the taken times: most keys are written once and never asked for. */
  #indexed = 0;
  /** Whatever happens to the batch at hand, these are taken. */
  readonly #taken = new TakenTimes();
  #takenInBatch = new TakenTimes();
  /** What the batch at hand has erased of what was there before. (Such a batch comes alone.) */
  #erased: Set<number> | 'all' | undefined;
  /** Up to here the batch at hand has erased what is known of the key; −Infinity: it has not. */
  mark = -Infinity;

  add(passed: Passed): void {
    this.#batch.push(passed);
  }

  /** The batch at hand was let pass. */
  keepBatch(): void {
    for (const passed of this.#batch) {
      this.#taken.add(passed.timestamp);
      this.#kept.push(passed);
    }
    this.dropBatch();
  }

  /** The batch at hand was refused. */
  dropBatch(): void {
    this.#batch = [];
    this.#indexed = 0;
    this.#takenInBatch = new TakenTimes();
    this.#erased = undefined;
    this.mark = -Infinity;
  }

  /** True if the batch at hand has erased anything. */
  get hasErased(): boolean {
    return this.#erased !== undefined;
  }

  /** True if nothing that is in the store counts any more. */
  get hasErasedAll(): boolean {
    return this.#erased === 'all';
  }

  /** @param timestamp undefined: everything */
  erase(timestamp: number | undefined): void {
    this.#batch = this.#batch.filter((passed) => {
      return timestamp !== undefined && passed.timestamp !== timestamp;
    });
    this.#indexed = 0;
    this.#takenInBatch = new TakenTimes();
    if (timestamp === undefined) {
      this.#erased = 'all';
    } else if (this.#erased !== 'all') {
      this.#erased ??= new Set();
      this.#erased.add(timestamp);
    }
  }

  /** @param isInStore asked if the batch at hand says nothing of it */
  isTaken(timestamp: number, isInStore: (timestamp: number) => boolean): boolean {
    this.#indexBatch();
    if (this.#takenInBatch.firstFree(timestamp) !== timestamp) return true;
    if (this.#erased === 'all' || this.#erased?.has(timestamp) === true) return false;
    return this.#taken.firstFree(timestamp) !== timestamp || isInStore(timestamp);
  }

  /** True if the last write at this timestamp is a tombstone. */
  isDeletedAt(timestamp: number): boolean {
    const inBatch = this.#batch.findLast((passed) => passed.timestamp === timestamp);
    const last = inBatch ?? (this.hasErased ? undefined : this.find(timestamp));
    return last?.timestamp === timestamp && last.kind === Kind.tombstone;
  }

  /** How many timestamps are taken, by the batch at hand or, as far as it left them, in the store. */
  countTaken(inStore: Iterable<number>): number {
    return this.left(inStore).size;
  }

  /** The timestamps that are taken, by the batch at hand or, as far as it left them, in the store. */
  left(inStore: Iterable<number>): Set<number> {
    const taken = new Set(this.#batch.map(({ timestamp }) => timestamp));
    if (this.#erased === 'all') return taken;
    for (const timestamp of inStore) {
      if (this.#erased?.has(timestamp) !== true) taken.add(timestamp);
    }
    return taken;
  }

  /** What a read as of the timestamp would find of the batches before. */
  find(timestamp: number): Passed | undefined {
    for (const passed of this.#kept) this.#sortIn(passed);
    this.#kept = [];
    return this.#before[this.#firstAfter(timestamp) - 1];
  }

  /**
   * The first timestamp from `from` on that is not taken, or one after `last` if there is none up to
   * there.
   * @param isInStore asked once for each timestamp of which nothing is known yet
   */
  firstFree(from: number, last: number, isInStore: (timestamp: number) => boolean): number {
    let free = from;
    if (this.#erased !== undefined) {
      while (free <= last && this.isTaken(free, isInStore)) free++;
      return free;
    }
    this.#indexBatch();
    for (;;) {
      const next = this.#takenInBatch.firstFree(this.#taken.firstFree(free));
      if (next === free) {
        if (free > last || !isInStore(free)) break;
        this.#taken.add(free);
      }
      free = next;
    }
    this.#takenInBatch.addRange(from, free);
    return free;
  }

  #indexBatch(): void {
    for (; this.#indexed < this.#batch.length; this.#indexed++) {
      const passed = this.#batch[this.#indexed];
      if (passed !== undefined) this.#takenInBatch.add(passed.timestamp);
    }
  }

  #sortIn(passed: Passed): void {
    const index = this.#firstAfter(passed.timestamp);
    const isReplaced = this.#before[index - 1]?.timestamp === passed.timestamp;
    if (isReplaced) this.#before[index - 1] = passed;
    else this.#before.splice(index, 0, passed);
  }

  #firstAfter(timestamp: number): number {
    let low = 0;
    let high = this.#before.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#before[middle]?.timestamp ?? Infinity) > timestamp) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
