/**
 * Gives each operation its timestamp and seq, and holds its conditions against the state before it.
 * Pure: the caller has the write lock, and what was there before comes in as a lookup.
 */
import { noBytes } from '../base/bytes.js';
import { compareVersions, isErasure, Kind } from '../base/entry.js';
import { atOperation, invalidArgument, TimekvError } from '../base/errors.js';
import { timestampMax } from '../base/limits.js';
import { noNow } from '../wal/format.js';
import type { RecordContent } from '../wal/record.js';
import { encodeErased } from './erased.js';
import { Expiring } from './expiring.js';
import { PackedRows } from './packed-rows.js';
import { type Passed, PassedWrites } from './passed-writes.js';
import { isValid } from './read-time.js';
import { nothingStored, type Stored } from './stored.js';
import { requireSinceHorizon, requireSinceMark } from './truncation.js';

/** One set, delete or erase as it was asked for, checked and encoded. */
export interface Write {
  kind: Kind;
  key: Buffer;
  value: Buffer;
  /** Undefined: now; of a history that is erased: all of it. */
  at: number | undefined;
  ttl: number | undefined;
  expiresAt: number | undefined;
  onConflict: 'replace' | 'fail' | 'bump';
  maxBump: number;
  ifSeq: number | 'none' | undefined;
}

/** Operations that are applied together or not at all; `PackedRows` are another form of them. */
export interface Writes {
  writes: readonly Write[];
  /** Each operation without a time takes a *now* of its own (load); else the batch has one. */
  nowPerWrite: boolean;
}

export type Batch = Writes | PackedRows | Expiring;

/** Where a judge begins. */
export interface JudgeStart {
  unit: 'us' | 'tick';
  clockNow: number;
  /** The last seq and the last *now* in the log. */
  seq: number;
  lastNow: number;
  /** Nothing may be written before it; −Infinity: there is none. */
  horizon: number;
}

/** What a batch came to. */
export interface Judged {
  /** What is to be written, in order. */
  contents: RecordContent[];
  /** Of each operation: the timestamp written, or how many versions were erased. */
  answers: number[];
  /** Their seqs, where some have none since they found nothing to erase; else undefined. */
  seqs: (number | undefined)[] | undefined;
}

/** True if the batch cannot be judged without looking at what is in the store. */
export function hasConditions(batch: Batch): boolean {
  if (batch instanceof PackedRows) return false;
  if (batch instanceof Expiring) return true;
  return batch.writes.some(
    (write) => write.onConflict !== 'replace' || write.ifSeq !== undefined || isErasure(write.kind),
  );
}

/** True if the batch has a frame to itself: what it does is not kept track of for others in it. */
export function comesAlone(batch: Batch): boolean {
  if (batch instanceof PackedRows || batch instanceof Expiring) return true;
  return batch.writes.some(({ kind }) => isErasure(kind));
}

export class Judge {
  readonly #unit: 'us' | 'tick';
  readonly #clockNow: number;
  readonly #stored: Stored;
  readonly #keepsTrack: boolean;
  readonly #horizon: number;
  /** What this judge has let pass and the lookup does not know yet, by key. */
  readonly #passed = new Map<string, PassedWrites>();
  /** The keys of the batch at hand, or of the last one until the next begins. */
  #touched = new Set<PassedWrites>();
  #hasMarked = false;
  /** The last seq and the last *now* given so far. */
  seq: number;
  lastNow: number;

  /** @param stored undefined if no batch has conditions, and no key a mark */
  constructor(start: JudgeStart, stored: Stored | undefined) {
    this.#unit = start.unit;
    this.#clockNow = start.clockNow;
    this.#horizon = start.horizon;
    this.seq = start.seq;
    this.lastNow = start.lastNow;
    this.#keepsTrack = stored !== undefined;
    this.#stored = stored ?? nothingStored;
  }

