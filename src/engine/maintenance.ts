/**
 * Flush and merge, at the right time: behind the back of writers in a process that lives on, within
 * a small budget when a process ends, wholly when asked. One job at a time in a process, and under
 * the maintenance lock one in all processes.
 */
import { monotonicMs, nextTurn, sleep } from '../base/clock.js';
import {
  builderMemoryMin,
  builderMergeBytesMin,
  busyRotationBytes,
  busyRotationMs,
  deflatedMergeBytesMin,
  deflatingMemoryMin,
  segmentsUnhurried,
} from '../base/limits.js';
import { writersOf } from '../catalog/manifest.js';
import type { LockDoor } from '../catalog/lock.js';
import { maintenanceLockPath, quarantineDirectory, quarantinePath } from '../disk/names.js';
import type { SegmentProperties } from '../base/segment-properties.js';
import type { BetweenSlices, Builder } from './build-jobs.js';
import { bytesOf, type Merge, mergeSegments } from './compaction.js';
import { ClosingBudget } from './closing-budget.js';
import { type NextMerge, nextMerge, pickMerge } from './compaction-pick.js';
import { dropKeptLogs, flushSealed } from './flush.js';
import type { Compaction, OnMerged } from './engine.js';
import { IdleUpkeep } from './idle-upkeep.js';
import type { LiveFiles } from './live-files.js';
import { dropPausedMerges, pausedMerges } from './paused-merge.js';
import { keepOf } from './policy.js';
import { garbageIn, isCrowded, policyOf, timesOf } from './retention.js';
import { SealedLimits } from './sealed-limits.js';
import { sweep } from './sweep.js';
import type { Keep } from './trimming.js';

/** How often a writer looks whether there is room. */
const pollMs = 5;
/** So many sealed logs are flushed before a merge goes on. */
const sealedSoon = 2;

interface Merging extends Pick<
  Merge,
  'inputs' | 'isDeflated' | 'dropsErasures' | 'keep' | 'paused'
> {
  shouldStop: () => boolean;
  onMerged?: OnMerged | undefined;
}

/** A compaction, with what a policy comes to. */
interface Compacting extends Pick<Compaction, 'full' | 'isDeflated' | 'onProgress'> {
  keep: Keep | undefined;
  /** There is something that may be let go. */
  letsGo: boolean;
}

export class Maintenance {
  readonly #files: LiveFiles;
  readonly #limits: SealedLimits;
  #lock: LockDoor | undefined;
  #job: Promise<unknown> = Promise.resolve();
  #isBackgroundJobWaiting = false;
  #isClosing = false;
  #hasSwept = false;
  /** Makes segments in a process that is busy writing, or merges a lot. */
  #builder: Builder | undefined;
  #rotatedAt = monotonicMs();

  readonly #closingBudget = new ClosingBudget();
  readonly #upkeep: IdleUpkeep;

