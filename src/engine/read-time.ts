import type { Clock } from '../base/clock.js';
import type { Found } from '../base/cursor.js';
import { isStub, Kind } from '../base/entry.js';
import { TimekvError } from '../base/errors.js';
import { noNow } from '../wal/format.js';
import type { Settings } from '../catalog/manifest.js';

/**
 * What a read without a time is as of: never before the last *now* given, so that one's own writes
 * are seen; in a `tick` store the largest timestamp ever written, 0 before any.
 */
export function readTime(unit: Settings['unit'], clock: Clock, lastNow: number): number {
  if (unit === 'us') return Math.max(clock.now(), lastNow);
  return lastNow === noNow ? 0 : lastNow;
}

/**
 * What was found as of a time, unless there is no value then: deleted, or expired.
 * @throws ERR_TIMEKV_HISTORY_TRUNCATED if the value that was valid then was taken out
 */
export function validAt(found: Found | undefined, key: Buffer, time: number): Found | undefined {
  return found !== undefined && isValid(found, key, time) ? found : undefined;
}

/** True if an entry has the value of its key as of a time. */
export function isValid(
  entry: Pick<Found, 'kind' | 'timestamp' | 'expiresAt'>,
  key: Buffer,
  time: number,
): boolean {
  if (time >= entry.expiresAt) return false;
  if (isStub(entry.kind)) throw takenOut(key, entry.timestamp, entry.expiresAt);
  return entry.kind === Kind.value;
}

function takenOut(key: Buffer, timestamp: number, expiresAt: number): TimekvError {
  const name = JSON.stringify(key.toString('utf8'));
  return new TimekvError(
    'ERR_TIMEKV_HISTORY_TRUNCATED',
    `the value that ${name} had from ${timestamp} to ${expiresAt} has expired and was taken out; read it as of a time before or after that`,
  );
}
