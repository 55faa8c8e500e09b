/** What to tell who asks for a part of history that retention has let go. */
import { TimekvError } from '../base/errors.js';

/** @throws ERR_TIMEKV_HISTORY_TRUNCATED if the time lies before the horizon of the store */
export function requireSinceHorizon(time: number, horizon: number): void {
  if (time >= horizon) return;
  throw new TimekvError(
    'ERR_TIMEKV_HISTORY_TRUNCATED',
    `the history of this store begins at ${horizon}, and ${time} is before that; give a later time`,
  );
}

/**
 * @param first the oldest version of the key that is left
 * @throws ERR_TIMEKV_HISTORY_TRUNCATED if the time lies before it
 */
export function requireSinceMark(key: Buffer, time: number, first: number): void {
  if (time >= first) return;
  const name = JSON.stringify(key.toString('utf8'));
  throw new TimekvError(
    'ERR_TIMEKV_HISTORY_TRUNCATED',
    `the history of ${name} begins at ${first}, and ${time} is before that: older versions were let go; give a later time`,
  );
}
