import type { Clock } from '../base/clock.js';
import type { Found } from '../base/cursor.js';
import { Kind } from '../base/entry.js';
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

/** What was found as of a time, unless there is no value then: deleted, or expired. */
export function validAt(found: Found | undefined, time: number): Found | undefined {
  return found?.kind === Kind.value && time < found.expiresAt ? found : undefined;
}
