/**
 * What retention lets go, key by key; pure. It is told the entries of a key that no erasure hides, the
 * latest timestamp first. What lies before the newest version at or before the horizon goes. Where a
 * policy counts versions, the first one that is not kept becomes a mark, behind which everything goes.
 * What a named snapshot can have seen stays: to readers of the store it is hidden all the same.
 */
import { type Entry, isMark, Kind } from '../base/entry.js';

/** What may be let go where entries are written anew. Plain values, so that a thread can be told. */
export interface Retention {
  /** −Infinity: there is none. */
  horizon: number;
  /** Nothing older than what is written anew lies elsewhere: a tombstone at the horizon may go. */
  isWhole: boolean;
  keep: Keep | undefined;
}

/** How many versions of a key stay, of those up to *now*. */
export interface Keep {
  versions: number;
  now: number;
  /** All later ones stay too, and the newest one up to here; Infinity: only those counted. */
  since: number;
}

export type Verdict = 'stays' | 'goes' | 'becomes a mark';

export class Trimming {
  readonly #retention: Retention;
  readonly #hasSnapshots: boolean;
  readonly #lastSnapshot: number;
  /** Of the key at hand: a mark has come, so many versions, those at the horizon and at `since`. */
  #isCut = false;
  #count = 0;
  #hasBase = false;
  #hasSince = false;

  /** @param snapshots the last seqs of named snapshots */
  constructor(retention: Retention | undefined, snapshots: readonly number[]) {
    this.#retention = retention ?? nothingGoes;
    this.#hasSnapshots = snapshots.length > 0;
    this.#lastSnapshot = Math.max(0, ...snapshots);
  }

  beginKey(): void {
    this.#isCut = false;
    this.#count = 0;
    this.#hasBase = false;
    this.#hasSince = this.#retention.keep?.since === Infinity;
  }

  /** What erases a version and marks its key; true if another mark of the key has come before. */
  passMark(): boolean {
    const wasCut = this.#isCut;
    this.#isCut = true;
    return wasCut;
  }

  /** @param isReplaced it has the timestamp of the version before */
  judge(entry: Pick<Entry, 'timestamp' | 'seq' | 'kind'>, isReplaced: boolean): Verdict {
    const { timestamp, seq, kind } = entry;
    const { horizon, keep } = this.#retention;
    const ifHeld = this.#hasSnapshots && seq <= this.#lastSnapshot ? 'stays' : 'goes';
    if (this.#isCut || (this.#hasBase && timestamp <= horizon)) return ifHeld;
    if (isMark(kind)) {
      this.#isCut = true;
      return 'stays';
    }
    if (isReplaced) {
      const isReached = timestamp <= horizon || (keep !== undefined && timestamp <= keep.now);
      return isReached ? ifHeld : 'stays';
    }
    // The horizon has let it go, whether it still lies here or not: a policy does not count it.
    if (kind === Kind.tombstone && timestamp <= horizon) return this.#judgeBase(kind);
    if (keep !== undefined && timestamp <= keep.now && !this.#isCounted(timestamp, keep)) {
      if (ifHeld === 'stays') return ifHeld;
      this.#isCut = true;
      return 'becomes a mark';
    }
    return timestamp <= horizon ? this.#judgeBase(kind) : 'stays';
  }

  /** Of a version up to *now*: whether the policy keeps it. */
  #isCounted(timestamp: number, { versions, since }: Keep): boolean {
    const isCounted = this.#count < versions || timestamp > since || !this.#hasSince;
    this.#count++;
    if (timestamp <= since) this.#hasSince = true;
    return isCounted;
  }

  #judgeBase(kind: Kind): Verdict {
    this.#hasBase = true;
    // What is held behind it must not show through.
    const mayGo = this.#retention.isWhole && !this.#hasSnapshots;
    return kind === Kind.tombstone && mayGo ? 'goes' : 'stays';
  }
}

const nothingGoes: Retention = { horizon: -Infinity, isWhole: false, keep: undefined };
