/** The engine of a `:memory:` store: one memtable, nothing on disk, gone with the process. */
import type { Clock } from '../base/clock.js';
import type { Found } from '../base/cursor.js';
import { openedReadOnly } from '../base/errors.js';
import { memoryBytesDefault } from '../base/limits.js';
import { noNow } from '../wal/format.js';
import { encodeRecord, recordBytes } from '../wal/record.js';
import type {
  Committed,
  CompactionReport,
  Engine,
  EngineStats,
  EngineUnit,
  Follower,
  Wanted,
} from './engine.js';
import { Judge, type Batch } from './judge.js';
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
    return validAt(this.#memtable.find(key, readAt, Infinity), readAt);
  }

  hold(): HeldView {
    const view = new View({
      memtables: [this.#memtable],
      segments: [],
      seq: this.#seq,
      lastNow: this.#lastNow,
      holes: [],
    });
    return { cursor: view.hold({ from: undefined, to: undefined }), view };
  }

  lastSeq(): number {
    return this.#seq;
  }

  follow(since: number, wanted: Wanted): Follower {
    const follower = new MemoryFollower(this.#memtable, since, wanted, () => {
      this.#followers.delete(follower);
    });
    this.#followers.add(follower);
    return follower;
  }

  async commit(batch: Batch): Promise<Committed> {
    this.#requireWritable();
    const judge = new Judge(
      { unit: this.unit, clockNow: this.#clock.now(), seq: this.#seq, lastNow: this.#lastNow },
      (key, timestamp) => this.#memtable.find(key, timestamp, Infinity),
    );
    const isPacked = batch instanceof PackedRows;
    const contents = isPacked ? [] : judge.judge(batch);
    const bytes = contents.reduce((sum, each) => sum + recordBytes(each), 0);
    const payload = Buffer.alloc(isPacked ? batch.bytes : bytes);
    let offset = 0;
    for (const content of contents) offset = encodeRecord(payload, offset, content);
    if (isPacked) {
      judge.judgePacked(batch);
      batch.copyTo(payload, 0);
    }
    const firstSeq = this.#seq + 1;
    this.#memtable.addFrame(payload, firstSeq);
    this.#seq = judge.seq;
    this.#lastNow = judge.lastNow;
    this.#wakeFollowers();
    return Promise.resolve({ timestamps: contents.map(({ timestamp }) => timestamp), firstSeq });
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
