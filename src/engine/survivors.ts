/**
 * What of a row of entries goes into a new segment: not what an erasure among them hides, nor the
 * values that have expired and were taken out. Erasures themselves go once nothing older can be left
 * that they hide. What is hidden comes right behind what hides it, so one look at each is enough.
 */
import type { Cursor } from '../base/cursor.js';
import { isErasure, Kind } from '../base/entry.js';
import { type EntryAt, EntryOf } from '../base/entry-at.js';
import { keyInExpiry } from '../base/expiry-order.js';
import { isErased, type Sources } from './erasures.js';
import { type ExpiredUpTo, isTakenOut } from './table-traits.js';

/** What may go where entries are written anew. Plain values, so that a thread can be told. */
export interface Rules {
  /** Something older may be left elsewhere that an erasure hides. */
  keepsErasures: boolean;
  /** How far versions were taken out in the order of expiry, by anybody. */
  expired: readonly ExpiredUpTo[];
  /** The last seqs of named snapshots. */
  snapshots: readonly number[];
}

/** Entries that can be gone through, once. */
export type Row = EntryAt & Pick<Cursor, 'valid' | 'staysOnKey' | 'next'>;

/** The versions that stay. */
class Survivors extends EntryOf implements Row {
  readonly #keepsErasures: boolean;
  readonly #snapshots: readonly number[];
  /** Of the key at hand, what has a smaller seq is erased. */
  #erasedBelow = 0;
  /** Of its timestamp at hand too; and the stub that took the value behind it out, until that has come. */
  #timestamp = NaN;
  #versionBelow = 0;
  #takenOutBy = 0;

  staysOnKey = false;

  /** @param base stands on its first entry */
  constructor(base: Cursor, { keepsErasures, snapshots }: Rules) {
    super(base);
    this.#keepsErasures = keepsErasures;
    this.#snapshots = snapshots;
    this.#settle(true);
    this.staysOnKey = false;
  }

  get valid(): boolean {
    return this.base.valid;
  }

  next(): void {
    const { base } = this;
    base.next();
    if (base.valid) this.#settle(!base.staysOnKey);
  }

  /** @param isNewKey the entry here is the first one of its key */
  #settle(isNewKey: boolean): void {
    const { base } = this;
    this.staysOnKey = !isNewKey;
    if (isNewKey) this.#beginKey();
    while (base.valid && !this.#stays()) this.#passBy();
  }

  #passBy(): void {
    const { base } = this;
    base.next();
    if (!base.valid || base.staysOnKey) return;
    this.staysOnKey = false;
    this.#beginKey();
  }

  #beginKey(): void {
    this.#erasedBelow = 0;
    this.#timestamp = NaN;
  }

  #stays(): boolean {
    const { timestamp, seq, kind } = this.base;
    if (timestamp !== this.#timestamp) {
      this.#timestamp = timestamp;
      this.#versionBelow = 0;
      this.#takenOutBy = 0;
    }
    if (seq < this.#erasedBelow || seq < this.#versionBelow) return false;
    if (kind === Kind.value) return this.#staysValue(seq);
    if (kind === Kind.stub) this.#takenOutBy = seq;
    if (kind === Kind.erasure) this.#versionBelow = seq;
    if (kind === Kind.historyErasure) this.#erasedBelow = Math.max(this.#erasedBelow, seq);
    return !isErasure(kind) || this.#keepsErasures;
  }

  /** The value right behind a stub goes, unless a snapshot was taken between the two. */
  #staysValue(seq: number): boolean {
    const takenOutBy = this.#takenOutBy;
    this.#takenOutBy = 0;
    if (takenOutBy === 0) return true;
    return this.#snapshots.some((snapshot) => seq <= snapshot && snapshot < takenOutBy);
  }
}

/**
 * The entries in the order of expiry that stay: of versions that are neither taken out nor erased, and
 * of those whose values a snapshot needs: in a backup of it they are not taken out yet.
 */
class ExpirySurvivors extends EntryOf implements Row {
  readonly #expired: readonly ExpiredUpTo[];
  readonly #snapshots: readonly number[];
  readonly #sources: Sources;

  staysOnKey = false;

  /** @param base stands on its first entry */
  constructor(base: Cursor, { expired, snapshots }: Rules, sources: Sources) {
    super(base);
    this.#expired = expired;
    this.#snapshots = snapshots;
    this.#sources = sources;
    this.#settle();
  }

  get valid(): boolean {
    return this.base.valid;
  }

  next(): void {
    this.base.next();
    this.#settle();
  }

  /** Few of them share a key: whether they do is left to be found out. */
  #settle(): void {
    const { base } = this;
    while (base.valid && !this.#stays()) base.next();
  }

  #stays(): boolean {
    const { key, timestamp, seq } = this.base;
    if (this.#expired.some((each) => this.#isGone(each))) return false;
    return !isErased(this.#sources, { key: keyInExpiry(key), timestamp, seq });
  }

  #isGone(expired: ExpiredUpTo): boolean {
    if (!isTakenOut(this.base, expired)) return false;
    const { seq } = this.base;
    return !this.#snapshots.some((snapshot) => seq <= snapshot && snapshot < expired.lastSeq);
  }
}

/** What stays of the entries of some sources; each row stands on its first entry. */
export function surviving(
  { versions, expiries }: { versions: Cursor; expiries: Cursor | undefined },
  rules: Rules,
  sources: Sources,
): { versions: Row; expiries: Row | undefined } {
  return {
    versions: new Survivors(versions, rules),
    expiries: expiries && new ExpirySurvivors(expiries, rules, sources),
  };
}
