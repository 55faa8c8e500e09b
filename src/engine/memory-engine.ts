/** The engine of a `:memory:` store: one memtable, nothing on disk, gone with the process. */
import type { Clock } from '../base/clock.js';
import type { Found } from '../base/cursor.js';
import type { Entry } from '../base/entry.js';
import { type RetentionRow, snapshotNamed, type SnapshotRow } from '../catalog/manifest.js';
import { openedReadOnly } from '../base/errors.js';
import { busyTimeoutDefaultMs, memoryBytesDefault } from '../base/limits.js';
import { noNow } from '../wal/format.js';
import { encodeRecord, recordBytes, type RecordContent } from '../wal/record.js';
import type {
  Committed,
  Compaction,
  CompactionReport,
  Engine,
  EngineStats,
  EngineUnit,
  Follower,
  Wanted,
} from './engine.js';
import { systemEnvironment } from './environment.js';
import { Expiring } from './expiring.js';
import { findEach, type OnFound } from './find-each.js';
import { type Batch, Judge, judgeBatch } from './judge.js';
import { countLetGo } from './letting-go.js';
import { PackedRows } from './packed-rows.js';
import type { HeldView } from './live-files.js';
import { backUpMemory } from './memory-backup.js';
import { MemoryFollower } from './memory-follower.js';
import { trimmed } from './memory-retention.js';
import { Memtable } from './memtable.js';
import { horizonFor, keepOf, type LetGo, nothingLetGo, type Policy, timesBy } from './policy.js';
import { readTime, validAt } from './read-time.js';
import { requireFreeName, staysAsItWas } from './snapshots.js';
import type { CopyReport } from './store-copy.js';
import { storedIn } from './stored.js';
import { emptyReport, type VerifyReport } from './verify.js';
import { View } from './view.js';

/** What the store itself and those at its snapshots have in common. */
class Shared {
  /** Never flushed, so that it may have millions of entries when something is looked for first. */
  memtable = new Memtable(true);
  readonly followers = new Set<MemoryFollower>();
  snapshots: readonly SnapshotRow[] = [];
  seq = 0;
  lastNow = noNow;
  /** By the clock. */
  lastCommitTime = -Infinity;
  policy: Policy | undefined;
  horizon = -Infinity;
  /** Of its backups. */
  storeId: string | undefined;
}

export class MemoryEngine implements Engine {
  readonly unit: EngineUnit;
  readonly memoryBytes = memoryBytesDefault;
  readonly exists = true;
  readonly #clock: Clock;
  readonly #isReadOnly: boolean;
  readonly #shared: Shared;
  /** The snapshot that is read, if one is. */
  readonly #pin: SnapshotRow | undefined;

