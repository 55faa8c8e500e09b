/** Lengths of time: `250ms`, `1h30m`, `7d`, and ISO 8601's `P1DT2H`. */
import type { Unit } from '../../index.js';
import { usageError } from '../base/cli-error.js';

/** Microseconds in each unit, in the order in which units may follow each other. */
const unitMicroseconds: readonly (readonly [name: string, microseconds: bigint])[] = [
  ['w', 604_800_000_000n],
  ['d', 86_400_000_000n],
  ['h', 3_600_000_000n],
  ['m', 60_000_000n],
  ['s', 1_000_000n],
  ['ms', 1_000n],
  ['us', 1n],
];

const part = /(\d+)(?:\.(\d+))?([a-zµ]+)/y;
const isoDuration =
  /^P(?=.)(?:(\d+)W)?(?:(\d+)D)?(?:T(?=.)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)(?:\.(\d+))?S)?)?$/;
const isoCalendarUnits = /^P[^T]*\d[YM]/;

const durationForms = 'durations are written 250ms, 30s, 15m, 2h, 7d, 2w, 1h30m or P1DT2H';

/**
 * The length in microseconds; what is finer is rounded down.
 * @returns undefined if the text is no duration
 */
export function durationIn(text: string): bigint | undefined {
  return text.startsWith('P') ? isoIn(text) : shortIn(text);
}

/** The length in microseconds. Throws where the text is no duration. */
export function parseDuration(text: string): bigint {
  const microseconds = durationIn(text);
  if (microseconds !== undefined) return microseconds;
  if (isoCalendarUnits.test(text) || /^\d+(mo|y)$/.test(text)) {
    throw usageError(`${text}: months and years have no fixed length; write days, as in 30d`);
  }
  if (/^\d+$/.test(text)) {
    throw usageError(`${text} needs a unit, as in ${text}s; ${durationForms}`);
  }
  throw usageError(`${JSON.stringify(text)} is no duration; ${durationForms}`);
}

/** The length in a store's unit: in one that counts ticks, a plain integer. */
export function parseLength(text: string, unit: Unit): number {
  if (unit === 'us') return Number(parseDuration(text));
  if (/^\d+$/.test(text) && Number.isSafeInteger(Number(text))) return Number(text);
  throw usageError(
    `${JSON.stringify(text)}: this store counts ticks, so a duration is a plain integer`,
  );
}

/** The age of the oldest version that counts; any, where none is given. */
export function parseMaxAge(text: string | undefined, unit: Unit): number {
  return text === undefined ? Infinity : parseLength(text, unit);
}

/** How long a value is valid. */
export function parseTtl(text: string | undefined, unit: Unit): number | undefined {
  if (text === undefined) return undefined;
  const ttl = parseLength(text, unit);
  if (ttl > 0) return ttl;
  throw usageError(
    `--ttl ${JSON.stringify(text)} is no time at all; to end a value now, delete its key`,
  );
}

/** For how long history is kept. */
export function parseKeepFor(text: string | undefined, unit: Unit): number | undefined {
  if (text === undefined) return undefined;
  const length = parseLength(text, unit);
  if (length > 0) return length;
  throw usageError(
    `--keep-for ${JSON.stringify(text)} is no time at all; to keep only what is newest, say --keep-versions 1`,
  );
}

/** The length in whole milliseconds, rounded up: a wait is never shorter than asked for. */
export function parseMilliseconds(text: string): number {
  return Number((parseDuration(text) + 999n) / 1000n);
}

function shortIn(text: string): bigint | undefined {
  let total = 0n;
  let nextUnit = 0;
  part.lastIndex = 0;
  do {
    const match = part.exec(text);
    if (match === null) return undefined;
    const [, whole = '', fraction = '', name = ''] = match;
    const unit = unitMicroseconds.findIndex(([unitName]) => unitName === name.replace('µ', 'u'));
    if (unit < nextUnit) return undefined;
    nextUnit = unit + 1;
    total += scaled(whole, fraction, unitMicroseconds[unit]?.[1] ?? 0n);
  } while (part.lastIndex < text.length);
  return total;
}

function isoIn(text: string): bigint | undefined {
  const match = isoDuration.exec(text);
  if (match === null) return undefined;
  const [, weeks, days, hours, minutes, seconds, fraction] = match;
  return [weeks, days, hours, minutes, seconds].reduce((total, count, unit) => {
    const microseconds = unitMicroseconds[unit]?.[1] ?? 0n;
    return total + scaled(count ?? '0', unit === 4 ? (fraction ?? '') : '', microseconds);
  }, 0n);
}

/** whole.fraction × factor, rounded down. */
function scaled(whole: string, fraction: string, factor: bigint): bigint {
  const denominator = 10n ** BigInt(fraction.length);
  return (BigInt(whole + fraction) * factor) / denominator;
}
