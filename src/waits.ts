/**
 * All who wait for a commit of some key. One follower reads the log for all of them, and one timer is set
 * for whoever's time comes first: while nothing is committed ten thousand of them cost what one does.
 */
import { monotonicMs } from './base/clock.js';
import type { Entry } from './base/entry.js';
import type { Engine, Follower } from './engine/engine.js';

export interface Wait {
  key: Buffer;
  /** Whether an operation of the key, committed after the call, ends it. */
  isMetBy: (entry: Entry) => boolean;
  /** A time of the store: it ends when *now* is there; Infinity: never. */
  at: number;
  /** Longest, in milliseconds. */
  timeout: number;
  signal: AbortSignal | undefined;
}

/** How it ended: by an operation, by the store's clock, or it took too long. */
export type Outcome = 'met' | 'due' | 'late';

interface Waiter extends Wait {
  name: string;
  /** The last operation before the call. */
  since: number;
  /** In milliseconds of the monotonic clock. */
  deadline: number;
  end: (outcome: Outcome) => void;
  fail: (error: unknown) => void;
}

export class Waits {
  readonly #open: () => Engine;
  readonly #byName = new Map<string, Set<Waiter>>();
  #isRunning = false;
  /** Ends the sleep at hand. */
  #nudge = new AbortController();
  /** What the sleep at hand is until: nobody's time comes before. */
  #nextDeadline = Infinity;
  #nextAt = Infinity;

  /** @param open answers the engine, or throws once the store is closed */
  constructor(open: () => Engine) {
    this.#open = open;
  }

  /**
   * @param since the last operation that does not count any more
   * @throws the reason of the signal; ERR_TIMEKV_CLOSED, and whatever following the log throws
   */
  async wait(wait: Wait, since: number): Promise<Outcome> {
    const { key, signal, timeout } = wait;
    signal?.throwIfAborted();
    if (!this.#isRunning) this.#run(this.#open().follow(since, this.#isWanted));
    const name = nameOf(key);
    const deadline = monotonicMs() + timeout;
    let leave: () => void = () => undefined;
    try {
      const outcome = await new Promise<Outcome>((end, fail) => {
        const waiter = { ...wait, name, since, deadline, end, fail };
        this.#add(waiter);
        leave = () => {
          this.#remove(waiter);
          end('late');
        };
        signal?.addEventListener('abort', leave);
      });
      if (outcome === 'late') signal?.throwIfAborted();
      return outcome;
    } finally {
      signal?.removeEventListener('abort', leave);
    }
  }

  readonly #isWanted = (key: Buffer): boolean => this.#byName.has(nameOf(key));

  #add(waiter: Waiter): void {
    const { name, deadline, at } = waiter;
    const others = this.#byName.get(name);
    if (others === undefined) this.#byName.set(name, new Set([waiter]));
    else others.add(waiter);
    if (deadline >= this.#nextDeadline && at >= this.#nextAt) return;
    this.#nextDeadline = Math.min(this.#nextDeadline, deadline);
    this.#nextAt = Math.min(this.#nextAt, at);
    this.#nudge.abort();
  }

  #remove(waiter: Waiter): void {
    const others = this.#byName.get(waiter.name);
    others?.delete(waiter);
    if (others?.size === 0) this.#byName.delete(waiter.name);
    if (this.#byName.size === 0) this.#nudge.abort();
  }

  #run(follower: Follower): void {
    this.#isRunning = true;
    const followed = async () => {
      try {
        // Whoever has called joins in this turn.
        await Promise.resolve();
        while (this.#byName.size > 0) await this.#turn(follower);
      } catch (error) {
        for (const waiter of this.#all()) {
          this.#remove(waiter);
          waiter.fail(error);
        }
      } finally {
        this.#isRunning = false;
        this.#nextDeadline = Infinity;
        this.#nextAt = Infinity;
        follower.close();
      }
    };
    void followed();
  }

  /** Looks, ends whatever is over, and sleeps. */
  async #turn(follower: Follower): Promise<void> {
    this.#nudge = new AbortController();
    for (let found = await follower.next(); found !== undefined; found = await follower.next()) {
      for (const entry of found) this.#tell(entry);
    }
    const now = this.#open().now();
    this.#endDue(now);
    if (this.#byName.size === 0) return;
    const untilAt = this.#open().unit === 'us' ? Math.ceil((this.#nextAt - now) / 1000) : Infinity;
    const sleep = Math.min(this.#nextDeadline - monotonicMs(), untilAt);
    await follower.changed(sleep, this.#nudge.signal);
  }

  #tell(entry: Entry): void {
    for (const waiter of this.#byName.get(nameOf(entry.key)) ?? []) {
      if (entry.seq <= waiter.since || !waiter.isMetBy(entry)) continue;
      this.#remove(waiter);
      waiter.end('met');
    }
  }

  #endDue(now: number): void {
    const time = monotonicMs();
    if (now < this.#nextAt && time < this.#nextDeadline) return;
    this.#nextAt = Infinity;
    this.#nextDeadline = Infinity;
    for (const waiter of this.#all()) {
      const { at, deadline } = waiter;
      if (now < at && time < deadline) {
        this.#nextAt = Math.min(this.#nextAt, at);
        this.#nextDeadline = Math.min(this.#nextDeadline, deadline);
        continue;
      }
      this.#remove(waiter);
      waiter.end(now >= at ? 'due' : 'late');
    }
  }

  #all(): Waiter[] {
    return [...this.#byName.values()].flatMap((waiters) => [...waiters]);
  }
}

/** A key as text of one character a byte. */
function nameOf(key: Buffer): string {
  return key.toString('latin1');
}
