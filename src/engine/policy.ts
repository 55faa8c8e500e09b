/** What is to be kept, and what that comes to at a time; pure. */
import type { Clock } from '../base/clock.js';
import { timestampMax } from '../base/limits.js';
import { readTime } from './read-time.js';
import type { Keep } from './trimming.js';

/** What is to be kept: whatever either of them keeps. */
export interface Policy {
  /** In the store's unit. */
  keepFor: number | undefined;
  /** Of each key, at least 1. */
  keepVersions: number | undefined;
}

/** What a policy lets go. */
export interface LetGo {
  /** That lose anything. */
  keys: number;
  /** Writes: those that were replaced count too. */
  versions: number;
  /** Of their keys and values. */
  bytes: number;
}

export const nothingLetGo: LetGo = { keys: 0, versions: 0, bytes: 0 };

/** Times as retention takes them. */
export interface Times {
  now: number;
  /** The earlier one of now and the last commit: a clock that has run ahead lets nothing go. */
  lastKnown: number;
}

/** @param last the last *now* that was given, and the clock's time at the last commit; −Infinity: none */
export function timesBy(
  unit: 'us' | 'tick',
  clock: Clock,
  { lastNow, lastCommitTime }: { lastNow: number; lastCommitTime: number },
): Times {
  const now = readTime(unit, clock, lastNow);
  return { now, lastKnown: unit === 'us' ? Math.min(clock.now(), lastCommitTime) : lastNow };
}

/** The horizon that a policy asks for, if it asks for one; it never moves back. */
export function horizonFor(
  before: number,
  { keepFor, keepVersions }: Policy,
  { lastKnown }: Times,
): number {
  if (keepFor === undefined || keepVersions !== undefined) return before;
  const horizon = lastKnown - keepFor;
  // Before the first timestamp that there is, nothing can be let go.
  return horizon < -timestampMax ? before : Math.max(before, horizon);
}

/** What a policy that counts versions keeps; undefined if it does not count any. */
export function keepOf(
  { keepFor, keepVersions }: Policy,
  { now, lastKnown }: Times,
): Keep | undefined {
  if (keepVersions === undefined) return undefined;
  const since = keepFor === undefined ? Infinity : lastKnown - keepFor;
  return { versions: keepVersions, now, since };
}
