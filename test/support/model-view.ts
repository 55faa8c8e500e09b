/**
 * What of everything ever written to the plain model may be seen: what was there by a moment, and what
 * retention has left. A store has one, and so has each of its snapshots. It never changes: what is
 * done to a store gives it another one.
 */
import { TimekvError } from '../../src/base/errors.js';
import { type ModelEntry, newestOf } from './model-entries.js';

/** What a policy keeps of each key; an entry that is held is not let go. */
export interface Keeping {
  /** So many of the newest versions at or before `now`. */
  keepVersions: number;
  now: number;
  /** And all that could be asked for as of this time or later. */
  since: number | undefined;
  /** What was written by then is held by a snapshot, and left as far as nothing later went. */
  heldSeq: number;
}

interface Parts<V> {
  /** The last operation that is seen. */
  seq: number;
  /** Reads and writes as of before it are refused. */
  horizon: number;
  /** By key: the same for one key. */
  marks: ReadonlyMap<string, number>;
  /** Let go. */
  lost: ReadonlySet<ModelEntry<V>>;
}

export class ModelView<V> {
  readonly #parts: Parts<V>;

  constructor(parts: Partial<Parts<V>> = {}) {
    const nothing = { seq: Infinity, horizon: -Infinity, marks: new Map(), lost: new Set<never>() };
    this.#parts = { ...nothing, ...parts };
  }

  get horizon(): number {
    return this.#parts.horizon;
  }

  get marks(): readonly number[] {
    return [...this.#parts.marks.values()];
  }

  /** The same as it is now, and without what is written later. */
  upTo(seq: number): ModelView<V> {
    return new ModelView({ ...this.#parts, seq });
  }

  /** Horizons only move forward. */
  withHorizon(horizon: number): ModelView<V> {
    return new ModelView({ ...this.#parts, horizon: Math.max(horizon, this.horizon) });
  }

  /** Before this time what was there may have been let go. */
  firstKept(key?: string): number {
    const mark = key === undefined ? undefined : this.#parts.marks.get(key);
    return Math.max(this.horizon, mark ?? -Infinity);
  }

  /** @throws if what was there at a time may have been let go */
  requireKept(time: number, key?: string): void {
    if (time >= this.firstKept(key)) return;
    throw new TimekvError('ERR_TIMEKV_HISTORY_TRUNCATED', `${key ?? 'all'} before ${time}`);
  }

  /** What is seen of entries, which are in the order of their seqs. */
  seen(entries: readonly ModelEntry<V>[]): ModelEntry<V>[] {
    const there = this.#left(entries);
    if (this.horizon === -Infinity) return there;
    const bases = new Map<string, ModelEntry<V>>();
    for (const entry of there) {
      const base = bases.get(entry.key);
      const isLater = base === undefined || entry.timestamp >= base.timestamp;
      if (entry.timestamp <= this.horizon && isLater) bases.set(entry.key, entry);
    }
    return there.filter(({ key, timestamp }) => {
      const base = bases.get(key);
      if (base === undefined || timestamp > base.timestamp) return true;
      return timestamp === base.timestamp && base.state !== 'deleted';
    });
  }

  /**
   * After a version is erased: where it was the first of its key that may be asked for, what was there
   * before the next one is unknown from now on.
   */
  without(entries: readonly ModelEntry<V>[], key: string, time: number): ModelView<V> {
    const there = this.#left(entries).filter((entry) => entry.key === key);
    const times = there.map(({ timestamp }) => timestamp);
    const base = Math.max(...times.filter((each) => each <= this.horizon));
    const mark = this.#parts.marks.get(key);
    if (time !== (Number.isFinite(base) ? base : mark)) return this;
    const next = Math.min(...times.filter((each) => each > time));
    return this.#losing(entries, key, Number.isFinite(next) ? next : undefined);
  }

  /** After a whole history is erased. */
  withoutAll(key: string): ModelView<V> {
    return this.#parts.marks.has(key) ? this.#losing([], key, undefined) : this;
  }

  /** After a policy is applied to some of the keys. */
  keeping(
    entries: readonly ModelEntry<V>[],
    policy: Keeping,
    isMeant: (key: string) => boolean,
  ): ModelView<V> {
    const seen = this.seen(entries);
    const keys = [...new Set(seen.map(({ key }) => key))].filter(isMeant);
    return keys.reduce<ModelView<V>>((view, key) => {
      const versions = seen.filter((entry) => entry.key === key);
      const first = oldestKept(versions, policy);
      const beyond = newestOf(versions).filter(({ timestamp }) => timestamp < first);
      const notHeld = beyond.filter(({ seq }) => seq > policy.heldSeq);
      if (notHeld.length === 0) return view;
      const lost = Math.max(...notHeld.map(({ timestamp }) => timestamp));
      const left = versions.map(({ timestamp }) => timestamp).filter((time) => time > lost);
      return view.#losing(entries, key, Math.min(...left));
    }, this);
  }

  /** What was there by the moment, and was not let go. */
  #left(entries: readonly ModelEntry<V>[]): ModelEntry<V>[] {
    const { seq: last, lost } = this.#parts;
    return entries.filter((entry) => entry.seq <= last && !lost.has(entry));
  }

  /** @param mark undefined: all that there is of the key is lost */
  #losing(entries: readonly ModelEntry<V>[], key: string, mark: number | undefined): ModelView<V> {
    const marks = new Map(this.#parts.marks);
    if (mark === undefined) marks.delete(key);
    else marks.set(key, mark);
    const gone = this.#left(entries).filter(
      (entry) => entry.key === key && entry.timestamp < (mark ?? Infinity),
    );
    return new ModelView({ ...this.#parts, marks, lost: new Set([...this.#parts.lost, ...gone]) });
  }
}

/** The oldest timestamp of a key that the policy keeps. */
function oldestKept<V>(
  versions: readonly ModelEntry<V>[],
  { keepVersions, now, since }: Keeping,
): number {
  const times = [...new Set(versions.map(({ timestamp }) => timestamp))].sort((a, b) => b - a);
  const past = times.filter((time) => time <= now);
  const byCount = past[keepVersions - 1] ?? -Infinity;
  if (since === undefined) return byCount;
  return Math.min(byCount, past.find((time) => time <= since) ?? -Infinity);
}