  constructor(unit: EngineUnit, clock: Clock, isReadOnly: boolean, at?: [Shared, SnapshotRow]) {
    this.unit = unit;
    this.#clock = clock;
    this.#isReadOnly = isReadOnly;
    [this.#shared, this.#pin] = at ?? [new Shared(), undefined];
  }

  now(): number {
    return this.#pin?.now ?? readTime(this.unit, this.#clock, this.#shared.lastNow);
  }

  find(key: Buffer, time: number | undefined): Found | undefined {
    const readAt = time ?? this.now();
    return validAt(this.#view().findKept(key, readAt), key, readAt);
  }

  findMany(keys: readonly Buffer[], time: number | undefined, found: OnFound): void {
    findEach(this.#view(), keys, time ?? this.now(), found);
  }

  hold(): HeldView {
    const view = this.#view();
    return { cursor: view.hold({ from: undefined, to: undefined }), view };
  }

  #view(): View {
    const { memtable, seq, lastNow } = this.#shared;
    return new View({
      memtables: [memtable],
      segments: [],
      seq,
      lastNow: this.#pin === undefined ? lastNow : noNow,
      holes: [],
      horizon: this.horizon(),
      pinnedSeq: this.#pin?.seq,
    });
  }

  async takeSnapshot(name: string): Promise<void> {
    this.#requireWritable();
    const { snapshots, seq } = this.#shared;
    requireFreeName(snapshots, name);
    const horizon = orNull(this.#shared.horizon);
    const row = { name, seq, now: this.now(), horizon, createdAt: this.#clock.now() };
    this.#shared.snapshots = [...snapshots, row];
    return Promise.resolve();
  }

  async removeSnapshot(name: string): Promise<void> {
    this.#requireWritable();
    const found = snapshotNamed(this.#shared, name);
    this.#shared.snapshots = this.#shared.snapshots.filter((row) => row !== found);
    return Promise.resolve();
  }

  snapshots(): readonly SnapshotRow[] {
    return this.#shared.snapshots;
  }

  async atSnapshot(name: string): Promise<Engine> {
    const pin = snapshotNamed(this.#shared, name);
    return Promise.resolve(new MemoryEngine(this.unit, this.#clock, true, [this.#shared, pin]));
  }

  lastSeq(): number {
    return this.#pin?.seq ?? this.#shared.seq;
  }

  follow(since: number, wanted: Wanted): Follower {
    if (this.#pin !== undefined) throw staysAsItWas();
    const shared = this.#shared;
    const { followers } = shared;
    const source = {
      table: () => shared.memtable,
      told: (entry: Entry) => this.#view().toldNow(entry),
    };
    const follower = new MemoryFollower(source, since, wanted, () => {
      followers.delete(follower);
    });
    followers.add(follower);
    return follower;
  }

  async commit(batch: Batch): Promise<Committed> {
    this.#requireWritable();
    const shared = this.#shared;
    const view = this.#view();
    const judge = new Judge(
      {
        unit: this.unit,
        clockNow: this.#clock.now(),
        seq: shared.seq,
        lastNow: shared.lastNow,
        horizon: shared.horizon,
      },
      storedIn((question) => question(view), {
        marksKeys: view.hasMarks,
        snapshots: shared.snapshots,
      }),
    );
    const judged = judgeBatch(batch, judge);
    const payload = encodeBatch(batch, judged.contents);
    const firstSeq = shared.seq + 1;
    shared.memtable.addFrame(payload, firstSeq);
    shared.seq = judge.seq;
    shared.lastNow = judge.lastNow;
    if (shared.seq >= firstSeq) shared.lastCommitTime = this.#clock.now();
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

  async backup(directory: string, name: string | undefined): Promise<CopyReport> {
    this.#requireWritable();
    const environment = systemEnvironment({ clock: this.#clock });
    const storeId = (this.#shared.storeId ??= environment.newIdentity(16));
    const { memtable, seq, lastNow, lastCommitTime, snapshots } = this.#shared;
    const now = { memtable, seq, lastNow, lastCommitTime, snapshots };
    const store = { ...now, storeId, unit: this.unit, retention: this.#retentionRows() };
    const place = { environment, directory, busyTimeoutMs: busyTimeoutDefaultMs };
    return backUpMemory(store, place, name === undefined ? name : snapshotNamed(store, name));
  }

  async compact({ policy: given, isDryRun = false }: Compaction): Promise<CompactionReport> {
    this.#requireWritable();
    const shared = this.#shared;
    const policy = given ?? shared.policy;
    const before = shared.memtable.memoryBytes;
    const letGo = policy === undefined ? nothingLetGo : await this.#letGo(policy, isDryRun);
    const after = shared.memtable.memoryBytes;
    return { letGo, segmentsBefore: 0, segmentsAfter: 0, bytesBefore: before, bytesAfter: after };
  }

  async #letGo(policy: Policy, isDryRun: boolean): Promise<LetGo> {
    const shared = this.#shared;
    const times = timesBy(this.unit, this.#clock, shared);
    const horizon = horizonFor(shared.horizon, policy, times);
    const retention = { horizon, keep: keepOf(policy, times), isWhole: true };
    const snapshots = shared.snapshots.map(({ seq }) => seq);
    if (!isDryRun) shared.horizon = horizon;
    const letGo = await countLetGo(this.#view(), retention, snapshots);
    if (!isDryRun) shared.memtable = trimmed(shared.memtable, retention, snapshots);
    return letGo;
  }

  #retentionRows(): RetentionRow[] {
    const { horizon, policy, seq } = this.#shared;
    const { hasMarks } = this.#view();
    if (policy === undefined && horizon === -Infinity && !hasMarks) return [];
    const { keepFor = null, keepVersions = null } = policy ?? {};
    return [{ keepFor, keepVersions, horizon: orNull(horizon), seq, marksKeys: hasMarks ? 1 : 0 }];
  }

  policy(): Policy | undefined {
    return this.#shared.policy;
  }

  async setPolicy(policy: Policy | undefined): Promise<void> {
    this.#requireWritable();
    this.#shared.policy = policy;
    return Promise.resolve();
  }

  horizon(): number {
    return this.#pin === undefined ? this.#shared.horizon : (this.#pin.horizon ?? -Infinity);
  }

  stats(): EngineStats {
    return {
      seq: this.lastSeq(),
      entries: this.#shared.memtable.entries,
      userBytes: this.#shared.memtable.userBytes,
      segments: { count: 0, bytes: 0 },
      wal: { files: 0, bytes: 0, keptFiles: 0, keptBytes: 0 },
      memory: { limit: 0, memtables: this.#shared.memtable.memoryBytes, cache: 0, indexes: 0 },
      cache: { hits: 0, misses: 0 },
      waiting: { flushes: 0, merges: 0 },
    };
  }

  async verify(): Promise<VerifyReport> {
    return Promise.resolve({ ...emptyReport, entries: this.#shared.memtable.entries });
  }

  async close(): Promise<void> {
    this.#wakeFollowers();
    return Promise.resolve();
  }

  #wakeFollowers(): void {
    for (const follower of this.#shared.followers) follower.wake();
  }

  #requireWritable(): void {
    if (this.#isReadOnly) throw openedReadOnly();
  }
}

/** As the catalog has it. */
function orNull(horizon: number): number | null {
  return horizon === -Infinity ? null : horizon;
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
