/** What a request is refused with: a status, and a JSON object with one of the codes. */
import { codeOf, operationOf, type CliErrorCode } from '../cli/base/cli-error.js';

/** Codes that only the server knows, beside those of the command line. */
export type HttpErrorCode = CliErrorCode | 'ERR_TIMEKV_UNAUTHORIZED' | 'ERR_TIMEKV_FORBIDDEN';

/** A refusal by the server itself. */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly status: number;
  readonly code: HttpErrorCode;

  /** @param message what was wrong and how to mend it, in one line */
  constructor(status: number, code: HttpErrorCode, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/** A request that nobody could answer as it stands. */
export function badRequest(message: string, status = 400): Problem {
  return new Problem(status, 'ERR_TIMEKV_INVALID_ARGUMENT', message);
}

export function nothingThere(message: string): Problem {
  return new Problem(404, 'ERR_TIMEKV_NOTHING_THERE', message);
}

/** Too much at once: what was asked for may be asked for again. */
export function tooBusy(message: string): Problem {
  return new Problem(503, 'ERR_TIMEKV_BUSY', message);
}

export function tooLarge(message: string): Problem {
  return new Problem(413, 'ERR_TIMEKV_INVALID_ARGUMENT', message);
}

/** How a refusal is written: `operation` is the place in a batch, from 0. */
export interface Refusal {
  status: number;
  error: { code: HttpErrorCode; message: string; operation?: number };
}

/** The status of each code; the others are 500. */
const statuses: Partial<Record<CliErrorCode, number>> = {
  ERR_TIMEKV_INVALID_ARGUMENT: 400,
  ERR_TIMEKV_READ_ONLY: 403,
  ERR_TIMEKV_NO_STORE: 404,
  ERR_TIMEKV_NO_SNAPSHOT: 404,
  ERR_TIMEKV_NOTHING_THERE: 404,
  ERR_TIMEKV_CONFLICT: 409,
  ERR_TIMEKV_EXISTS: 409,
  ERR_TIMEKV_HISTORY_TRUNCATED: 410,
  ERR_TIMEKV_BUSY: 503,
  ERR_TIMEKV_TIMEOUT: 503,
  ERR_TIMEKV_CLOSED: 503,
};

/** What is said of errors whose own message may tell of files. */
const messages: Partial<Record<CliErrorCode, string>> = {
  ERR_TIMEKV_READ_ONLY: 'this server only reads',
  ERR_TIMEKV_BUSY: 'another process kept the store locked for too long; try again',
  ERR_TIMEKV_CLOSED: 'the server is ending; try again',
  ERR_TIMEKV_DAMAGED:
    'the answer could lie in a part of the store that is damaged; run timekv verify on the server',
  ERR_TIMEKV_OUTCOME_UNKNOWN:
    'whether the write is durable cannot be told; read the key once the server was started again',
  ERR_TIMEKV_POISONED:
    'an earlier write failed; nothing is written until the server is started again',
  ERR_TIMEKV_IO:
    "the server's system refused to read or write; what the server has logged says why",
};

/** Codes whose messages tell of nothing but what the client has sent. */
const clientCodes = new Set<CliErrorCode>([
  'ERR_TIMEKV_INVALID_ARGUMENT',
  'ERR_TIMEKV_CONFLICT',
  'ERR_TIMEKV_HISTORY_TRUNCATED',
  'ERR_TIMEKV_TIMEOUT',
]);

/** What of the library's words means something else here. */
const phrases: readonly (readonly [library: string, here: string])[] = [
  ['; wait for longer with timeout', '; ask again, with a longer wait'],
  ['was not written: ifSeq asks for', 'was not written: If-Match (ifSeq) asks for'],
];

/** How to answer after this error. It never tells of a path or of our code. */
export function refusalOf(error: unknown): Refusal {
  const refusal = ownRefusal(error) ?? frameworkRefusal(error) ?? storeRefusal(error);
  const operation = operationOf(error);
  if (operation !== undefined) refusal.error.operation = operation;
  return refusal;
}

function ownRefusal(error: unknown): Refusal | undefined {
  if (!(error instanceof Problem)) return undefined;
  return { status: error.status, error: { code: error.code, message: error.message } };
}

function storeRefusal(error: unknown): Refusal {
  const code = codeOf(error);
  return { status: statuses[code] ?? 500, error: { code, message: messageFor(code, error) } };
}

function messageFor(code: CliErrorCode, error: unknown): string {
  if (clientCodes.has(code) && error instanceof Error) {
    return phrases.reduce((text, [library, here]) => text.replace(library, here), error.message);
  }
  return messages[code] ?? 'the server could not answer; what it has logged says why';
}

const frameworkMessages: Record<string, string> = {
  FST_ERR_BAD_URL: 'the path is not percent-encoded UTF-8',
  FST_ERR_MAX_PARAM_LENGTH: 'the path is longer than that of any key; a key has at most 2048 bytes',
};

/** What Fastify refuses by itself: a path or a content type that cannot be read. */
function frameworkRefusal(error: unknown): Refusal | undefined {
  if (!(error instanceof Error) || !('code' in error) || !('statusCode' in error)) return undefined;
  const { code, statusCode } = error;
  if (typeof code !== 'string' || !code.startsWith('FST_ERR_')) return undefined;
  if (typeof statusCode !== 'number' || statusCode >= 500) return undefined;
  const message = frameworkMessages[code] ?? error.message;
  return { status: statusCode, error: { code: 'ERR_TIMEKV_INVALID_ARGUMENT', message } };
}