  constructor(files: LiveFiles) {
    this.#files = files;
    this.#limits = new SealedLimits(files.place.memoryBytes);
    this.#upkeep = new IdleUpkeep(
      () => this.#isDue,
      () => this.#inBackground(),
    );
  }

  /**
   * Before a write: while too many logs wait to be flushed, waits for that, at most `busyTimeout`.
   * @throws ERR_TIMEKV_BUSY if another process has kept the maintenance lock so long that the logs
   *   became far too many
   */
  async makeRoom(): Promise<void> {
    this.#closingBudget.writes(this.#files.log);
    if (isCrowded(this.#files)) await this.#makeSpace();
    if (!this.#limits.areTooMany(this.#files.log.sealed)) return;
    const lock = this.#openLock();
    const { busyTimeoutMs } = this.#files.place;
    const deadline = monotonicMs() + busyTimeoutMs;
    for (;;) {
      // A flush of this process is under way, or a merge, which flushes between its slices.
      const isOurs = lock.isHeld;
      if (!isOurs && !(await this.#couldFlush())) return;
      this.#files.refresh();
      const { sealed } = this.#files.log;
      const areFarTooMany = this.#limits.areFarTooMany(sealed);
      if (!(isOurs ? this.#limits.areTooMany(sealed) : areFarTooMany)) return;
      if (monotonicMs() >= deadline) {
        if (!areFarTooMany) return;
        throw lock.busy(busyTimeoutMs);
      }
      await sleep(pollMs);
    }
  }

  /** Waits for a merge of what retention lets go, at most `busyTimeout`; what keeps it from that, waits. */
  async #makeSpace(): Promise<void> {
    const deadline = monotonicMs() + this.#files.place.busyTimeoutMs;
    while (isCrowded(this.#files) && monotonicMs() < deadline) {
      const done = this.#inBackground()
        .catch(() => undefined)
        .then(() => sleep(pollMs));
      await Promise.race([done, sleep(deadline - monotonicMs())]);
      this.#files.reload();
    }
  }

  /** False if it failed: a damaged log must stay as it is, and writes go on; a full disk tells them. */
  async #couldFlush(): Promise<boolean> {
    try {
      await this.flushIfFree();
      return true;
    } catch {
      return false;
    }
  }

  /** After a rotation: starts a job in the background. */
  rotated(): void {
    const now = monotonicMs();
    if (now - this.#rotatedAt < busyRotationMs) {
      const sealedBytes = this.#files.log.sealed.at(-1)?.file.size() ?? 0;
      if (sealedBytes >= busyRotationBytes) this.#openBuilder();
    }
    this.#rotatedAt = now;
    if (this.#isBackgroundJobWaiting) return;
    this.#isBackgroundJobWaiting = true;
    // What fails in the background (a full disk) is left for the next time; nothing is lost by it.
    this.#inBackground().catch(() => undefined);
  }

  /** Where others may have written: if something waits, it is done when it has waited for a while. */
  noticed(): void {
    const { isReadOnly, environment } = this.#files.place;
    if (!isReadOnly && environment.hasTimers) this.#upkeep.notice();
  }

  get #isDue(): boolean {
    const { log, manifest } = this.#files;
    if (log.sealed.length > 0) return true;
    const rows = manifest.segments;
    return (pickMerge(rows) ?? garbageIn(this.#files, rows)) !== undefined;
  }

  /** Answers false if another process is at it. */
  async #inBackground(): Promise<boolean> {
    let isOurs = false;
    await this.#inTurn(async () => {
      this.#isBackgroundJobWaiting = false;
      isOurs = await this.#tryOnce(() => this.#flushAndMerge(Infinity));
    });
    return isOurs;
  }

  /** Flushes what is sealed, waiting for other processes' maintenance to end. */
  flush(): Promise<void> {
    return this.#inTurn(() => this.#whenFree(() => this.#flushOnly()));
  }

  /** The same, unless another process is at it. */
  flushIfFree(): Promise<void> {
    return this.#inTurn(async () => {
      await this.#tryOnce(() => this.#flushOnly());
    });
  }

  /**
   * Flushes, then merges what is due; or everything into one segment, where that is asked for (then
   * kept logs are given up) or where retention lets something go.
   */
  compact({ full, isDeflated, keep, letsGo, onProgress }: Compacting): Promise<void> {
    return this.#inTurn(() =>
      this.#whenFree(async () => {
        await this.#flushOnly();
        if (!full && !letsGo) return this.#mergeDue(Infinity, isDeflated, onProgress);
        await this.#mergeAll({ isDeflated, full, keep, letsGo, onProgress });
        if (full) dropKeptLogs(this.#files);
      }),
    );
  }

  /** The last thing that a process does: flushes, and goes on with merging for a moment. */
  async close(): Promise<void> {
    this.#isClosing = true;
    this.#upkeep.end();
    try {
      await this.#inTurn(async () => {
        const { log, place } = this.#files;
        if (place.isReadOnly || !this.#isDue) return;
        const budgetMs = this.#closingBudget.left(log);
        if (budgetMs === 0 && log.sealed.length === 0) return;
        await this.#tryOnce(() => this.#flushAndMerge(budgetMs));
      }).catch(() => undefined);
    } finally {
      this.#builder?.close();
      this.#lock?.close();
    }
  }

  #openBuilder(): void {
    const { environment, directory, memoryBytes } = this.#files.place;
    if (memoryBytes < builderMemoryMin) return;
    const storeIds = writersOf(this.#files.manifest);
    this.#builder ??= environment.makeBuilder?.(directory, storeIds);
    this.#builder?.start();
  }

  #inTurn(job: () => Promise<void>): Promise<void> {
    const done = this.#job.then(job);
    this.#job = done.catch(() => {
      this.#hasSwept = false; // It may have left a file that nobody lists.
    });
    return done;
  }

  /** Runs the job unless another process is at it already: then answers false. */
  async #tryOnce(job: () => Promise<void>): Promise<boolean> {
    const lock = this.#openLock();
    if (!lock.tryAcquire()) return false;
    await releasing(lock, job);
    return true;
  }

  async #whenFree(job: () => Promise<void>): Promise<void> {
    const lock = this.#openLock();
    await lock.acquire(this.#files.place.busyTimeoutMs);
    await releasing(lock, job);
  }

  #openLock(): LockDoor {
    const { directory, busyTimeoutMs, environment } = this.#files.place;
    return (this.#lock ??= environment.openLock(maintenanceLockPath(directory), busyTimeoutMs));
  }

  /** Flushes what is sealed now; what writers seal meanwhile is for the next time, or it never ends. */
  async #flushOnly(): Promise<void> {
    // Whoever had the maintenance lock before may have changed the catalog a moment ago.
    this.#files.reload();
    if (!this.#hasSwept) sweep(this.#files);
    this.#hasSwept = true;
    this.#files.refresh();
    const last = this.#files.log.sealed.at(-1)?.generation ?? -1;
    for (;;) {
      await nextTurn();
      const first = this.#files.log.sealed[0]?.generation ?? Infinity;
      if (first > last || !(await flushSealed(this.#files, this.#builder))) return;
    }
  }

  async #flushAndMerge(budgetMs: number): Promise<void> {
    await this.#flushOnly();
    // To deflate takes most of the time, of which a process that ends has too little.
    await this.#mergeDue(budgetMs, budgetMs === Infinity ? 'large' : false);
  }

  /** For so long; Infinity: until nothing is due, or the store is to be closed. */
  async #mergeDue(
    budgetMs: number,
    deflates: boolean | 'large',
    onProgress?: OnMerged,
  ): Promise<void> {
    let done = 0;
    const deadline = monotonicMs() + budgetMs;
    const shouldStop = () => (budgetMs === Infinity ? this.#isClosing : monotonicMs() >= deadline);
    // What is flushed meanwhile is for the next time, for the same reason.
    const last = this.#oldestFirst().at(-1)?.row.maxSeq ?? 0;
    while (!shouldStop()) {
      const next = this.#nextMerge(last);
      if (next === undefined) return;
      const { segments: picked, paused, isGarbage } = next;
      const ids = new Set(picked.map((row) => row.id));
      const inputs = this.#oldestFirst().filter((handle) => ids.has(handle.row.id));
      const onMerged: OnMerged = (merged, of) => {
        onProgress?.(done + merged, done + of);
      };
      const wanted = deflates === 'large' ? bytesOf(inputs) >= deflatedMergeBytesMin : deflates;
      // What is written anew again and again is not worth the time that deflating takes.
      const isDeflated = !isGarbage && this.#deflates(wanted);
      const merging = { inputs, isDeflated, dropsErasures: false, keep: this.#storedKeep() };
      if (!(await this.#merge({ ...merging, paused, shouldStop, onMerged }))) return;
      done += picked.reduce((sum, row) => sum + row.entries, 0);
    }
  }

  /** @param last what is newer does not count */
  #nextMerge(last: number): NextMerge<SegmentProperties> | undefined {
    const rows = this.#oldestFirst().map((handle) => handle.row);
    const settled = rows.filter((row) => row.maxSeq <= last);
    const begun = pausedMerges(
      this.#files.place,
      rows.map((row) => row.id),
    );
    return nextMerge(settled, begun, garbageIn(this.#files, settled));
  }

  /** What the stored policy keeps, where it counts versions. */
  #storedKeep(): Keep | undefined {
    const policy = policyOf(this.#files.manifest);
    return policy && keepOf(policy, timesOf(this.#files, this.#files.refresh()));
  }

  async #mergeAll({
    isDeflated: wanted,
    full,
    keep,
    letsGo,
    onProgress: onMerged,
  }: Compacting): Promise<void> {
    dropPausedMerges(this.#files.place);
    const inputs = this.#oldestFirst();
    const isDeflated = this.#deflates(wanted);
    const isAsWanted =
      isDeflated !== wanted || inputs.every((input) => input.reader().isDeflated === wanted);
    const hasErasures = inputs.some(({ row }) => (row.traits?.erasures ?? 0) > 0);
    // An erasure may go only when nothing is left of what it hides.
    if (hasErasures && full) {
      dropKeptLogs(this.#files);
      this.#emptyQuarantine();
    }
    const holdsValues = inputs.some(({ row }) => (row.traits?.heldValues ?? 0) > 0);
    if (inputs.length === 0) return;
    const isDone = inputs.length === 1 && isAsWanted && !hasErasures && !holdsValues;
    if (isDone && !letsGo) return;
    const shouldStop = () => false;
    await this.#merge({ inputs, isDeflated, dropsErasures: full, keep, shouldStop, onMerged });
  }

  /** What was put aside may hold what is to be in no file any more. */
  #emptyQuarantine(): void {
    const { environment, directory } = this.#files.place;
    const { fileSystem } = environment;
    const quarantine = quarantineDirectory(directory);
    if (fileSystem.status(quarantine) === undefined) return;
    for (const name of fileSystem.list(quarantine))
      fileSystem.remove(quarantinePath(directory, name));
  }

  /**
   * A merge may take minutes; logs that are sealed meanwhile, by whomever, are flushed in between:
   * writers wait for that, and for a merge nobody does. But the more segments there are, the longer it
   * goes on after each flush, or writers that never pause would let it starve.
   */
  #merge({ shouldStop, onMerged, ...merging }: Merging): Promise<boolean> {
    const { inputs } = merging;
    const entries = inputs.reduce((sum, input) => sum + input.row.entries, 0);
    let nextFlush = 0;
    const betweenSlices: BetweenSlices = async (merged) => {
      if (shouldStop()) return true;
      onMerged?.(merged, entries);
      const started = monotonicMs();
      if (started < nextFlush) return false;
      this.#files.refresh();
      if (this.#files.log.sealed.length < sealedSoon) return false;
      await flushSealed(this.#files, this.#builder);
      const ended = monotonicMs();
      const many = Math.max(0, this.#files.manifest.segments.length - segmentsUnhurried);
      const share = many / segmentsUnhurried;
      nextFlush = ended + (ended - started) * share;
      return false;
    };
    // In what is left to a process that ends, a thread would hardly be there.
    if (!this.#isClosing && bytesOf(inputs) >= builderMergeBytesMin) this.#openBuilder();
    const builder = this.#builder;
    return mergeSegments(this.#files, { ...merging, betweenSlices, builder });
  }

  #deflates(wanted: boolean): boolean {
    return wanted && this.#files.place.memoryBytes >= deflatingMemoryMin;
  }

  #oldestFirst() {
    return [...this.#files.segments.handles].reverse();
  }
}

async function releasing(lock: LockDoor, job: () => Promise<void>): Promise<void> {
  try {
    await job();
  } finally {
    lock.release();
  }
}
