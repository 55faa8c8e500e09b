/** A word of warning where a plain integer looks like a time in another unit. */
import { isoTime } from './shapes.js';

const twentyYearsUs = 20 * 365.25 * 86_400e6;

/** Other units of time since 1970: their name, their length in microseconds, how to write them. */
const otherUnits = [
  { name: 'seconds', microseconds: 1e6, suffix: '' },
  { name: 'milliseconds', microseconds: 1e3, suffix: 'ms' },
  { name: 'nanoseconds', microseconds: 1e-3, suffix: 'ns' },
];

/**
 * What to say about a time that was written as an integer.
 * @param now in microseconds since 1970
 * @returns undefined where nothing is suspicious
 */
export function magnitudeNote(text: string, now: number): string | undefined {
  if (!/^-?\d+$/.test(text)) return undefined;
  const isNear = (microseconds: number): boolean => Math.abs(microseconds - now) <= twentyYearsUs;
  const written = Number(text);
  if (isNear(written)) return undefined;
  const meant = otherUnits.find(({ microseconds }) => isNear(written * microseconds));
  if (meant === undefined) return undefined;
  const time = isoTime(written, 'us') ?? '';
  return `${text} is ${time} in microseconds; for ${meant.name} since 1970 write @${text}${meant.suffix}`;
}
