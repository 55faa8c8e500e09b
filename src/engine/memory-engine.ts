/** The engine of a `:memory:` store: one memtable, nothing on disk, gone with the process. */
import type { Clock } from '../base/clock.js';
import type { Found } from '../base/cursor.js';
import type { Entry } from '../base/entry.js';
import { openedReadOnly } from '../base/errors.js';
import { memoryBytesDefault } from '../base/limits.js';
import { noNow } from '../wal/format.js';
import { encodeRecord, recordBytes, type RecordContent } from '../wal/record.js';
import type {
  Committed,
  CompactionReport,
  Engine,
  EngineStats,
  EngineUnit,
  Follower,
  Wanted,
} from './engine.js';
import { Expiring } from './expiring.js';
import { expiredIn } from './expiry-walk.js';
import { type Batch, Judge, judgeBatch } from './judge.js';
import { PackedRows } from './packed-rows.js';
import type { HeldView } from './live-files.js';
import { MemoryFollower } from './memory-follower.js';
import { Memtable } from './memtable.js';
import { readTime, validAt } from './read-time.js';
import { emptyReport, type VerifyReport } from './verify.js';
import { View } from './view.js';

export class MemoryEngine implements Engine {
  readonly unit: EngineUnit;
  readonly memoryBytes = memoryBytesDefault;
  readonly exists = true;
  readonly #clock: Clock;
  readonly #isReadOnly: boolean;
  readonly #memtable = new Memtable();
  readonly #followers = new Set<MemoryFollower>();
  #seq = 0;
  #lastNow = noNow;

  constructor(unit: EngineUnit, clock: Clock, isReadOnly: boolean) {
    this.unit = unit;
    this.#clock = clock;
    this.#isReadOnly = isReadOnly;
  }

  now(): number {
    return readTime(this.unit, this.#clock, this.#lastNow);
  }

  find(key: Buffer, time: number | undefined): Found | undefined {
    const readAt = time ?? this.now();
    return validAt(this.#view().find(key, readAt), key, readAt);
  }

  hold(): HeldView {
    const view = this.#view();
    return { cursor: view.hold({ from: undefined, to: undefined }), view };
  }

  #view(): View {
    return new View({
      memtables: [this.#memtable],
      segments: [],
      seq: this.#seq,
      lastNow: this.#lastNow,
      holes: [],
    });
  }

  lastSeq(): number {
    return this.#seq;
  }

  follow(since: number, wanted: Wanted): Follower {
    const source = { table: this.#memtable, told: (entry: Entry) => this.#view().toldNow(entry) };
    const follower = new MemoryFollower(source, since, wanted, () => {
      this.#followers.delete(follower);
    });
    this.#followers.add(follower);
    return follower;
  }

  async commit(batch: Batch): Promise<Committed> {
    this.#requireWritable();
    const view = this.#view();
    const judge = new Judge(
      { unit: this.unit, clockNow: this.#clock.now(), seq: this.#seq, lastNow: this.#lastNow },
      {
        find: (key, timestamp) => view.find(key, timestamp),
        timestampsOf: (key) => view.timestampsOf(key),
        expired: (now, max) => expiredIn(view, now, max),
      },
    );
    const judged = judgeBatch(batch, judge);
    const payload = encodeBatch(batch, judged.contents);
    const firstSeq = this.#seq + 1;
    this.#memtable.addFrame(payload, firstSeq);
    this.#seq = judge.seq;
    this.#lastNow = judge.lastNow;
    this.#wakeFollowers();
    return Promise.resolve({ answers: judged.answers, firstSeq, seqs: judged.seqs });
  }

  async expire(max: number): Promise<Entry[]> {
    const batch = new Expiring(max);
    await this.commit(batch);
    return batch.taken;
  }

  async create(): Promise<void> {
    return Promise.resolve();
  }

  refresh(): void {
    // Nobody else writes here.
  }

  async checkpoint(): Promise<void> {
    this.#requireWritable();
    return Promise.resolve();
  }

  async compact(): Promise<CompactionReport> {
    this.#requireWritable();
    return Promise.resolve({ segmentsBefore: 0, segmentsAfter: 0, bytesBefore: 0, bytesAfter: 0 });
  }

  stats(): EngineStats {
    return {
      seq: this.#seq,
      entries: this.#memtable.entries,
      userBytes: this.#memtable.userBytes,
      segments: { count: 0, bytes: 0 },
      wal: { files: 0, bytes: 0, keptFiles: 0, keptBytes: 0 },
      memory: { limit: 0, memtables: this.#memtable.memoryBytes, cache: 0, indexes: 0 },
      cache: { hits: 0, misses: 0 },
      waiting: { flushes: 0, merges: 0 },
    };
  }

  async verify(): Promise<VerifyReport> {
    return Promise.resolve({ ...emptyReport, entries: this.#memtable.entries });
  }

  async close(): Promise<void> {
    this.#wakeFollowers();
    return Promise.resolve();
  }

  #wakeFollowers(): void {
    for (const follower of this.#followers) follower.wake();
  }

  #requireWritable(): void {
    if (this.#isReadOnly) throw openedReadOnly();
  }
}

function encodeBatch(batch: Batch, contents: readonly RecordContent[]): Buffer {
  const isPacked = batch instanceof PackedRows;
  const bytes = contents.reduce((sum, each) => sum + recordBytes(each), 0);
  const payload = Buffer.alloc(isPacked ? batch.bytes : bytes);
  if (isPacked) batch.copyTo(payload, 0);
  let offset = 0;
  for (const content of contents) offset = encodeRecord(payload, offset, content);
  return payload;
}
