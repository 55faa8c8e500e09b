/** What stands behind the `?` of a request, and in the fields of a JSON body. */
import type { OnConflict, SetOptions, Unit } from '../index.js';
import { CliError } from '../cli/base/cli-error.js';
import { given } from '../cli/base/store-access.js';
import { parseLength, parseMilliseconds } from '../cli/time/duration.js';
import { parseTime, type TimeContext } from '../cli/time/time-expression.js';
import { timeCharsMax } from './limits.js';
import { badRequest } from './problem.js';

/** By name; from a query all are text, and an array where a name stands there twice. */
export type Fields = Readonly<Record<string, unknown>>;

/** What cannot be read at all. To throw while Fastify reads it would end the process. */
const unreadable: Record<string, unknown> = { '%': undefined };

/** Reads the query of a URL: names and values, percent-encoded, where + is a space. */
export function readQuery(text: string): Record<string, unknown> {
  if (text === '') return {};
  const fields: Record<string, unknown> = {};
  try {
    for (const part of text.replaceAll('+', ' ').split('&')) {
      if (part !== '') addTo(fields, part);
    }
  } catch {
    return unreadable;
  }
  return fields;
}

/** @throws where it is not percent-encoded UTF-8 */
function addTo(fields: Record<string, unknown>, part: string): void {
  const equals = part.indexOf('=');
  const name = decodeURIComponent(equals === -1 ? part : part.slice(0, equals));
  const value = equals === -1 ? '' : decodeURIComponent(part.slice(equals + 1));
  const isTwice = Object.hasOwn(fields, name);
  Object.defineProperty(fields, name, {
    value: isTwice ? [fields[name], value] : value,
    enumerable: true,
    configurable: true,
  });
}

/** Refuses names that mean nothing here: one that is mistyped must not be passed over. */
export function checkNames(fields: Fields, known: readonly string[]): void {
  if (fields === unreadable) throw badRequest('the query is not percent-encoded UTF-8');
  for (const name in fields) {
    if (!known.includes(name)) throw unknownName(name, known);
    if (Array.isArray(fields[name])) throw badRequest(`${name} stands there more than once`);
  }
}

function unknownName(name: string, known: readonly string[]): Error {
  const hint = known.length === 0 ? 'there are none here' : `known here: ${known.join(', ')}`;
  return badRequest(`${shown(name)} is not known; ${hint}`);
}

const shownChars = 100;

/** What came, as far as a message has room for it. */
export function shown(value: unknown): string {
  if (typeof value === 'object' && value !== null)
    return Array.isArray(value) ? 'a list' : 'an object';
  const text = value === undefined ? 'nothing' : JSON.stringify(value);
  return text.length <= shownChars ? text : `${text.slice(0, shownChars)}…`;
}

export function textOf(fields: Fields, name: string): string | undefined {
  const value = fields[name];
  if (value === undefined || typeof value === 'string') return value;
  throw badRequest(`${name} is text, not ${shown(value)}`);
}

export function requiredText(fields: Fields, name: string): string {
  const text = textOf(fields, name);
  if (text === undefined) throw badRequest(`${name} is missing`);
  return text;
}

/** A time in the store's unit, or as it is written on the command line. */
export function timeOf(
  fields: Fields,
  name: string,
  context: TimeContext,
): number | Promise<number> | undefined {
  const value = fields[name];
  if (value === undefined || typeof value === 'number') return value;
  const text = timeText(fields, name);
  try {
    return parseTime(text, context);
  } catch (error) {
    if (!(error instanceof CliError) || !text.includes(' ')) throw error;
    throw badRequest(`${name}: ${error.message}; in a URL + means a space, and %2B is a +`);
  }
}

/** What a time is written as: to read a million digits takes seconds. */
function timeText(fields: Fields, name: string): string {
  const text = requiredText(fields, name);
  if (text.length <= timeCharsMax) return text;
  throw badRequest(`${name} is longer than any time: at most ${timeCharsMax} signs`);
}

/** A length of time in the store's unit, or as it is written on the command line. */
function lengthOf(fields: Fields, name: string, unit: Unit): number | undefined {
  const value = fields[name];
  if (value === undefined || typeof value === 'number') return value;
  return parseLength(timeText(fields, name), unit);
}

/** A real time, in milliseconds. */
export function millisecondsOf(fields: Fields, name: string): number | undefined {
  return fields[name] === undefined ? undefined : parseMilliseconds(timeText(fields, name));
}

export function countOf(fields: Fields, name: string): number | undefined {
  const value = fields[name];
  if (value === undefined) return undefined;
  const isWritten = typeof value === 'string' && /^\d+$/.test(value);
  const count = isWritten ? Number(value) : value;
  if (typeof count === 'number' && Number.isSafeInteger(count) && count >= 0) return count;
  throw badRequest(`${name} ${shown(value)} is no count; write a whole number`);
}

/** `?reverse`, `?reverse=true`, `?reverse=1`; and `false` or `0`. */
export function flagOf(fields: Fields, name: string): true | undefined {
  const value = textOf(fields, name);
  if (value === undefined || value === 'false' || value === '0') return undefined;
  if (value === '' || value === 'true' || value === '1') return true;
  throw badRequest(`${name}=${shown(value)}: write ${name}=true, or leave it out`);
}

/** How a value is written, but for conditions on what is there: names of the library's options. */
export const writeNames = ['ttl', 'expiresAt', 'onConflict', 'maxBump'];

export async function writeOptions(
  fields: Fields,
  context: TimeContext,
): Promise<{ at?: number } & SetOptions> {
  return given({
    at: await timeOf(fields, 'at', context),
    ttl: lengthOf(fields, 'ttl', context.unit),
    expiresAt: await timeOf(fields, 'expiresAt', context),
    // What else it may be is for the store to say.
    onConflict: textOf(fields, 'onConflict') as OnConflict | undefined,
    maxBump: countOf(fields, 'maxBump'),
  });
}
