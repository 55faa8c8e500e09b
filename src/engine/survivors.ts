/**
 * What of a row of entries goes into a new segment: not what an erasure among them hides, nor the
 * values that have expired and were taken out, nor what retention lets go. Erasures themselves go once
 * nothing older can be left that they hide. What is hidden comes behind what hides it, so one look at
 * each is enough.
 */
import { noBytes } from '../base/bytes.js';
import { type Cursor, isAtKey, type Span } from '../base/cursor.js';
import { type Entry, erasesVersion, isErasure, Kind } from '../base/entry.js';
import { type EntryAt, EntryOf } from '../base/entry-at.js';
import { keyInExpiry } from '../base/expiry-order.js';
import { decodeErased } from './erased.js';
import { isErased, type Sources } from './erasures.js';
import { type ExpiredUpTo, isTakenOut } from './table-traits.js';
import { type Retention, Trimming } from './trimming.js';

/** What may go where entries are written anew. Plain values, so that a thread can be told. */
export interface Rules {
  /** Something older may be left elsewhere that an erasure hides. */
  keepsErasures: boolean;
  /** How far versions were taken out in the order of expiry, by anybody. */
  expired: readonly ExpiredUpTo[];
  /** The last seqs of named snapshots. */
  snapshots: readonly number[];
  /** Undefined: nothing is let go that was not before. */
  retention: Retention | undefined;
}

/** Told of each entry that retention lets go. */
export type OnLetGo = (entry: EntryAt) => void;

/** Entries that can be gone through, once. */
export type Row = EntryAt & Pick<Cursor, 'valid' | 'staysOnKey' | 'next'>;

/** The versions that stay. */
export class Survivors extends EntryOf implements Row {
  readonly #keepsErasures: boolean;
  readonly #snapshots: readonly number[];
  readonly #trimming: Trimming;
  readonly #onLetGo: OnLetGo | undefined;
  /** Of the key at hand, what has a smaller seq is erased. */
  #erasedBelow = 0;
  /** Of its timestamp at hand too; and the stub that took the value behind it out, until that has come. */
  #timestamp = NaN;
  #versionBelow = 0;
  #takenOutBy = 0;
  #hasVersion = false;
  /** The entry at hand stays as a mark. */
  #isMark = false;

  staysOnKey = false;

  /** @param base stands on its first entry */
  constructor(base: Cursor, { keepsErasures, snapshots, retention }: Rules, onLetGo?: OnLetGo) {
    super(base);
    this.#keepsErasures = keepsErasures;
    this.#snapshots = snapshots;
    this.#trimming = new Trimming(retention, snapshots);
    this.#onLetGo = onLetGo;
    this.#settle(true);
    this.staysOnKey = false;
  }

  get valid(): boolean {
    return this.base.valid;
  }

  override get kind(): Kind {
    return this.#isMark ? Kind.mark : this.base.kind;
  }

  override get expiresAt(): number {
    return this.#isMark ? Infinity : this.base.expiresAt;
  }

  override value(): Buffer {
    return this.#isMark ? noBytes : this.base.value();
  }

  override locateValue(into: Span): void {
    if (this.#isMark) into.set(noBytes, 0, 0);
    else this.base.locateValue(into);
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
    this.#trimming.beginKey();
  }

  #stays(): boolean {
    const { timestamp, seq, kind } = this.base;
    this.#isMark = false;
    if (timestamp !== this.#timestamp) {
      this.#timestamp = timestamp;
      this.#versionBelow = 0;
      this.#takenOutBy = 0;
      this.#hasVersion = false;
    }
    // A mark is no version, and is not erased with the one in whose place it stands.
    const versionBelow = kind === Kind.mark ? 0 : this.#versionBelow;
    if (seq < this.#erasedBelow || seq < versionBelow) return false;
    if (isErasure(kind)) return this.#staysErasure(kind, seq);
    if (kind === Kind.value && !this.#staysValue(seq)) return false;
    if (kind === Kind.stub) this.#takenOutBy = seq;
    return this.#isKept(this.base);
  }

  #staysErasure(kind: Kind, seq: number): boolean {
    if (erasesVersion(kind)) this.#versionBelow = seq;
    else this.#erasedBelow = Math.max(this.#erasedBelow, seq);
    if (kind !== Kind.markingErasure) return this.#keepsErasures;
    const isCovered = this.#trimming.passMark();
    // A snapshot has to know it from other marks, and may not see the one that covers it.
    if (this.#keepsErasures || this.#snapshots.length > 0) return true;
    this.#isMark = true;
    return !isCovered && decodeErased(this.base.value()).marks !== 'none';
  }

  /** The value right behind a stub goes, unless a snapshot was taken between the two. */
  #staysValue(seq: number): boolean {
    const takenOutBy = this.#takenOutBy;
    this.#takenOutBy = 0;
    if (takenOutBy === 0) return true;
    return this.#snapshots.some((snapshot) => seq <= snapshot && snapshot < takenOutBy);
  }

  #isKept(entry: EntryAt): boolean {
    const isReplaced = this.#hasVersion;
    this.#hasVersion ||= entry.kind !== Kind.mark;
    const verdict = this.#trimming.judge(entry, isReplaced);
    if (verdict === 'stays') return true;
    if (entry.kind !== Kind.mark) this.#onLetGo?.(entry);
    this.#isMark = verdict === 'becomes a mark';
    return this.#isMark;
  }
}

/**
 * The entries in the order of expiry that stay: of versions that are neither taken out nor erased, and
 * of those whose values a snapshot needs: in a backup of it they are not taken out yet.
 */
class ExpirySurvivors extends EntryOf implements Row {
  readonly #expired: readonly ExpiredUpTo[];
  readonly #snapshots: readonly number[];
  readonly #letsGo: boolean;
  readonly #sources: Sources;

  staysOnKey = false;

  /** @param base stands on its first entry */
  constructor(base: Cursor, { expired, snapshots, retention }: Rules, sources: Sources) {
    super(base);
    this.#expired = expired;
    this.#snapshots = snapshots;
    this.#letsGo = retention !== undefined;
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
    const version = { key: keyInExpiry(key), timestamp, seq };
    if (isErased(this.#sources, version)) return false;
    // What is let go right now is found to be gone by the next merge; nobody misses it until then.
    return !this.#letsGo || this.#sources.segments.some((segment) => holds(segment, version));
  }

  #isGone(expired: ExpiredUpTo): boolean {
    if (!isTakenOut(this.base, expired)) return false;
    const { seq } = this.base;
    return !this.#snapshots.some((snapshot) => seq <= snapshot && snapshot < expired.lastSeq);
  }
}

type Version = Pick<Entry, 'key' | 'timestamp' | 'seq'>;

/** True if a segment has a version, and not just its place in the order of expiry. */
function holds(segment: Sources['segments'][number], { key, timestamp, seq }: Version): boolean {
  const cursor = segment.reader().cursor();
  cursor.seek(key, timestamp, seq);
  const isThere = isAtKey(cursor, key) && cursor.timestamp === timestamp && cursor.seq === seq;
  const isVersion = isThere && cursor.kind === Kind.value;
  cursor.close();
  return isVersion;
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
