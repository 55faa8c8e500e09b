/** A value and its version as HTTP carries them: bytes by content type, a seq as an ETag. */
import { isUtf8 } from 'node:buffer';
import type { Version } from '../index.js';
import { badRequest } from './problem.js';

export const jsonType = 'application/json; charset=utf-8';
export const linesType = 'application/x-ndjson; charset=utf-8';

export const bytesType = 'application/octet-stream';

/** What a value may be sent as, in the order in which we would rather send it. */
const types = [
  { type: bytesType, range: 'application/*', fits: () => true },
  { type: 'text/plain; charset=utf-8', range: 'text/*', fits: isUtf8 },
  { type: jsonType, range: 'application/*', fits: isJson },
];

/** Whether an Accept asks for nothing but bytes as they are, at first sight. */
export function acceptsBytes(accept: string | undefined): boolean {
  return accept === undefined || accept === '*/*';
}

/**
 * The content type for a value: of those that the client accepts, the best that it can be sent as.
 * @param accept the header (RFC 9110, 12.5.1); undefined: anything
 * @throws Problem 406
 */
export function typeFor(value: Buffer, accept: string | undefined): string {
  if (accept === undefined || acceptsBytes(accept)) return bytesType;
  const ranges = rangesOf(accept);
  let best: { type: string; quality: number } | undefined;
  for (const { type, range, fits } of types) {
    const quality = qualityOf(type.replace(/;.*/, ''), range, ranges);
    if (quality > (best?.quality ?? 0) && fits(value)) best = { type, quality };
  }
  if (best !== undefined) return best.type;
  throw badRequest(
    'the value cannot be sent as what Accept asks for; as application/octet-stream any can',
    406,
  );
}

/** Media ranges and their qualities. Those that are named count a little more than those with a star. */
function rangesOf(accept: string): Map<string, number> {
  return new Map(
    accept.split(',').map((part) => {
      const [range = '', ...parameters] = part.split(';').map((each) => each.trim().toLowerCase());
      const quality = parameters.find((each) => each.startsWith('q='))?.slice(2);
      const number = quality === undefined ? 1 : Number(quality);
      return [range, number >= 0 && number <= 1 ? number : 0];
    }),
  );
}

const starPenalty = 1e-6;

function qualityOf(type: string, range: string, ranges: ReadonlyMap<string, number>): number {
  const named = ranges.get(type);
  if (named !== undefined) return named;
  const starred = ranges.get(range) ?? ranges.get('*/*') ?? 0;
  return starred - starPenalty;
}

function isJson(value: Buffer): boolean {
  if (!isUtf8(value)) return false;
  try {
    JSON.parse(value.toString());
    return true;
  } catch {
    return false;
  }
}

/** Whether a body claims to be JSON. */
export function isJsonType(contentType: string | undefined): boolean {
  return /^application\/(?:[\w.-]+\+)?json\s*(?:;|$)/i.test(contentType ?? '');
}

/** A value that came as JSON is kept as it came, once it is seen to be JSON. */
export function checkJsonValue(body: Buffer): void {
  if (isJson(body)) return;
  throw badRequest('the body is no JSON; a value of any bytes is sent as application/octet-stream');
}

/** A value in a JSON body: text, or what is no text in base64. */
export function valueOf(value: unknown): Buffer {
  if (typeof value === 'string') {
    if (value.isWellFormed()) return Buffer.from(value);
    throw badRequest(
      'the value has half of a surrogate pair; send {"base64": …} for what is no text',
    );
  }
  const base64: unknown =
    typeof value === 'object' && value !== null ? Reflect.get(value, 'base64') : undefined;
  if (typeof base64 === 'string' && /^[\w+/-]*={0,2}$/.test(base64)) {
    return Buffer.from(base64, 'base64');
  }
  throw badRequest('a value is text, or {"base64": …} for bytes that are none');
}

/** The seq of a version as its ETag. */
export function etagOf(seq: number): string {
  return `"${seq}"`;
}

/** Whether the client has this version already. */
export function isKnown({ seq }: Version<Buffer>, ifNoneMatch: string): boolean {
  return ifNoneMatch
    .split(',')
    .map((tag) => tag.trim().replace(/^W\//, ''))
    .some((tag) => tag === '*' || tag === etagOf(seq));
}

/**
 * What a write asks for: with If-Match the version that a read would answer from, with
 * If-None-Match: * that there is none.
 */
export function conditionOf(headers: {
  'if-match'?: string | undefined;
  'if-none-match'?: string | undefined;
}): { ifSeq?: number | 'none' } {
  const { 'if-match': ifMatch, 'if-none-match': ifNoneMatch } = headers;
  if (ifMatch === undefined && ifNoneMatch === undefined) return {};
  if (ifMatch !== undefined && ifNoneMatch !== undefined) {
    throw badRequest('If-Match and If-None-Match exclude each other; send one of them');
  }
  if (ifMatch === undefined) {
    if (ifNoneMatch?.trim() === '*') return { ifSeq: 'none' };
    throw badRequest(
      'a write understands If-None-Match: * alone, which asks that there is no value',
    );
  }
  const seq = /^"([1-9]\d{0,15})"$/.exec(ifMatch.trim())?.[1];
  if (seq !== undefined) return { ifSeq: Number(seq) };
  throw badRequest('If-Match takes one ETag, as a read has answered it: If-Match: "17"');
}

/** A JSON body. @throws Problem 400 */
export function jsonOf(body: Buffer): unknown {
  if (!isUtf8(body)) throw badRequest('the body is not UTF-8');
  try {
    return JSON.parse(body.toString());
  } catch {
    throw badRequest('the body is no JSON');
  }
}

/** The same for one that has to be an object. */
export function objectOf(value: unknown, what: string): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return value as Record<string, unknown>;
  }
  throw badRequest(`${what} must be a JSON object`);
}
