/** One batch on the plain model: its operations in order, on a state of which nobody knows yet. */
import { invalidArgument } from '../../src/base/errors.js';
import type { Operation, Time, Unit } from '../../src/options.js';
import { answer, conflict, type Done, type ModelEntry, requireTimestamp } from './model-entries.js';
import type { ModelSnapshot, ModelState } from './model-state.js';

type Write<V> = Exclude<Operation<V>, { type: 'erase' }>;

export class ModelCommit<V> {
  readonly #unit: Unit;
  readonly #clockNow: number;
  readonly #before: ModelState<V>;
  /** What may be seen of the state before. */
  readonly #seenBefore: readonly ModelEntry<V>[];
  #after: ModelState<V>;

  constructor(unit: Unit, clockNow: number, before: ModelState<V>) {
    this.#unit = unit;
    this.#clockNow = clockNow;
    this.#before = before;
    this.#seenBefore = before.view.seen(before.entries);
    this.#after = before;
  }

  get state(): ModelState<V> {
    return this.#after;
  }

  /** @returns the timestamp written */
  write(operation: Write<V>): number {
    const { largest, lastNow } = this.#after;
    const batchNow = Math.max(this.#clockNow, this.#before.lastNow + 1);
    const next = this.#unit === 'tick' ? largest + 1 : batchNow;
    const asked = operation.at === undefined ? next : toNumber(this.#unit, operation.at);
    const entry = this.#entry(operation, asked);
    const { timestamp } = entry;
    const isFirst = this.#after.done.every((each) => 'at' in each);
    this.#push(entry);
    this.#after = {
      ...this.#after,
      entries: [...this.#after.entries, entry],
      largest: isFirst ? timestamp : Math.max(largest, timestamp),
      lastNow: operation.at === undefined ? Math.max(lastNow, timestamp) : lastNow,
    };
    return timestamp;
  }

  /**
   * @param told what the store has answered: of versions that retention has let go it may still have
   *   some
   * @returns how many versions went
   */
  erase(key: string, at: number | 'all', told?: unknown): number {
    const { all, certain } = this.#erasable(key, at);
    const isPossible = typeof told === 'number' && certain <= told && told <= all.size;
    const count = isPossible ? told : certain;
    if (count === 0) return 0;
    const { entries, view, snapshots } = this.#after;
    const without = (each: typeof view) =>
      at === 'all' ? each.withoutAll(key) : each.without(entries, key, at);
    const left = [...snapshots].map(
      ([name, snapshot]) => [name, { ...snapshot, view: without(snapshot.view) }] as const,
    );
    this.#push({ key, at, seq: this.#after.done.length + 1 });
    this.#after = {
      ...this.#after,
      entries: entries.filter((entry) => !isMeant(entry, key, at)),
      view: without(view),
      snapshots: new Map<string, ModelSnapshot<V>>(left),
    };
    return count;
  }

  /** True if what an erasure answers depends on what retention has left on the disk. */
  isDoubtful(key: string, at: number | 'all'): boolean {
    const { all, certain } = this.#erasable(key, at);
    return certain < all.size;
  }

  /** Puts a stub in the place of a version that has expired. */
  takeOut({ key, timestamp, expiresAt }: ModelEntry<V>): void {
    const seq = this.#after.done.length + 1;
    const stub = { key, timestamp, expiresAt, seq, state: 'expired' as const };
    this.#push(stub);
    this.#after = { ...this.#after, entries: [...this.#after.entries, stub] };
  }

  /** The timestamps of what would be erased, and how many of them can be read somewhere still. */
  #erasable(key: string, at: number | 'all'): { all: ReadonlySet<number>; certain: number } {
    const { entries, view, snapshots } = this.#after;
    const meant = entries.filter((entry) => isMeant(entry, key, at));
    const views = [view, ...[...snapshots.values()].map((snapshot) => snapshot.view)];
    const own = entries.filter((entry) => entry.key === key);
    const seen = new Set(views.flatMap((each) => each.seen(own)));
    return {
      all: timesOf(meant),
      certain: timesOf(meant.filter((entry) => seen.has(entry))).size,
    };
  }

  #push(done: Done<V>): void {
    const committedAt = [...this.#after.committedAt, this.#clockNow];
    this.#after = { ...this.#after, done: [...this.#after.done, done], committedAt };
  }

  #entry(operation: Write<V>, asked: number): ModelEntry<V> {
    const { key } = operation;
    const { done, entries, view } = this.#after;
    const seq = done.length + 1;
    requireTimestamp(asked);
    view.requireKept(asked, key);
    if (operation.type === 'delete') {
      return { key, timestamp: asked, seq, state: 'deleted', expiresAt: Infinity };
    }
    const taken = timesOf(view.seen(entries.filter((entry) => entry.key === key)));
    let timestamp = asked;
    if (operation.onConflict === 'fail' && taken.has(asked)) throw conflict('taken');
    if (operation.onConflict === 'bump') {
      while (taken.has(timestamp)) timestamp += 1;
      if (timestamp > asked + (operation.maxBump ?? 1000)) throw conflict('no free timestamp');
      if (!Number.isSafeInteger(timestamp)) throw conflict('no free timestamp');
    }
    if (operation.ifSeq !== undefined) {
      // Before the mark of a key that this batch erases, nobody knows what was there.
      this.#before.view.requireKept(timestamp, key);
      const current = answer(this.#seenBefore, key, timestamp)?.seq ?? 'none';
      if (current !== operation.ifSeq) throw conflict(`ifSeq, but it is ${current}`);
    }
    const expiresAt =
      operation.expiresAt !== undefined
        ? toNumber(this.#unit, operation.expiresAt)
        : timestamp + (operation.ttl ?? Infinity);
    if (expiresAt <= timestamp) throw invalidArgument('it would expire before it begins');
    if (expiresAt !== Infinity) requireTimestamp(expiresAt);
    return { key, timestamp, seq, state: 'value', value: operation.value, expiresAt };
  }
}

export function toNumber(unit: Unit, time: Time): number {
  if (typeof time === 'number') return time;
  if (unit === 'us') return time.getTime() * 1000;
  throw invalidArgument('a Date in a tick store');
}

function isMeant<V>(entry: ModelEntry<V>, key: string, at: number | 'all'): boolean {
  return entry.key === key && (at === 'all' || entry.timestamp === at);
}

function timesOf<V>(entries: readonly ModelEntry<V>[]): Set<number> {
  return new Set(entries.map(({ timestamp }) => timestamp));
}
