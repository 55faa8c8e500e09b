/** Goes over the operations of a `:memory:` store, of which all are there to be gone over. */
import { Alarm } from '../base/alarm.js';
import { type Entry, Kind } from '../base/entry.js';
import { watchPollMs } from '../base/limits.js';
import type { Follower, Wanted } from './engine.js';
import type { Memtable } from './memtable.js';

export interface FollowedTable {
  /** To which everything was added by seq; what retention has let go is not in it any more. */
  table(): Memtable;
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
    const table = this.#source.table();
    const first = firstAfter(table, this.#seq);
    if (first > table.entries) return Promise.resolve(undefined);
    this.#seq = table.added(table.entries).seq;
    return Promise.resolve(this.#entries(table, first, table.entries));
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

  *#entries(table: Memtable, first: number, last: number): Generator<Entry> {
    for (let n = first; n <= last; n++) {
      const entry = table.added(n);
      if (entry.kind !== Kind.mark && this.#wanted(entry.key)) yield this.#source.told(entry);
    }
  }
}

/** The number of the first entry behind a seq. */
function firstAfter(table: Memtable, seq: number): number {
  let low = 1;
  let high = table.entries + 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (table.added(middle).seq > seq) high = middle;
    else low = middle + 1;
  }
  return low;
}
