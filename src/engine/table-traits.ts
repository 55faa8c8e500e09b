/** What some entries of a memtable are beside versions: they erase, they expire, or have expired. */
import { noBytes } from '../base/bytes.js';
import { type Entry, isErasure, isMark, Kind } from '../base/entry.js';
import { comparePlaces, type ExpiryPlace, expiryKey } from '../base/expiry-order.js';
import { encodeRecord, recordBytes, type RecordReader } from '../wal/record.js';

/** Takes entries like a memtable. */
interface Table {
  addFrame(payload: Buffer, firstSeq: number): void;
  gather(): void;
  sorting(): Generator<undefined>;
  clear(): void;
}

/** Versions up to a place in the order of expiry were taken out, all that had a smaller seq. */
export interface ExpiredUpTo {
  place: ExpiryPlace;
  seq: number;
  /** That was done by then, or earlier. */
  lastSeq: number;
}

/** True if an entry in the order of expiry stands for a version that was taken out. */
export function isTakenOut(
  { key, timestamp, seq }: Pick<Entry, 'key' | 'timestamp' | 'seq'>,
  expired: ExpiredUpTo,
): boolean {
  return seq < expired.seq && comparePlaces({ key, timestamp }, expired.place) <= 0;
}

export class TableTraits<T extends Table> {
  readonly #makeTable: () => T;
  #isGathering = false;
  #expiries: T | undefined;
  /** Entries that erase; and those of them that erase a whole history. */
  erasures = 0;
  historyErasures = 0;
  /** Entries that say how far back the history of their key goes. */
  marks = 0;
  /** The one that reached farthest. */
  expired: ExpiredUpTo | undefined;

  constructor(makeTable: () => T) {
    this.#makeTable = makeTable;
  }

  /** The versions that expire, in the order of expiry (base/expiry-order.ts), if there are any. */
  get expiries(): T | undefined {
    return this.#expiries;
  }

  /** True if it may hide something that was written before, here or elsewhere. */
  get hides(): boolean {
    return this.erasures > 0 || this.expired !== undefined;
  }

  /** @param record that is no plain value */
  note(record: RecordReader, seq: number): void {
    const { kind, timestamp, expiresAt } = record;
    if (isErasure(kind)) this.erasures++;
    if (kind === Kind.historyErasure) this.historyErasures++;
    if (isMark(kind)) this.marks++;
    if (expiresAt === Infinity) return;
    const key = expiryKey(expiresAt, record.key());
    if (kind === Kind.stub) this.#noteExpired({ place: { key, timestamp }, seq, lastSeq: seq });
    else if (kind === Kind.value) this.#addExpiry(key, timestamp, seq);
  }

  #noteExpired(expired: ExpiredUpTo): void {
    const before = this.expired;
    if (before !== undefined && comparePlaces(expired.place, before.place) < 0) return;
    this.expired = expired;
  }

  #addExpiry(key: Buffer, timestamp: number, seq: number): void {
    if (this.#expiries === undefined) {
      this.#expiries = this.#makeTable();
      if (this.#isGathering) this.#expiries.gather();
    }
    const content = { key, timestamp, kind: Kind.value, expiresAt: Infinity, value: noBytes };
    const record = Buffer.allocUnsafe(recordBytes(content));
    encodeRecord(record, 0, content);
    this.#expiries.addFrame(record, seq);
  }

  gather(): void {
    this.#isGathering = true;
    this.#expiries?.gather();
  }

  *sorting(): Generator<undefined> {
    this.#isGathering = false;
    if (this.#expiries !== undefined) yield* this.#expiries.sorting();
  }

  clear(): void {
    this.#isGathering = false;
    this.erasures = 0;
    this.historyErasures = 0;
    this.marks = 0;
    this.expired = undefined;
    this.#expiries?.clear();
  }
}
