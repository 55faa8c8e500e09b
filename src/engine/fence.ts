/**
 * What a writer holds against the loss of the write lock, of which the kernel tells nobody: POSIX
 * drops a process's locks on a file when the process closes any descriptor of it. Whoever then holds
 * the lock appends beside this one. Nothing in Node can make "look and write" one step, so a writer
 * looks before it writes, after it has, and before and after it is published: so of two that meet in
 * one place at least one sees the other before it tells anybody that it has committed (`docs/decisions/0008-lost-locks.md`).
 */
import { damaged, TimekvError } from '../base/errors.js';
import { frameBytes } from '../wal/format.js';
import { FrameWalker } from '../wal/frame-walker.js';
import { isFreeBehind, spoil, type FramePlace } from '../wal/frame-place.js';
import type { Tail, WalFile } from '../wal/wal-file.js';

const advice =
  'let no program open or copy the files of a store that it has open, nor load a second copy of SQLite';

/** Another process writes though this one holds the lock. Nothing was written: take it again. */
export class WrittenBeside extends TimekvError {
  constructor(file: string) {
    super(
      'ERR_TIMEKV_BUSY',
      `another process writes to ${file} while this one holds the write lock; try again, and ${advice}`,
      { file },
    );
  }
}

/** Before a frame is written, or a torn tail cut: nobody else may have gone on behind the tail. */
export function requireLast(file: WalFile, tail: Tail): void {
  if (file.committedFrames() > tail.ordinal) throw new WrittenBeside(file.path);
}

/** Before a frame is written: nobody else has written one there since the log was caught up with. */
export function requireFree(file: WalFile, tail: Tail): void {
  if (!isFreeBehind(file, tail)) throw new WrittenBeside(file.path);
}

/**
 * Right after a frame was written, under the lock: nobody can have published one in its place yet.
 * Where somebody has, either ours was late and lies over theirs: better that it be seen as damage than
 * believed. Or they hold the lock that this process has lost, and have gone on behind ours already.
 */
export function requireNotLate(file: WalFile, tail: Tail, place: FramePlace): void {
  try {
    if (file.committedFrames() <= tail.ordinal) return;
    const walker = new FrameWalker(file, tail);
    const { headerCrc, payloadBytes = 0 } = walker.next(Infinity)?.header ?? {};
    if (headerCrc !== place.crc) throw writtenOver(file, place);
    const isFollowed = walker.next(Infinity) !== undefined;
    // Who goes on behind ours publishes the last of both; who was there first, one of its number.
    if (isFollowed && !file.isPublishedItself(tail.ordinal + 1)) return;
    spoil(file, place, frameBytes(payloadBytes));
  } catch (error) {
    throw outcomeUnknown(error, file.path); // Whatever it was: the frame has been written.
  }
  throw damaged(
    file.path,
    place.offset,
    `the write lock was lost, and a frame was written over what another process had committed (${advice})`,
  );
}

/** A frame was there, and is not when it shall be published. */
export function writtenOver(file: WalFile, { offset }: FramePlace): TimekvError {
  return new TimekvError(
    'ERR_TIMEKV_OUTCOME_UNKNOWN',
    `another process wrote over a frame that this one had appended to ${file.path}; read to see whether it is there, and ${advice}`,
    { file: file.path, offset },
  );
}

/** What went wrong once a frame had been written: it may be there or not. */
export function outcomeUnknown(cause: unknown, file: string): TimekvError {
  if (isOutcomeUnknown(cause)) return cause;
  const why = cause instanceof Error ? cause.message : String(cause);
  return new TimekvError(
    'ERR_TIMEKV_OUTCOME_UNKNOWN',
    `the write was appended to ${file} but could not be made durable (${why}); open the store again and read to see whether it is there`,
    { cause, file },
  );
}

/** True if a frame may lie in the log although writing it threw: others may have gone by it. */
export function mayBeWritten(error: unknown): boolean {
  const isDamage = error instanceof TimekvError && error.code === 'ERR_TIMEKV_DAMAGED';
  return isDamage || isOutcomeUnknown(error);
}

function isOutcomeUnknown(error: unknown): error is TimekvError {
  return error instanceof TimekvError && error.code === 'ERR_TIMEKV_OUTCOME_UNKNOWN';
}
