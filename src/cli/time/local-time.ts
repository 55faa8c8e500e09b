/** Local times: the only user of the time zone library, which takes a while to load. */
import { Temporal } from 'temporal-polyfill';
import { usageError } from '../base/cli-error.js';
import { unknownZone } from './time-zone.js';
import { floorDivide, type WallTime } from './wall-time.js';

/**
 * Microseconds since 1970 of a local time.
 * @param offset minutes east of UTC, where an offset is written beside the zone; they have to agree
 */
export function zonedMicroseconds(
  text: string,
  wall: WallTime,
  zone: string,
  offset: number | undefined,
): bigint {
  assertZone(zone);
  const local = plainTime(wall);
  // The two readings differ only where clocks were put forward or back.
  const earlier = local.toZonedDateTime(zone, { disambiguation: 'earlier' });
  const later = local.toZonedDateTime(zone, { disambiguation: 'later' });
  if (offset !== undefined) {
    const found = [earlier, later].find(
      (candidate) =>
        candidate.offsetNanoseconds === offset * 60e9 && local.equals(candidate.toPlainDateTime()),
    );
    if (found !== undefined) return microsecondsOf(found);
    throw usageError(`${text}: that is not the offset of ${zone} then; write ${iso(earlier)}`);
  }
  if (!earlier.equals(later)) {
    const isTwice = local.equals(earlier.toPlainDateTime());
    const fault = isTwice ? 'exists twice' : 'does not exist';
    throw usageError(`${text} ${fault} in ${zone}; write ${iso(earlier)} or ${iso(later)}`);
  }
  return microsecondsOf(earlier);
}

/** The first moment of the day that lies so many days after today. */
export function dayStartMicroseconds(now: number, days: number, zone: string): bigint {
  assertZone(zone);
  const today = new Temporal.ZonedDateTime(BigInt(now) * 1000n, zone);
  return microsecondsOf(today.add({ days }).startOfDay());
}

/**
 * The local time of a timestamp, as one could write it: without its time of day at midnight, and
 * with its offset where the clock showed the same twice.
 */
export function localText(microseconds: number, zone: string, separator: ' ' | 'T'): string {
  assertZone(zone);
  const time = new Temporal.ZonedDateTime(BigInt(microseconds) * 1000n, zone);
  const local = time.toPlainDateTime();
  const earlier = local.toZonedDateTime(zone, { disambiguation: 'earlier' });
  const later = local.toZonedDateTime(zone, { disambiguation: 'later' });
  const offset = earlier.equals(later) ? '' : time.offset;
  if (offset === '' && local.toPlainTime().equals(midnight)) return local.toPlainDate().toString();
  const smallestUnit = time.millisecond > 0 || time.microsecond > 0 ? 'microsecond' : 'second';
  const text = local.toString({ smallestUnit }).replace('T', separator);
  return text.replace(/(\.\d+?)0+$/, '$1') + offset;
}

const midnight = new Temporal.PlainTime();

function assertZone(zone: string): void {
  try {
    void new Temporal.ZonedDateTime(0n, zone);
  } catch {
    throw unknownZone(zone);
  }
}

function plainTime(wall: WallTime): Temporal.PlainDateTime {
  return Temporal.PlainDateTime.from({
    ...wall,
    millisecond: Math.floor(wall.microsecond / 1000),
    microsecond: wall.microsecond % 1000,
  });
}

function microsecondsOf(time: Temporal.ZonedDateTime): bigint {
  return floorDivide(time.epochNanoseconds, 1000n);
}

function iso(time: Temporal.ZonedDateTime): string {
  return `${time.toPlainDateTime().toString({ smallestUnit: shortestUnit(time) })}${time.offset}`;
}

function shortestUnit(time: Temporal.ZonedDateTime): 'minute' | 'second' | 'microsecond' {
  if (time.millisecond > 0 || time.microsecond > 0) return 'microsecond';
  return time.second > 0 ? 'second' : 'minute';
}
