/** What of the entries of a source was there at an earlier moment, and was not erased since. */
import type { Cursor, Span } from '../base/cursor.js';
import { compareKeys, isErasure, Kind } from '../base/entry.js';
import { EntryOf } from '../base/entry-at.js';
import { keyInExpiry } from '../base/expiry-order.js';
import { BlockMemory } from '../segment/block-memory.js';
import { decodeErased, encodeErased } from './erased.js';
import { erasedBelow, isErased, type Sources } from './erasures.js';
import { firstWriteOfErased, markOf } from './marks.js';
import type { Row } from './survivors.js';

export interface Earlier {
  /** The last operation that was there. */
  seq: number;
  /** Nothing could be read as of times before it; −Infinity: there was none. */
  horizon: number;
}

/** It stays, or goes, or an erasure that marks its key stays in its place. */
type Verdict = boolean | OldErasure;

/** An erasure that came later, in the place of what it erases, and as old as that. */
interface OldErasure {
  seq: number;
  /** Of the first write of what it erases. */
  firstSeq: number;
}

/**
 * @param base cursors on their first entries
 * @param minSeq nothing older is in the source
 * @param erasing where later erasures are
 */
export function earlierOf(
  base: { versions: Cursor; expiries: Cursor | undefined },
  { minSeq, ...moment }: Earlier & { minSeq: number },
  erasing: Sources,
): { versions: Row; expiries: Row | undefined } {
  const versions = new EarlierVersions(moment, minSeq, erasing);
  return {
    versions: new Chosen(base.versions, (entry) => versions.judge(entry)),
    expiries:
      base.expiries &&
      new Chosen(base.expiries, ({ key, timestamp, seq }) => {
        const version = { key: keyInExpiry(key), timestamp, seq };
        return seq <= moment.seq && !isErased(erasing, version);
      }),
  };
}

/**
 * Where the oldest version that could be asked for was erased later, nobody knows what was there
 * before the next one: at this moment, too, the key is marked.
 */
class EarlierVersions {
  readonly #moment: Earlier;
  readonly #minSeq: number;
  readonly #erasing: Sources;
  /** What was marked last: once is enough. */
  readonly #markedKey = new BlockMemory();
  #markedAt = NaN;

  constructor(moment: Earlier, minSeq: number, erasing: Sources) {
    this.#moment = moment;
    this.#minSeq = minSeq;
    this.#erasing = erasing;
  }

  judge(entry: Cursor): Verdict {
    const { kind, key, seq } = entry;
    const wasThere = seq <= this.#moment.seq;
    if (isErasure(kind)) return wasThere || this.#judgeLaterErasure(entry);
    if (!wasThere) return false;
    // A mark is not erased with the version in whose place it stands.
    if (kind === Kind.mark) return erasedBelow(this.#erasing, key) <= seq;
    if (!isErased(this.#erasing, entry)) return true;
    if (!this.#marksKey(entry)) return false;
    const firstSeq = firstWriteOfErased(this.#erasing, key, entry.timestamp);
    return { seq, firstSeq };
  }

  /** What it erases has gone from this source already; where that lies elsewhere, it is marked there. */
  #judgeLaterErasure(entry: Cursor): Verdict {
    if (entry.kind !== Kind.markingErasure || !this.#marksKey(entry)) return false;
    const { firstSeq } = decodeErased(entry.value());
    if (firstSeq < this.#minSeq) return false;
    return { seq: firstSeq, firstSeq };
  }

  #marksKey({ key, timestamp }: Cursor): boolean {
    const { seq: seqMax, horizon } = this.#moment;
    if (timestamp > horizon) return false;
    if (timestamp === this.#markedAt && compareKeys(key, this.#markedKey.last) === 0) return false;
    if (markOf({ sources: this.#erasing, seqMax, horizon }, key) !== timestamp) return false;
    this.#markedKey.copy(key);
    this.#markedAt = timestamp;
    return true;
  }
}

/** Some of the entries of a cursor, some of them as marking erasures. */
class Chosen extends EntryOf implements Row {
  readonly #judge: (entry: Cursor) => Verdict;
  /** In the place of the entry at hand; undefined: it is the entry itself. */
  #erasure: OldErasure | undefined;

  staysOnKey = false;

  constructor(base: Cursor, judge: (entry: Cursor) => Verdict) {
    super(base);
    this.#judge = judge;
    this.#settle(false);
  }

  get valid(): boolean {
    return this.base.valid;
  }

  override get seq(): number {
    return this.#erasure?.seq ?? this.base.seq;
  }

  override get kind(): Kind {
    return this.#erasure === undefined ? this.base.kind : Kind.markingErasure;
  }

  override get expiresAt(): number {
    return this.#erasure === undefined ? this.base.expiresAt : Infinity;
  }

  override value(): Buffer {
    const erasure = this.#erasure;
    if (erasure === undefined) return this.base.value();
    return encodeErased({ firstSeq: erasure.firstSeq, marks: 'since horizon' });
  }

  override locateValue(into: Span): void {
    if (this.#erasure === undefined) return this.base.locateValue(into);
    const value = this.value();
    into.set(value, 0, value.length);
  }

  next(): void {
    this.base.next();
    this.#settle(this.base.staysOnKey);
  }

  #settle(staysOnKey: boolean): void {
    const { base } = this;
    let stays = staysOnKey;
    while (base.valid && !this.#stays()) {
      base.next();
      stays &&= base.staysOnKey;
    }
    this.staysOnKey = stays;
  }

  #stays(): boolean {
    const verdict = this.#judge(this.base);
    this.#erasure = typeof verdict === 'boolean' ? undefined : verdict;
    return verdict !== false;
  }
}
