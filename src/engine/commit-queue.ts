/**
 * Turns writes into committed frames. What queues up while one frame is synced goes into the next,
 * so that many writers share one sync. The order of a commit, which must never be broken:
 * lock → catch up → judge, give seq and now → one write → unlock → sync → publish → acknowledge.
 */
import { align8, noBytes } from '../base/bytes.js';
import { isMark } from '../base/entry.js';
import { systemCode, TimekvError, type ErrorCode } from '../base/errors.js';
import { MiB, walFillBytes } from '../base/limits.js';
import { RunOfCode } from '../base/slices.js';
import type { LockDoor } from '../catalog/lock.js';
import { ioError } from '../disk/file-system.js';
import { frameBytes, FrameDurability, frameHeaderBytes } from '../wal/format.js';
import { encodeRecord, recordBytes, type RecordContent } from '../wal/record.js';
import { isInPlace } from '../wal/frame-place.js';
import type { Committed } from './engine.js';
import { outcomeUnknown, WrittenBeside, writtenOver } from './fence.js';
import { Expiring } from './expiring.js';
import { type Batch, comesAlone, hasConditions, Judge, judgeBatch } from './judge.js';
import { PackedRows } from './packed-rows.js';
import type { LiveFiles } from './live-files.js';
import type { Appended, Log } from './log.js';
import { noteMarks } from './retention.js';
import { type Stored, storedIn } from './stored.js';
import { missingFile } from './vanished-files.js';
import type { View } from './view.js';

/** Batches are put together into one frame up to this size. */
const sharedFrameBytesMax = MiB;
const attemptsMax = 20;
/** Answers to one batch that do not concern the others in the same frame. */
const refusals: ReadonlySet<ErrorCode> = new Set([
  'ERR_TIMEKV_CONFLICT',
  'ERR_TIMEKV_INVALID_ARGUMENT',
  'ERR_TIMEKV_DAMAGED',
  'ERR_TIMEKV_HISTORY_TRUNCATED',
]);

interface Waiting {
  batch: Batch;
  bytes: number;
  resolve: (committed: Committed) => void;
  reject: (error: unknown) => void;
}

/** Something else that is done in its turn; never rejects. */
interface Turn {
  run: () => Promise<void>;
}

interface Accepted extends Committed {
  waiting: Waiting;
  contents: RecordContent[];
}

/** What one hold of the lock came to. */
interface Outcome {
  accepted: Accepted[];
  refused: { waiting: Waiting; error: unknown }[];
  hasAppended: boolean;
  /** What has to be committed before anybody is answered; its file is retained until then. */
  uncommitted: Appended | undefined;
  didRotate: boolean;
}

export interface CommitParts {
  /** The store's files and write lock; creates the store if there is none. */
  forWriting(): Promise<{ files: LiveFiles; lock: LockDoor }>;
  /** Called before each write; resolves when maintenance is not too far behind. */
  makeRoom(): Promise<void>;
  /** Called after a rotation, outside the lock. */
  rotated(): void;
  durability: 'full' | 'process';
  busyTimeoutMs: number;
}

export class CommitQueue {
  readonly #parts: CommitParts;
  readonly #waiting: (Waiting | Turn)[] = [];
  #draining: Promise<void> | undefined;
  readonly #run = new RunOfCode();
  /** Changes with each commit. */
  commits = 0;
  /** Where frames are put together: none before the first, since many openings write nothing. */
  #frame = noBytes;

  constructor(parts: CommitParts) {
    this.#parts = parts;
  }

  /** Resolves once all is committed. */
  submit(batch: Batch): Promise<Committed> {
    return new Promise((resolve, reject) => {
      this.#enqueue({ batch, bytes: sizeOf(batch), resolve, reject });
    });
  }