  /**
   * @throws ERR_TIMEKV_CONFLICT, ERR_TIMEKV_INVALID_ARGUMENT; the batch has left no trace then
   */
  judge(batch: Writes): Judged {
    for (const passed of this.#touched) passed.keepBatch();
    this.#touched.clear();
    const before = { seq: this.seq, lastNow: this.lastNow };
    const judged: Judged = { contents: [], answers: [], seqs: undefined };
    try {
      let batchNow: number | undefined;
      for (const write of batch.writes) {
        if (isErasure(write.kind)) {
          this.#judgeErasure(write, judged);
          continue;
        }
        let at = write.at;
        if (at === undefined) {
          const takesOwn = batch.nowPerWrite || this.#unit === 'tick';
          at = (takesOwn ? undefined : batchNow) ?? this.#nextNow();
          batchNow = at;
        }
        const content = this.#judgeWrite(write, at);
        this.#pass(content, write.at === undefined);
        judged.contents.push(content);
        judged.answers.push(content.timestamp);
        judged.seqs?.push(this.seq);
      }
      return judged;
    } catch (error) {
      this.seq = before.seq;
      this.lastNow = before.lastNow;
      for (const touched of this.#touched) touched.dropBatch();
      this.#touched.clear();
      throw atOperation(error, judged.answers.length);
    }
  }

  /** Gives rows that come packed their times and seqs. (In a `tick` store each has its time.) */
  judgePacked(rows: PackedRows): void {
    if (this.#stored.marksKeys || rows.firstTimed < this.#horizon) {
      rows.forEachTimed((key, timestamp) => {
        this.#requireKept(key, timestamp);
      });
    }
    rows.giveTimes(() => (this.lastNow = this.#nextNow()));
    if (this.#unit === 'tick') this.lastNow = Math.max(this.lastNow, rows.lastTimed);
    this.seq += rows.count;
  }

  /** Writes a stub in the place of each version that has expired, up to as many as are asked for. */
  judgeExpiring(batch: Expiring): RecordContent[] {
    const now = this.#unit === 'us' ? Math.max(this.#clockNow, this.lastNow) : this.lastNow;
    batch.taken = this.#stored.expired(now, batch.max);
    this.seq += batch.taken.length;
    return batch.taken.map(({ key, timestamp, expiresAt }) => {
      return { kind: Kind.stub, key, value: noBytes, timestamp, expiresAt };
    });
  }

  #nextNow(): number {
    if (this.#unit === 'us' && !Number.isSafeInteger(this.#clockNow)) {
      throw invalidArgument(`the clock says ${this.#clockNow}, which is no timestamp`);
    }
    const next =
      this.#unit === 'us'
        ? Math.max(this.#clockNow, this.lastNow + 1)
        : this.lastNow === noNow
          ? 1
          : this.lastNow + 1;
    if (next > timestampMax) {
      throw invalidArgument(
        `there is no timestamp after ${timestampMax}; give one that is smaller`,
      );
    }
    return next;
  }

  #judgeWrite(write: Write, at: number): RecordContent {
    const { kind, key, value } = write;
    this.#requireKept(key, at);
    const timestamp = write.onConflict === 'replace' ? at : this.#freeTimestamp(write, at);
    // As of the time that is written in the end: between `at` and there a caller may have missed one.
    if (write.ifSeq !== undefined) this.#requireSeq(write, timestamp);
    const expiresAt =
      write.ttl === undefined ? (write.expiresAt ?? Infinity) : timestamp + write.ttl;
    if (expiresAt !== Infinity && (expiresAt <= timestamp || expiresAt > timestampMax)) {
      throw invalidArgument(
        `expiresAt ${expiresAt} must be later than the version's timestamp ${timestamp}, and at most ${timestampMax}`,
      );
    }
    return { kind, key, value, timestamp, expiresAt };
  }

  /** What finds nothing to erase takes no seq. */
  #judgeErasure(write: Write, judged: Judged): void {
    const { kind, key } = write;
    const at = kind === Kind.erasure ? write.at : undefined;
    const passed = this.#passedOf(key);
    const count =
      at === undefined
        ? passed.countTaken(this.#stored.timestampsOf(key))
        : Number(passed.isTaken(at, (timestamp) => this.#stored.isThere(key, timestamp)));
    judged.answers.push(count);
    if (count === 0) {
      judged.seqs ??= judged.contents.map(
        (_, index) => this.seq - judged.contents.length + index + 1,
      );
      judged.seqs.push(undefined);
      return;
    }
    const [erasing, value] = at === undefined ? [kind, noBytes] : this.#erasureAt(key, at, passed);
    passed.erase(erasing === Kind.historyErasure ? undefined : at);
    this.seq++;
    judged.seqs?.push(this.seq);
    const timestamp = erasing === Kind.historyErasure ? timestampMax : (at ?? timestampMax);
    judged.contents.push({ kind: erasing, key, value, timestamp, expiresAt: Infinity });
  }

  /**
   * What takes out one version. Where that is the oldest one that retention has left, nothing is known
   * before the next one; where it is the last one, nothing is left of the key that could be marked.
   */
  #erasureAt(key: Buffer, at: number, passed: PassedWrites): [kind: Kind, value: Buffer] {
    const kind = this.#erasureOf(key, at, passed);
    // In a snapshot it may be the oldest one at the horizon all the same.
    const isForSnapshots = kind === Kind.erasure && at <= this.#stored.snapshotHorizon;
    if (kind !== Kind.markingErasure && !isForSnapshots) return [kind, noBytes];
    const firstSeq = this.#stored.firstWriteOf(key, at);
    const marks = isForSnapshots ? 'none' : 'all';
    return [Kind.markingErasure, encodeErased({ firstSeq, marks })];
  }

  #erasureOf(key: Buffer, at: number, passed: PassedWrites): Kind {
    if (this.#markOf(key, passed) === -Infinity && at > this.#horizon) return Kind.erasure;
    const kept = passed.left(this.#stored.keptOf(key));
    const there = passed.left(this.#stored.timestampsOf(key));
    // A tombstone at the horizon is not seen any more; what it hides is not to come back.
    const isBase = latestUpTo(there, this.#horizon) === at;
    if (!kept.delete(at) && !isBase) return Kind.erasure;
    if (kept.size === 0) {
      // A snapshot may need what is let go here.
      if (there.size <= 1 || !this.#stored.hasSnapshots) return Kind.historyErasure;
    } else if (at > this.#horizon || earliestOf(kept) < at) {
      return Kind.erasure;
    }
    passed.mark = Math.max(passed.mark, at);
    this.#hasMarked = true;
    return Kind.markingErasure;
  }

  /** @throws ERR_TIMEKV_HISTORY_TRUNCATED if retention has let go what a version here would follow */
  #requireKept(key: Buffer, at: number): void {
    requireSinceHorizon(at, this.#horizon);
    if (!this.#stored.marksKeys && !this.#hasMarked) return;
    const passed = this.#passed.get(nameOf(key));
    const mark = this.#markOf(key, passed);
    if (mark === -Infinity) return;
    const kept = passed?.hasErased === true ? passed.left(this.#stored.keptOf(key)) : undefined;
    const [first] = kept === undefined ? this.#stored.keptOf(key) : [...kept].sort(ascending);
    requireSinceMark(key, at, first ?? mark + 1);
  }

  #markOf(key: Buffer, passed: PassedWrites | undefined): number {
    const isGone = !this.#stored.marksKeys || passed?.hasErasedAll === true;
    return Math.max(passed?.mark ?? -Infinity, isGone ? -Infinity : this.#stored.markOf(key));
  }

  /** What retention has let go may lie there still, and takes no timestamp. */
  #isTaken(key: Buffer, timestamp: number): boolean {
    if (!this.#stored.isThere(key, timestamp)) return false;
    return timestamp > this.#horizon || !this.#stored.wasLetGo(key, timestamp);
  }

  #pass(content: RecordContent, tookNow: boolean): void {
    this.seq++;
    if (tookNow || this.#unit === 'tick') this.lastNow = Math.max(this.lastNow, content.timestamp);
    if (!this.#keepsTrack) return;
    const { kind, timestamp, expiresAt } = content;
    this.#passedOf(content.key).add({ kind, timestamp, expiresAt, seq: this.seq });
  }

  /** `ifSeq` is held against the state before the batch. */
  #requireSeq(write: Write, at: number): void {
    const found = this.#findBefore(write.key, at);
    const live = found !== undefined && isValid(found, write.key, at) ? found.seq : 'none';
    if (live === write.ifSeq) return;
    const there = live === 'none' ? 'nothing is there' : `the version there has seq ${live}`;
    const wanted = write.ifSeq === 'none' ? 'nothing' : `seq ${write.ifSeq}`;
    throw new TimekvError(
      'ERR_TIMEKV_CONFLICT',
      `${printable(write.key)} was not written: ifSeq asks for ${wanted}, and ${there}; read it again and decide anew`,
    );
  }

  #freeTimestamp(write: Write, at: number): number {
    const last = write.onConflict === 'bump' ? Math.min(at + write.maxBump, timestampMax) : at;
    const passed = this.#passedOf(write.key);
    // A tombstone at the horizon is let go at once: before it nothing can be asked for.
    if (at === this.#horizon && passed.isDeletedAt(at)) return at;
    const isInStore = (timestamp: number) => this.#isTaken(write.key, timestamp);
    const free = passed.firstFree(at, last, isInStore);
    if (free <= last) return free;
    throw new TimekvError(
      'ERR_TIMEKV_CONFLICT',
      write.onConflict === 'fail'
        ? `${printable(write.key)} has a version at ${at} already; choose another time, or replace or bump it`
        : `${printable(write.key)} has versions at every time from ${at} to ${last}; raise maxBump or choose another time`,
    );
  }

  /** What a read finds in the state before the batch at hand. */
  #findBefore(key: Buffer, timestamp: number): Passed | undefined {
    const stored = this.#stored.find(key, timestamp);
    const passed = this.#passed.get(nameOf(key))?.find(timestamp);
    if (passed === undefined || stored === undefined) return passed ?? stored;
    const order = compareVersions(passed.timestamp, passed.seq, stored.timestamp, stored.seq);
    return order < 0 ? passed : stored;
  }

  #passedOf(key: Buffer): PassedWrites {
    const name = nameOf(key);
    let passed = this.#passed.get(name);
    if (passed === undefined) this.#passed.set(name, (passed = new PassedWrites()));
    this.#touched.add(passed);
    return passed;
  }
}

/** Judges a batch of any form; what is packed has its records with it. */
export function judgeBatch(batch: Batch, judge: Judge): Judged {
  if (batch instanceof Expiring) {
    return { contents: judge.judgeExpiring(batch), answers: [], seqs: undefined };
  }
  if (!(batch instanceof PackedRows)) return judge.judge(batch);
  judge.judgePacked(batch);
  return { contents: [], answers: [], seqs: undefined };
}

function latestUpTo(timestamps: Iterable<number>, last: number): number {
  let latest = -Infinity;
  for (const timestamp of timestamps) {
    if (timestamp <= last) latest = Math.max(latest, timestamp);
  }
  return latest;
}

const ascending = (a: number, b: number): number => a - b;

function earliestOf(timestamps: Iterable<number>): number {
  let earliest = Infinity;
  for (const timestamp of timestamps) earliest = Math.min(earliest, timestamp);
  return earliest;
}

/** One character for each byte: unlike as UTF-8, in memory that grows no larger than the key. */
function nameOf(key: Buffer): string {
  return key.toString('latin1');
}

function printable(key: Buffer): string {
  return JSON.stringify(key.toString('utf8'));
}
