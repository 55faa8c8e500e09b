/**
 * The engine over a directory. Opening writes nothing; where there is no store the first write makes
 * it. Holds the parts together: live files, write lock, commit queue, maintenance.
 */
import { openedReadOnly, storeClosed, systemCode } from '../base/errors.js';
import type { Found } from '../base/cursor.js';
import type { Entry } from '../base/entry.js';
import type { LockDoor } from '../catalog/lock.js';
import type { SnapshotRow } from '../catalog/manifest.js';
import { ioError } from '../disk/file-system.js';
import { writeLockPath } from '../disk/names.js';
import { noNow } from '../wal/format.js';
import { CommitQueue } from './commit-queue.js';
import { createStore, requireLocal } from './create.js';
import type {
  Committed,
  Compaction,
  CompactionReport,
  Engine,
  EngineStats,
  EngineUnit,
  Follower,
  KeyRange,
  Wanted,
} from './engine.js';
import type { EngineOptions } from './engine-options.js';
import type { Environment } from './environment.js';
import type { OnFound } from './find-each.js';
import type { Batch } from './judge.js';
import { LiveFiles, type HeldView } from './live-files.js';
import { LogFollower } from './log-follower.js';
import { Maintenance } from './maintenance.js';
import { noStore, requireUnit, requireWritable } from './opened-files.js';
import type { Policy } from './policy.js';
import { readTime } from './read-time.js';
import { storePolicy } from './retention.js';
import { removeSnapshot, staysAsItWas } from './snapshots.js';
import { compactionReport, emptyStats, noSizes, statsOf } from './stats.js';
import * as upkeep from './upkeep.js';
import { missingFile } from './vanished-files.js';
import type { CopyReport } from './store-copy.js';
import { emptyReport, verifyStore, type VerifyReport } from './verify.js';

interface Opened {
  files: LiveFiles;
  maintenance: Maintenance;
  lock: LockDoor | undefined;
}

export class DiskEngine implements Engine {
  readonly #environment: Environment;
  readonly #directory: string;
  readonly #options: EngineOptions;
  readonly #queue: CommitQueue;
  #opened: Opened | undefined;
  #opening: Promise<Opened> | undefined;
  /** What takes its time and has begun: closing waits for it. */
  readonly #underWay = new Set<Promise<unknown>>();
  readonly #followers = new Set<LogFollower>();
  #isClosed = false;

