/**
 * Times as people write them, read into a timestamp in the store's unit. Plain integers, `@…` and
 * instants with an offset are read here, at once; what needs a time zone is left to `local-time.ts`,
 * which is loaded only then.
 */
import type { Unit } from '../../index.js';
import { usageError } from '../base/cli-error.js';
import { durationIn, parseDuration } from './duration.js';
import type * as LocalTime from './local-time.js';
import { floorDivide, type WallTime } from './wall-time.js';

export interface TimeContext {
  unit: Unit;
  /** The store's *now*: what a read without a time is as of. */
  now(): number;
  /** Name of the time zone for local times. */
  zone: string;
}

const integer = /^-?\d+$/;
const sinceEpoch = /^@(-?)(\d+)(?:\.(\d+))?(s|ms|us|µs|ns)?$/;
const calendar =
  /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d)(?::(\d\d)(?::(\d\d)(?:\.(\d+))?)?)?(Z|[+-]\d\d(?::?\d\d)?)?)?(?:\[([^\]]+)\])?$/i;
const dayWord = /^(yesterday|today|tomorrow)$/i;
const fromNow = /^(?:now\s*)?([+-])\s*(\S+)$/i;
const ago = /^(\S+)\s+ago$/i;

/** Powers of ten that turn each unit of an `@` time into nanoseconds. */
const epochDigits: Record<string, number> = { s: 9, ms: 6, us: 3, µs: 3, ns: 0 };
const timestampMax = BigInt(Number.MAX_SAFE_INTEGER);

/**
 * Reads one time expression.
 * @returns the timestamp; a promise of it where a time zone has to be looked up
 */
export function parseTime(text: string, context: TimeContext): number | Promise<number> {
  if (integer.test(text)) return integerTime(text, context.unit);
  if (context.unit === 'tick') {
    throw usageError(`${quote(text)}: this store counts ticks, so a time is a plain integer`);
  }
  const epoch = sinceEpoch.exec(text);
  if (epoch !== null) return epochTime(text, epoch);
  const written = calendar.exec(text);
  if (written !== null) return calendarTime(text, written, context);
  const relative = relativeTime(text, context);
  if (relative !== undefined) return relative;
  const word = dayWord.exec(text)?.[1];
  if (word !== undefined) return dayStart(word.toLowerCase(), context);
  throw usageError(unreadable(text));
}

function integerTime(text: string, unit: Unit): number {
  // What is beyond rounds to something beyond, too.
  if (Number.isSafeInteger(Number(text))) return Number(text) + 0; // -0 is 0.
  const value = BigInt(text);
  if (value <= timestampMax && value >= -timestampMax) return Number(value);
  const isNanoseconds =
    unit === 'us' && value / 1000n <= timestampMax && value / 1000n >= -timestampMax;
  const hint = isNanoseconds
    ? `for nanoseconds since 1970 write @${text}ns`
    : 'the limit is ±(2^53 − 1)';
  throw usageError(`${text} is too ${value > 0n ? 'large' : 'small'} for a timestamp; ${hint}`);
}

function epochTime(text: string, match: RegExpExecArray): number {
  const [, sign = '', whole = '', fraction = '', unit = 's'] = match;
  const digits = epochDigits[unit] ?? 0;
  // Exact in units of the last digit written, then rounded down to microseconds.
  const scaled = BigInt(sign + whole + fraction) * 10n ** BigInt(digits);
  return inRange(text, floorDivide(scaled, 1000n * 10n ** BigInt(fraction.length)));
}

function calendarTime(
  text: string,
  match: RegExpExecArray,
  context: TimeContext,
): number | Promise<number> {
  const wall = wallTime(match);
  const offset = match[8];
  const zone = match[9];
  assertExists(text, wall);
  const minutes = offset === undefined ? undefined : offsetMinutes(text, offset);
  // Z names the instant by itself, whatever zone stands beside it.
  if (minutes !== undefined && (zone === undefined || /^z$/i.test(offset ?? ''))) {
    return inRange(text, utcMicroseconds(wall) - BigInt(minutes) * 60_000_000n);
  }
  return withLocalTime(({ zonedMicroseconds }) =>
    inRange(text, zonedMicroseconds(text, wall, zone ?? context.zone, minutes)),
  );
}

