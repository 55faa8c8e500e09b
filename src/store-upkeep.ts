/** What is done to a store as a whole. */
import { checkOptions, checkPolicy, checkSnapshotName, doesDeflate } from './checks.js';
import { storeClosed } from './base/errors.js';
import { checkNewDirectory } from './directories.js';
import type { Engine } from './engine/engine.js';
import { withAmplification } from './engine/stats.js';
import type {
  BackupResult,
  CompactOptions,
  CompactResult,
  KeepOptions,
  Retention,
  Snapshot,
  Stats,
  Unit,
  VerifyReport,
} from './options.js';

export class StoreUpkeep {
  readonly #engine: Engine;
  #isClosed = false;

  protected constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** `us`: microseconds since 1970. `tick`: integers with no clock. */
  get unit(): Unit {
    return this.engine.unit;
  }

  /** False while there is no store in the directory: the first write makes it. */
  get exists(): boolean {
    return this.engine.exists;
  }

  /** Makes what other processes have committed visible now. */
  refresh(): void {
    this.engine.refresh();
  }

  /**
   * Keeps what is committed now under a name, at next to no cost, until it is removed: for
   * `open(dir, { snapshot })`. Without a name: a checkpoint, which puts the log into a segment.
   * @throws ERR_TIMEKV_EXISTS if the name is taken
   */
  async snapshot(name?: string): Promise<void> {
    if (name === undefined) return this.engine.checkpoint();
    return this.engine.takeSnapshot(checkSnapshotName(name));
  }

  /** In the order in which they were taken. */
  async snapshots(): Promise<Snapshot[]> {
    return Promise.resolve(
      this.engine.snapshots().map(({ horizon, ...row }) => {
        return { ...row, ...(horizon !== null && { horizon }) };
      }),
    );
  }

  /**
   * Lets go of a snapshot, and of what only it holds back from compactions.
   * @throws ERR_TIMEKV_NO_SNAPSHOT
   */
  async removeSnapshot(name: string): Promise<void> {
    return this.engine.removeSnapshot(checkSnapshotName(name));
  }

  /**
   * Puts what is committed now, or a snapshot, into a store of its own, which is only read; `restore`
   * makes one to write to of it. Writers go on meanwhile. Into the same directory again: what is new.
   * @throws ERR_TIMEKV_EXISTS if there is another store, or a later backup; ERR_TIMEKV_NOT_A_STORE
   */
  async backup(directory: string, name?: string): Promise<BackupResult> {
    const snapshot = name === undefined ? name : checkSnapshotName(name);
    return this.engine.backup(checkNewDirectory(directory), snapshot);
  }

  /**
   * Merges segments; with `full` everything into one. Drops nothing that a read could ask for, but for
   * what `keepFor` and `keepVersions`, or else the stored policy, let go.
   */
  async compact(options: CompactOptions = {}): Promise<CompactResult> {
    const {
      full = false,
      compress = 'auto',
      dryRun = false,
      ...rest
    } = checkOptions(options, 'compact');
    return this.engine.compact({
      full,
      isDeflated: doesDeflate(compress),
      policy: checkPolicy(rest),
      isDryRun: dryRun,
      onProgress: rest.onProgress,
    });
  }

  /** What compactions let go, and since when the store can be asked. */
  async retention(): Promise<Retention> {
    const { keepFor, keepVersions } = this.engine.policy() ?? {};
    const horizon = this.engine.horizon();
    return Promise.resolve({
      ...(keepFor !== undefined && { keepFor }),
      ...(keepVersions !== undefined && { keepVersions }),
      ...(horizon !== -Infinity && { horizon }),
    });
  }

  /**
   * Stores what is to be kept: from now on every compaction lets go of the rest, also those that come
   * by themselves.
   * @param policy undefined: everything is kept; what was let go does not come back
   */
  async setRetention(policy: KeepOptions | undefined): Promise<void> {
    return this.engine.setPolicy(policy && checkPolicy(checkOptions(policy, 'setRetention')));
  }

  /** Sizes, counts, what the cache does, and what waits for maintenance; by what this store has read. */
  async stats(): Promise<Stats> {
    return Promise.resolve({ unit: this.engine.unit, ...withAmplification(this.engine.stats()) });
  }

  /**
   * Checks everything on disk that can be checked, while others read and write: every checksum, the
   * order of entries, and how catalog, segments and log fit together. Damage is told in the report
   * and never thrown; nothing is changed.
   */
  async verify(): Promise<VerifyReport> {
    return this.engine.verify();
  }

  /** Waits for writes that are under way, then closes. Again: nothing. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await this.#engine.close();
  }

  /** For `await using`: closes. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  protected get engine(): Engine {
    if (this.#isClosed) throw storeClosed();
    return this.#engine;
  }
}
