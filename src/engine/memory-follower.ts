/** Goes over the operations of a `:memory:` store, of which all are there to be gone over. */
import { Alarm } from '../base/alarm.js';
import type { Entry } from '../base/entry.js';
import { watchPollMs } from '../base/limits.js';
import type { Follower, Wanted } from './engine.js';
import type { Memtable } from './memtable.js';

export interface FollowedTable {
  /** To which everything was added by seq. */
  table: Memtable;
  /** An operation as it is to be told now. */
  told(entry: Entry): Entry;
}

export class MemoryFollower implements Follower {
  readonly #source: FollowedTable;
  readonly #wanted: Wanted;
  readonly #left: () => void;
  readonly #alarm = new Alarm();
  #seq: number;

  /**
   * @param left called once it is closed
   */
  constructor(source: FollowedTable, since: number, wanted: Wanted, left: () => void) {
    this.#source = source;
    this.#seq = since;
    this.#wanted = wanted;
    this.#left = left;
  }

  next(): Promise<Iterable<Entry> | undefined> {
    this.#alarm.hush();
    const from = this.#seq;
    const upTo = this.#source.table.entries;
    if (from >= upTo) return Promise.resolve(undefined);
    this.#seq = upTo;
    return Promise.resolve(this.#entries(from, upTo));
  }

  changed(milliseconds: number, signal: AbortSignal): Promise<void> {
    return this.#alarm.wait(Math.min(milliseconds, watchPollMs), signal);
  }

  /** Something was committed, or the store is closed. */
  wake(): void {
    this.#alarm.ring();
  }

  close(): void {
    this.#left();
  }

  *#entries(from: number, upTo: number): Generator<Entry> {
    for (let seq = from + 1; seq <= upTo; seq++) {
      const entry = this.#source.table.added(seq);
      if (this.#wanted(entry.key)) yield this.#source.told(entry);
    }
  }
}
