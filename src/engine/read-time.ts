import type { Clock } from '../base/clock.js';
import { noNow } from '../wal/format.js';
import type { EngineUnit } from './engine.js';

/**
 * What a read without a time is as of: never before the last *now* given, so that one's own writes
 * are seen; in a `tick` store the largest timestamp ever written, 0 before any.
 */
export function readTime(unit: EngineUnit, clock: Clock, lastNow: number): number {
  if (unit === 'us') return Math.max(clock.now(), lastNow);
  return lastNow === noNow ? 0 : lastNow;
}
