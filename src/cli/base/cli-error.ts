/** What ends a command, and the number that the process exits with because of it. */
import type { ErrorCode } from '../../index.js';

/** Codes that only the command line knows, beside those of the library. */
export type CliErrorCode =
  ErrorCode | 'ERR_TIMEKV_NOTHING_THERE' | 'ERR_TIMEKV_INTERRUPTED' | 'ERR_TIMEKV_UNEXPECTED';

/** A refusal by the command line itself: bad usage, bad input, or nothing there. */
export class CliError extends Error {
  override readonly name = 'CliError';
  readonly code: CliErrorCode;

  /** @param message what was wrong and how to mend it, in one line */
  constructor(code: CliErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** Bad usage or bad input: exit 2. */
export function usageError(message: string): CliError {
  return new CliError('ERR_TIMEKV_INVALID_ARGUMENT', message);
}

/** A read that found nothing: exit 3. */
export function nothingThere(message: string): CliError {
  return new CliError('ERR_TIMEKV_NOTHING_THERE', message);
}

/** The reader of our output has gone: the command stops, and that is no error. */
export class ClosedPipe extends Error {
  override readonly name = 'ClosedPipe';
}

export type StopSignal = 'SIGINT' | 'SIGTERM';

/** A signal asked the process to end. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
  readonly code = 'ERR_TIMEKV_INTERRUPTED';
  readonly stopSignal: StopSignal;

  constructor(stopSignal: StopSignal) {
    super('interrupted');
    this.stopSignal = stopSignal;
  }
}

/** Errors that end a command without a word. */
export function isEnding(error: unknown): boolean {
  return error instanceof ClosedPipe || error instanceof Interrupted;
}

/** Ends a command whose errors have been told already; the first one decides how. */
export class AlreadyTold extends Error {
  override readonly name = 'AlreadyTold';

  constructor(first: unknown) {
    super('the errors have been told', { cause: first });
  }
}

const exitCodes: Record<CliErrorCode, number> = {
  ERR_TIMEKV_INVALID_ARGUMENT: 2,
  ERR_TIMEKV_NO_STORE: 3,
  ERR_TIMEKV_NO_SNAPSHOT: 3,
  ERR_TIMEKV_NOTHING_THERE: 3,
  ERR_TIMEKV_NOT_A_STORE: 2,
  ERR_TIMEKV_UNSUPPORTED_FORMAT: 1,
  ERR_TIMEKV_REMOTE_FILE_SYSTEM: 2,
  ERR_TIMEKV_CONFLICT: 4,
  ERR_TIMEKV_EXISTS: 4,
  ERR_TIMEKV_BUSY: 5,
  ERR_TIMEKV_TIMEOUT: 5,
  ERR_TIMEKV_DAMAGED: 6,
  ERR_TIMEKV_HISTORY_TRUNCATED: 7,
  ERR_TIMEKV_OUTCOME_UNKNOWN: 1,
  ERR_TIMEKV_POISONED: 1,
  ERR_TIMEKV_READ_ONLY: 1,
  ERR_TIMEKV_IO: 1,
  ERR_TIMEKV_CLOSED: 1,
  ERR_TIMEKV_INTERRUPTED: 130,
  ERR_TIMEKV_UNEXPECTED: 1,
};

const signalExitCodes: Record<StopSignal, number> = { SIGINT: 130, SIGTERM: 143 };

/** The code of an error from the library, the command line, or the operating system. */
export function codeOf(error: unknown): CliErrorCode {
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') {
    return isKnown(error.code) ? error.code : 'ERR_TIMEKV_IO';
  }
  return 'ERR_TIMEKV_UNEXPECTED';
}

/** Which operation of a batch was refused, from 0; undefined where that is not known. */
export function operationOf(error: unknown): number | undefined {
  const operation: unknown = error instanceof Error ? Reflect.get(error, 'operation') : undefined;
  return typeof operation === 'number' ? operation : undefined;
}

/** Nobody knows whether the write has come to the disk. */
export function mayBeWritten(error: unknown): boolean {
  return codeOf(error) === 'ERR_TIMEKV_OUTCOME_UNKNOWN';
}

function isKnown(code: string): code is CliErrorCode {
  return Object.hasOwn(exitCodes, code);
}

/** The number that the process exits with after this error. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof ClosedPipe) return 0;
  if (error instanceof AlreadyTold) return exitCodeOf(error.cause);
  if (error instanceof Interrupted) return signalExitCodes[error.stopSignal];
  return exitCodes[codeOf(error)];
}

/** One line that says what was wrong. A fault of ours brings its stack, so that it can be mended. */
export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (codeOf(error) === 'ERR_TIMEKV_UNEXPECTED') {
    return `unexpected: ${error.stack ?? error.message}`;
  }
  return withOptions(error.message);
}

/** What the library says of its own options, and how that is written on the command line. */
const optionPhrases: readonly (readonly [library: string, here: string])[] = [
  ['was not written: ifSeq asks for', 'was not written: --if-seq asks for'],
  ['; raise maxBump or', '; raise --max-bump or'],
  ['; wait for longer with timeout', '; raise --timeout to wait for longer'],
  ['; open it without a unit', '; leave --unit out'],
  ['or raise busyTimeout', 'or raise --busy-timeout'],
  ['or allowRemote (--allow-remote) if', 'or --allow-remote if'],
];

function withOptions(message: string): string {
  return optionPhrases.reduce((text, [library, here]) => text.replace(library, here), message);
}

/** The error as the JSON object that `--json` answers with. */
export function errorJson(error: unknown): { error: Record<string, unknown> } {
  const details: Record<string, unknown> = { code: codeOf(error), message: messageOf(error) };
  for (const field of ['file', 'offset'] as const) {
    const value: unknown = error instanceof Error ? Reflect.get(error, field) : undefined;
    if (value !== undefined) details[field] = value;
  }
  return { error: details };
}
