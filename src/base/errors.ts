/**
 * The one error class and its closed list of codes. A new code is added only if a caller would act
 * differently on it. Absence is not an error: reads answer `undefined`.
 */

/** Every code, with the situation it stands for. */
export const errorCodes = {
  ERR_TIMEKV_INVALID_ARGUMENT: 'a key, value, timestamp or option that cannot be used',
  ERR_TIMEKV_NO_STORE: 'there is no store in that directory',
  ERR_TIMEKV_NO_SNAPSHOT: 'there is no snapshot of that name',
  ERR_TIMEKV_NOT_A_STORE: 'the directory holds something else than a store',
  ERR_TIMEKV_UNSUPPORTED_FORMAT: 'the store was written by a newer or another format',
  ERR_TIMEKV_REMOTE_FILE_SYSTEM: 'the directory lies on a network file system',
  ERR_TIMEKV_CONFLICT: 'a condition of the write does not hold',
  ERR_TIMEKV_EXISTS: 'something of that name, or a store of another unit, is there already',
  ERR_TIMEKV_BUSY: 'another process holds a lock for longer than busyTimeout',
  ERR_TIMEKV_TIMEOUT: 'the time given for waiting has passed',
  ERR_TIMEKV_DAMAGED: 'bytes on disk are not what was written',
  ERR_TIMEKV_HISTORY_TRUNCATED: 'retention no longer guarantees that part of history',
  ERR_TIMEKV_OUTCOME_UNKNOWN: 'a write was appended, but whether it is durable cannot be told',
  ERR_TIMEKV_POISONED: 'an earlier write failed in a way that only reopening mends',
  ERR_TIMEKV_READ_ONLY: 'the store was opened for reading, or cannot be written by this user',
  ERR_TIMEKV_IO: 'the operating system refused to read or write',
  ERR_TIMEKV_CLOSED: 'the store was closed',
} as const;

export type ErrorCode = keyof typeof errorCodes;

export interface ErrorDetails {
  /** What was thrown underneath. */
  cause?: unknown;
  /** The file concerned, as a path. */
  file?: string;
  /** Where in that file, in bytes. */
  offset?: number;
}

/** What every refusal and failure of timekv is thrown as. */
export class TimekvError extends Error {
  /** Tells it from other errors, also where it was copied to another thread. */
  override readonly name = 'TimekvError';
  /** The situation; what a program goes by. */
  readonly code: ErrorCode;
  /** The file concerned, as a path, if there is one. */
  readonly file: string | undefined;
  /** Where in that file, in bytes from its start. */
  readonly offset: number | undefined;
  /** Which operation of a batch was refused, from 0. */
  operation: number | undefined;
  /** Of damage: what is wrong, in a few words without file and offset. */
  damage: string | undefined;

  /**
   * For a codec or a clock of one's own, which may throw it too.
   * @param code one of the closed list
   * @param message what was wrong and how to mend it, in one line
   */
  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.file = details.file;
    this.offset = details.offset;
  }
}

/** The same error, which now tells the operation of the batch that it is about. */
export function atOperation(error: unknown, operation: number): unknown {
  if (error instanceof TimekvError) error.operation = operation;
  return error;
}

/** A caller's mistake: bad key, value, timestamp or option. */
export function invalidArgument(message: string): TimekvError {
  return new TimekvError('ERR_TIMEKV_INVALID_ARGUMENT', message);
}

/** A write through a handle that was opened for reading. */
export function openedReadOnly(): TimekvError {
  return new TimekvError(
    'ERR_TIMEKV_READ_ONLY',
    'the store was opened with readOnly; open it without to write',
  );
}

/**
 * Bytes on disk that are not what was written.
 * @param file path of the damaged file
 * @param offset where the damage was met, in bytes from the file's start
 * @param what the part that is damaged and how it was noticed
 */
export function damaged(file: string, offset: number, what: string): TimekvError {
  const error = new TimekvError(
    'ERR_TIMEKV_DAMAGED',
    `${file} is damaged at offset ${offset}: ${what}; restore the file from a backup`,
    { file, offset },
  );
  error.damage = what;
  return error;
}

/** The caller closed the store, and went on using it. */
export function storeClosed(): TimekvError {
  return new TimekvError('ERR_TIMEKV_CLOSED', 'the store was closed; open it again');
}

/** The code of an operating system error (`ENOENT`, `ENOSPC`, …), if it is one and not ours. */
export function systemCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || error instanceof TimekvError) return undefined;
  return 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