/** Once it is loaded, times are read at once. */
let localTime: typeof LocalTime | undefined;

function withLocalTime(read: (local: typeof LocalTime) => number): number | Promise<number> {
  if (localTime !== undefined) return read(localTime);
  return import('./local-time.js').then((loaded) => {
    localTime = loaded;
    return read(loaded);
  });
}

function relativeTime(text: string, context: TimeContext): number | undefined {
  if (/^now$/i.test(text)) return context.now();
  const signed = fromNow.exec(text);
  const [, sign = '-', length] = signed ?? [undefined, '-', ago.exec(text)?.[1]];
  if (length === undefined) return undefined;
  const microseconds = parseDuration(length);
  const now = BigInt(context.now());
  return inRange(text, sign === '+' ? now + microseconds : now - microseconds);
}

function dayStart(word: string, context: TimeContext): number | Promise<number> {
  const days = { yesterday: -1, today: 0, tomorrow: 1 }[word] ?? 0;
  return withLocalTime(({ dayStartMicroseconds }) =>
    inRange(word, dayStartMicroseconds(context.now(), days, context.zone)),
  );
}

function wallTime(match: RegExpExecArray): WallTime {
  const part = (index: number): number => Number(match[index] ?? 0);
  return {
    year: part(1),
    month: part(2),
    day: part(3),
    hour: part(4),
    minute: part(5),
    second: part(6),
    microsecond: Number((match[7] ?? '').slice(0, 6).padEnd(6, '0')),
  };
}

/** Refuses 30 February and 25 o'clock. */
function assertExists(text: string, wall: WallTime): void {
  const { year, month, day, hour, minute, second } = wall;
  const date = new Date(Date.UTC(2000, month - 1, day));
  date.setUTCFullYear(year, month - 1, day);
  const isDate = date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
  if (!isDate || month < 1) throw usageError(`${quote(text)}: there is no such day`);
  if (hour > 23 || minute > 59 || second > 59) {
    throw usageError(`${quote(text)}: there is no such time of day`);
  }
}

function utcMicroseconds(wall: WallTime): bigint {
  const { year, month, day, hour, minute, second, microsecond } = wall;
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  date.setUTCHours(hour, minute, second);
  return BigInt(date.getTime()) * 1000n + BigInt(microsecond);
}

/** Minutes east of UTC. */
function offsetMinutes(text: string, offset: string): number {
  if (/^z$/i.test(offset)) return 0;
  const hours = Number(offset.slice(1, 3));
  const minutes = Number(offset.slice(3).replace(':', ''));
  if (hours > 23 || minutes > 59) throw usageError(`${quote(text)}: there is no such offset`);
  return (offset.startsWith('-') ? -1 : 1) * (hours * 60 + minutes);
}

function inRange(text: string, microseconds: bigint): number {
  if (microseconds > timestampMax || microseconds < -timestampMax) {
    throw usageError(`${quote(text)} is out of range: times lie between the years 1684 and 2255`);
  }
  return Number(microseconds);
}

function unreadable(text: string): string {
  const duration = durationIn(text.replace(/^\+/, ''));
  if (duration !== undefined) {
    // -P1D would be taken for an option.
    const before = text.startsWith('P') ? `now-${text}` : `-${text}`;
    return `${quote(text)} is a duration, not a time; did you mean ${before}?`;
  }
  if (/^[+-]?\d+\.\d+$/.test(text)) {
    return `${quote(text)} is no time; for seconds since 1970 write @${text}`;
  }
  return `${quote(text)} is no time; write an integer, @SECONDS, 2026-03-29T01:00, now or -2h (see: timekv help time)`;
}

function quote(text: string): string {
  return JSON.stringify(text);
}