  /** Resolves when everything submitted so far has been answered. */
  async idle(): Promise<void> {
    while (this.#draining !== undefined) await this.#draining;
  }

  /** Does something else with the log under the write lock, after everything submitted so far. */
  alone(action: (log: Log) => void): Promise<void> {
    const act = async () => {
      const { files, lock } = await this.#parts.forWriting();
      const { unlockFailure } = await this.#underLock(files, lock, () => {
        action(files.log);
      });
      if (unlockFailure !== undefined) throw unlockFailure;
    };
    return new Promise((resolve, reject) => {
      this.#enqueue({ run: () => act().then(resolve, reject) });
    });
  }

  #enqueue(item: Waiting | Turn): void {
    this.#waiting.push(item);
    this.#draining ??= Promise.resolve().then(() => this.#drain());
  }

  async #drain(): Promise<void> {
    for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
      if ('run' in next) {
        this.#waiting.shift();
        await next.run();
      } else {
        // A writer that awaits each of its writes hears of a sync in the same run of code.
        if (this.#run.isLong) await this.#run.nextTurn();
        await this.#commitOrReject(this.#take());
      }
    }
    this.#draining = undefined;
  }

  #take(): Waiting[] {
    let bytes = 0;
    const taken: Waiting[] = [];
    for (const waiting of this.#waiting) {
      if ('run' in waiting) break;
      bytes += waiting.bytes;
      if (taken.length > 0 && bytes > sharedFrameBytesMax) break;
      const isAlone = comesAlone(waiting.batch);
      if (taken.length > 0 && isAlone) break;
      taken.push(waiting);
      if (isAlone) break;
    }
    this.#waiting.splice(0, taken.length);
    return taken;
  }

  async #commitOrReject(taken: Waiting[]): Promise<void> {
    try {
      await this.#commit(taken);
    } catch (error) {
      const thrown = ioError(error, 'write to', 'the store');
      for (const waiting of taken) waiting.reject(thrown);
    }
  }

  async #commit(taken: Waiting[]): Promise<void> {
    const { files, lock } = await this.#parts.forWriting();
    await this.#parts.makeRoom();
    const isConditional = files.marksKeys || taken.some((waiting) => hasConditions(waiting.batch));
    if (isConditional) catchUpAhead(files);
    const { done: outcome, unlockFailure } = await this.#underLock(files, lock, (isLastAttempt) =>
      this.#append(files, taken, { isConditional, isLastAttempt }),
    );
    await this.#finish(outcome, { writers: taken.length, unlockFailure });
    this.commits++;
    files.forgetLook();
    for (const { waiting, answers, firstSeq, seqs } of outcome.accepted) {
      waiting.resolve({ answers, firstSeq, seqs });
    }
    for (const { waiting, error } of outcome.refused) waiting.reject(error);
    if (outcome.didRotate) this.#parts.rotated();
  }

  /** Makes committed what has to be before anybody is answered. */
  async #finish(
    { uncommitted, hasAppended }: Outcome,
    { writers, unlockFailure }: { writers: number; unlockFailure: TimekvError | undefined },
  ): Promise<void> {
    try {
      if (unlockFailure !== undefined) throw unlockFailure;
      if (uncommitted !== undefined) await this.#makeCommitted(uncommitted, writers);
    } catch (error) {
      if (!hasAppended || uncommitted === undefined) throw error;
      throw outcomeUnknown(error, uncommitted.generation.file.path);
    } finally {
      uncommitted?.generation.release();
    }
  }

  /**
   * Holds the write lock over an action, and repeats it if a file that it needs has gone. That the
   * lock could not be given back does not undo what was done.
   */
  async #underLock<T>(
    files: LiveFiles,
    lock: LockDoor,
    action: (isLastAttempt: boolean) => T,
  ): Promise<{ done: T; unlockFailure: TimekvError | undefined }> {
    for (let attempt = 1; ; attempt++) {
      await lock.acquire(this.#parts.busyTimeoutMs);
      try {
        const done = action(attempt === attemptsMax);
        return { done, unlockFailure: unlock(lock) };
      } catch (error) {
        const unlockFailure = unlock(lock);
        // A file was flushed away before it was opened, or the lock was lost on the way: nothing has
        // been written, so try again.
        const isGone = systemCode(error) === 'ENOENT';
        if (!isGone && !(error instanceof WrittenBeside)) throw error;
        if (attempt === attemptsMax) throw isGone ? missingFile(error) : error;
        if (unlockFailure !== undefined) throw unlockFailure;
      }
      files.reload();
    }
  }

  #append(
    files: LiveFiles,
    taken: Waiting[],
    { isConditional, isLastAttempt }: { isConditional: boolean; isLastAttempt: boolean },
  ): Outcome {
    let tail = files.catchUp();
    const { log } = files;
    const judge = new Judge(
      {
        unit: files.manifest.settings.unit,
        clockNow: files.place.environment.clock.now(),
        seq: tail.seq,
        lastNow: tail.lastNow,
        horizon: files.horizon,
      },
      isConditional || files.marksKeys ? storedOf(files, isLastAttempt) : undefined,
    );
    const outcome: Outcome = {
      accepted: [],
      refused: [],
      hasAppended: false,
      uncommitted: undefined,
      didRotate: false,
    };
    const payloadBytes = judgeEach(taken, judge, outcome);
    // Before anything marks a key, so that nobody writes on without looking for marks.
    const marks = outcome.accepted.some(({ contents }) =>
      contents.some(({ kind }) => isMark(kind)),
    );
    if (marks) noteMarks(files);
    const count = judge.seq - tail.seq;
    if (count > 0) {
      if (log.isFull(tail, payloadBytes)) {
        const { seq } = tail;
        tail = log.rotate(tail);
        outcome.didRotate = true;
        // In the new file somebody was quicker, who has the lock that this process lost: judge anew.
        if (tail.seq !== seq) throw new WrittenBeside(log.active.file.path);
      }
      const buffer = this.#encode(outcome.accepted, payloadBytes);
      const durability = FrameDurability[this.#parts.durability];
      const content = { buffer, payloadBytes, count, lastNow: judge.lastNow, durability };
      outcome.uncommitted = log.append(tail, content);
      outcome.hasAppended = true;
    } else {
      // It tells what is in the log: a power cut must not take back what the caller was told.
      outcome.uncommitted = log.unpublished(tail);
    }
    // While the lock is held still: afterwards others may flush the file away at any time.
    outcome.uncommitted?.generation.retain();
    if (marks) files.reload();
    return outcome;
  }

  #encode(accepted: Accepted[], payloadBytes: number): Buffer {
    const length = frameBytes(payloadBytes);
    // Room behind the frame for the zeros that are written ahead with it.
    const needed = length + walFillBytes;
    let frame = this.#frame;
    if (needed > frame.length) {
      const isUsual = needed <= 2 * sharedFrameBytesMax;
      frame = Buffer.allocUnsafeSlow(isUsual ? 2 ** Math.ceil(Math.log2(needed)) : needed);
      if (isUsual) this.#frame = frame;
    }
    let offset = frameHeaderBytes;
    for (const { waiting, contents } of accepted) {
      if (waiting.batch instanceof PackedRows) offset = waiting.batch.copyTo(frame, offset);
      for (const content of contents) offset = encodeRecord(frame, offset, content);
    }
    frame.fill(0, offset, frameHeaderBytes + align8(payloadBytes));
    return frame;
  }

  /** Steps sync and publish. Once one of them has failed nobody knows what is on the disk. */
  async #makeCommitted(appended: Appended, writers: number): Promise<void> {
    const { generation, ordinal, needsSync, bytes, place } = appended;
    const { file } = generation;
    try {
      if (needsSync) {
        // A lone writer is quickest by itself; for several the event loop gathers the next frame.
        if (writers === 1 && this.#waiting.length === 0 && !file.syncsMustWait) file.syncData();
        else await file.syncDataAsync(bytes);
      }
      if (place !== undefined && !generation.stillHas(place)) throw writtenOver(file, place);
      file.publish(ordinal, needsSync ? FrameDurability.full : FrameDurability.process);
      // Who comes late from now on finds it published; who came before, leaves this to be found.
      if (place !== undefined && !generation.stillHas(place)) throw writtenOver(file, place);
    } catch (error) {
      if (!wasPublished(appended)) throw error;
    }
  }
}

