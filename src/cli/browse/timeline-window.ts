/** Some versions of a key around one of them: a few short seeks, however long the history is. */
import type { HistoryOptions, Version } from '../../index.js';
import type { StoreAccess } from '../base/store-access.js';

export interface TimelineWindow {
  /** Oldest first, the chosen one among them. */
  versions: Version<Buffer>[];
  /** Its place in `versions`. */
  chosen: number;
}

/** Where to go from a version: so many newer ones (older, if negative), or to either end. */
export type Step = number | 'oldest' | 'newest';

/** How many versions a window shows before and behind the chosen one. */
export interface Reach {
  before: number;
  behind: number;
}

/**
 * The window around the version that a step from a time leads to; as far as there are versions.
 * @param from the timestamp of a version; undefined: the newest one
 * @returns undefined if the key has no history
 */
export async function windowAround(
  store: StoreAccess,
  key: string,
  { from, step, reach }: { from: number | undefined; step: Step; reach: Reach },
): Promise<TimelineWindow | undefined> {
  const middle = await stepped(store, key, from, step);
  if (middle === undefined) return undefined;
  const { timestamp } = middle;
  const size = reach.before + reach.behind;
  const older = await take(store, key, { to: timestamp, reverse: true, limit: size + 1 });
  const newer = await take(store, key, { from: timestamp, limit: size + 1 });
  // Near an end, what is missing on one side is shown on the other.
  const behind = Math.min(newer.length - 1, Math.max(reach.behind, size - (older.length - 1)));
  const before = Math.min(older.length - 1, size - behind);
  const versions = [...older.slice(1, before + 1).reverse(), ...newer.slice(0, behind + 1)];
  return { versions, chosen: before };
}

async function stepped(
  store: StoreAccess,
  key: string,
  from: number | undefined,
  step: Step,
): Promise<Version<Buffer> | undefined> {
  if (step === 'oldest') return (await take(store, key, { limit: 1 }))[0];
  if (step === 'newest' || from === undefined) {
    return (await take(store, key, { reverse: true, limit: 1 }))[0];
  }
  const limit = Math.abs(step) + 1;
  const passed = step < 0 ? { to: from, reverse: true } : { from };
  return (await take(store, key, { ...passed, limit })).at(-1);
}

async function take(
  store: StoreAccess,
  key: string,
  options: HistoryOptions,
): Promise<Version<Buffer>[]> {
  const taken: Version<Buffer>[] = [];
  for await (const version of store.history(key, options)) taken.push(version);
  return taken;
}