  private constructor(environment: Environment, directory: string, options: EngineOptions) {
    this.#environment = environment;
    this.#directory = directory;
    this.#options = options;
    this.#queue = new CommitQueue({
      forWriting: () => this.#forWriting(),
      makeRoom: async () => {
        await this.#opened?.maintenance.makeRoom();
      },
      rotated: () => {
        const opened = this.#opened;
        if (opened !== undefined) void this.#working('', () => upkeep.rotated(this.#parts(opened)));
      },
      durability: options.durability,
      busyTimeoutMs: options.busyTimeoutMs,
    });
  }

  /** @throws ERR_TIMEKV_NO_STORE where there is none and none shall be created */
  static async open(
    environment: Environment,
    directory: string,
    options: EngineOptions,
  ): Promise<DiskEngine> {
    const engine = new DiskEngine(environment, directory, options);
    try {
      if (!options.allowRemote) requireLocal(environment, directory);
      await engine.#openExisting();
      engine.#opened?.files.requireSnapshot();
    } catch (error) {
      engine.#letGo();
      throw ioError(error, 'open the store in', directory);
    }
    if (engine.#opened === undefined && (!options.create || options.readOnly)) {
      const mend = 'name its directory, or create it by a first write';
      throw noStore(`there is no timekv store in ${directory}; ${mend}`, directory);
    }
    return engine;
  }

  get unit(): EngineUnit {
    if (this.#opened !== undefined) return this.#opened.files.manifest.settings.unit;
    return this.#reading((files) => files?.manifest.settings.unit ?? this.#options.unit ?? 'us');
  }

  get memoryBytes(): number {
    return this.#options.memoryBytes;
  }

  get exists(): boolean {
    return this.#reading((files) => files !== undefined);
  }

  now(): number {
    return this.#reading(
      (files) => files?.now() ?? readTime(this.unit, this.#environment.clock, noNow),
    );
  }

  // The hottest of all calls: no closure is made for it.
  find(key: Buffer, time: number | undefined): Found | undefined {
    try {
      return this.#files?.find(key, time);
    } catch (error) {
      throw this.#told(error, 'read');
    }
  }

  findMany(keys: readonly Buffer[], time: number | undefined, found: OnFound): void {
    this.#reading((files) => files?.findMany(keys, time, found));
  }

  hold(range: KeyRange): HeldView | undefined {
    return this.#reading((files) => files?.hold(range));
  }

  lastSeq(): number {
    return this.#reading((files) => files?.lastSeq() ?? 0);
  }

  snapshots(): readonly SnapshotRow[] {
    return this.#reading((files) => {
      files?.reload();
      return files?.manifest.snapshots ?? [];
    });
  }

  takeSnapshot(name: string): Promise<void> {
    return this.#working('take a snapshot of', async () => {
      await upkeep.snapshot(await this.#writable(), name);
    });
  }

  removeSnapshot(name: string): Promise<void> {
    return this.#working('remove a snapshot of', async () => {
      removeSnapshot((await this.#forWriting()).files, name);
    });
  }

  atSnapshot(name: string): Promise<Engine> {
    const options = { ...this.#options, create: false, readOnly: true, snapshot: name };
    return DiskEngine.open(this.#environment, this.#directory, options);
  }

  follow(since: number, wanted: Wanted): Follower {
    if (this.#options.snapshot !== undefined) throw staysAsItWas();
    const follower = new LogFollower(
      {
        environment: this.#environment,
        directory: this.#directory,
        files: () => this.#files,
        commits: () => this.#queue.commits,
        told: (error) => this.#told(error, 'follow'),
        left: () => this.#followers.delete(follower),
      },
      since,
      wanted,
    );
    this.#followers.add(follower);
    return follower;
  }

  commit(batch: Batch): Promise<Committed> {
    return this.#queue.submit(batch);
  }

  expire(max: number): Promise<Entry[]> {
    return this.#working('take expired versions out of', async () =>
      this.#files === undefined ? [] : upkeep.expire(await this.#writable(), max),
    );
  }

  create(): Promise<void> {
    return this.#working('create', async () => {
      await this.#forWriting();
    });
  }

  refresh(): void {
    this.#reading((files) => {
      files?.lookNow();
    });
  }

  checkpoint(): Promise<void> {
    return this.#working('write a snapshot of', async () => {
      if (this.#files !== undefined) await upkeep.checkpoint(await this.#writable());
    });
  }

  backup(directory: string, name: string | undefined): Promise<CopyReport> {
    return this.#working('back up', async () =>
      upkeep.backup(await this.#writable(), this.#options, { directory, name }),
    );
  }

  compact(compaction: Compaction): Promise<CompactionReport> {
    return this.#working('compact', async () =>
      this.#files === undefined
        ? compactionReport(noSizes, noSizes)
        : upkeep.compact(await this.#writable(), compaction),
    );
  }

  policy(): Policy | undefined {
    return this.#reading((files) => files && upkeep.storedPolicy(files));
  }

  setPolicy(policy: Policy | undefined): Promise<void> {
    return this.#working('set what is kept in', async () => {
      storePolicy((await this.#forWriting()).files, policy);
    });
  }

  horizon(): number {
    return this.#reading((files) => files?.horizon ?? -Infinity);
  }

  stats(): EngineStats {
    return this.#reading((files) =>
      files === undefined
        ? { ...emptyStats, memory: { ...emptyStats.memory, limit: this.memoryBytes } }
        : statsOf(files),
    );
  }

  verify(): Promise<VerifyReport> {
    return this.#working('check', async () => {
      const { busyTimeoutMs } = this.#options;
      const place = { environment: this.#environment, directory: this.#directory, busyTimeoutMs };
      return this.#files === undefined ? emptyReport : verifyStore(place);
    });
  }

  async close(): Promise<void> {
    await Promise.allSettled(this.#underWay);
    await this.#queue.idle();
    await this.#opened?.maintenance.close();
    this.#isClosed = true;
    this.#letGo();
    this.#wakeFollowers();
  }

  #wakeFollowers(): void {
    for (const follower of this.#followers) follower.wake();
  }

  get #files(): LiveFiles | undefined {
    if (this.#isClosed) throw storeClosed();
    // A store that another process has created since is found by the next read.
    if (this.#opened === undefined && this.#opening === undefined) this.#lookForStore();
    return this.#opened?.files;
  }

  /** Reads; whatever the system refuses is told as an error of ours. */
  #reading<T>(read: (files: LiveFiles | undefined) => T): T {
    try {
      return read(this.#files);
    } catch (error) {
      throw this.#told(error, 'read');
    }
  }

  /** The same for what takes its time. */
  async #working<T>(doing: string, work: () => Promise<T>): Promise<T> {
    const done = work();
    this.#underWay.add(done);
    try {
      return await done;
    } catch (error) {
      throw this.#told(error, doing);
    } finally {
      this.#underWay.delete(done);
    }
  }

  /** Only for what leaves the engine: inside it, a file that has gone is a reason to look again. */
  #told(error: unknown, doing: string): unknown {
    if (systemCode(error) === undefined) return error;
    try {
      if (this.#opened?.files.names(error) === true) return missingFile(error);
    } catch (failure) {
      return ioError(failure, doing, this.#directory);
    }
    return ioError(error, doing, this.#directory);
  }

  #letGo(): void {
    this.#opened?.lock?.close();
    this.#opened?.files.close();
    this.#opened = undefined;
  }

  #lookForStore(): void {
    const { fileSystem } = this.#environment;
    const files = LiveFiles.open({
      environment: this.#environment,
      directory: this.#directory,
      isReadOnly: this.#options.readOnly || !fileSystem.isWritable(this.#directory),
      memoryBytes: this.#options.memoryBytes,
      busyTimeoutMs: this.#options.busyTimeoutMs,
      snapshot: this.#options.snapshot,
      noticed: () => this.#opened?.maintenance.noticed(),
    });
    if (files === undefined) return;
    try {
      requireUnit(files, this.#options.unit);
    } catch (error) {
      files.close();
      throw error;
    }
    const maintenance = new Maintenance(files);
    this.#opened = { files, maintenance, lock: undefined };
    maintenance.noticed();
  }

  /** Opens what is there. After a restart of the system the log is settled before the first read. */
  async #openExisting(): Promise<void> {
    this.#lookForStore();
    const files = this.#opened?.files;
    if (files === undefined || files.place.isReadOnly || !files.log.needsSettling()) return;
    await this.#queue.alone((log) => {
      log.settle();
    });
  }

  async #writable(): Promise<upkeep.Writable> {
    return this.#parts(await this.#forWriting());
  }

  #parts({ files, maintenance }: Pick<Opened, 'files' | 'maintenance'>): upkeep.Writable {
    return { files, maintenance, queue: this.#queue };
  }

  async #forWriting(): Promise<{ files: LiveFiles; lock: LockDoor; maintenance: Maintenance }> {
    if (this.#options.readOnly) throw openedReadOnly();
    if (this.#files === undefined) {
      this.#opening ??= this.#createAndOpen();
      await this.#opening;
    }
    const files = this.#opened?.files;
    if (files === undefined) throw storeClosed();
    requireWritable(files);
    const { maintenance } = this.#required();
    return { files, lock: this.#writeLock(), maintenance };
  }

  async #createAndOpen(): Promise<Opened> {
    try {
      await createStore(this.#environment, this.#directory, {
        unit: this.#options.unit ?? 'us',
        busyTimeoutMs: this.#options.busyTimeoutMs,
      });
      this.#lookForStore();
      this.#wakeFollowers(); // Nobody tells them of files in a directory that was not there.
      return this.#required();
    } finally {
      this.#opening = undefined;
    }
  }

  #required(): Opened {
    if (this.#opened === undefined) {
      throw noStore(`the store in ${this.#directory} has gone; open it again`, this.#directory);
    }
    return this.#opened;
  }

  #writeLock(): LockDoor {
    const opened = this.#required();
    return (opened.lock ??= this.#environment.openLock(
      writeLockPath(this.#directory),
      this.#options.busyTimeoutMs,
    ));
  }
}