/** What a judge may ask: everything in the log and the segments. */
function storedOf(files: LiveFiles, isLastAttempt: boolean): Stored {
  let view: View | undefined;
  const ask = <T>(question: (view: View) => T): T => {
    try {
      return question((view ??= files.viewOfAll()));
    } catch (error) {
      // In the end it concerns those who asked for the file, and nobody else in the frame.
      if (isLastAttempt && systemCode(error) === 'ENOENT') throw missingFile(error);
      throw error;
    }
  };
  const { marksKeys, manifest } = files;
  return storedIn(ask, { marksKeys, snapshots: manifest.snapshots });
}

/** Gives the lock back; answers what kept it from that, if anything did. */
function unlock(lock: LockDoor): TimekvError | undefined {
  try {
    lock.release();
    return undefined;
  } catch (error) {
    return ioError(error, 'give back', lock.path);
  }
}

/** Puts each batch among the accepted or the refused; answers how many bytes the accepted ones take. */
function judgeEach(taken: readonly Waiting[], judge: Judge, outcome: Outcome): number {
  let payloadBytes = 0;
  for (const waiting of taken) {
    try {
      const { batch } = waiting;
      const firstSeq = judge.seq + 1;
      const judged = judgeBatch(batch, judge);
      if (batch instanceof PackedRows) payloadBytes += batch.bytes;
      for (const content of judged.contents) payloadBytes += recordBytes(content);
      outcome.accepted.push({ waiting, firstSeq, ...judged });
    } catch (error) {
      if (!isRefusal(error)) throw error;
      outcome.refused.push({ waiting, error });
    }
  }
  return payloadBytes;
}

function sizeOf(batch: Batch): number {
  if (batch instanceof PackedRows) return batch.bytes;
  if (batch instanceof Expiring) return 0;
  return batch.writes.reduce((sum, { key, value }) => sum + key.length + value.length + 32, 0);
}

/** True if another process's sync has covered the frame, and it published it or one behind it. */
function wasPublished({ generation: { file }, ordinal, place }: Appended): boolean {
  try {
    return (place === undefined || isInPlace(file, place)) && file.committedFrames() >= ordinal;
  } catch {
    return false;
  }
}

/** Does most of the catching up before the lock is taken, so that the hold is short. */
function catchUpAhead(files: LiveFiles): void {
  try {
    files.view();
  } catch {
    // Under the lock it will be told to those whom it concerns.
  }
}

/** What the caller did wrong or did not get, as opposed to what went wrong here. */
function isRefusal(error: unknown): boolean {
  return error instanceof TimekvError && refusals.has(error.code);
}
