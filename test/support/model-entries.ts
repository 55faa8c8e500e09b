/** What the plain model keeps of each operation, and what it answers from that. */
import { invalidArgument, TimekvError } from '../../src/base/errors.js';
import type { ScanOptions, Version } from '../../src/options.js';

export interface ModelEntry<V> {
  key: string;
  timestamp: number;
  seq: number;
  state: 'value' | 'deleted' | 'expired';
  /** Only of a value. */
  value?: V;
  expiresAt: number;
}

/** Takes out what was written at a timestamp, or everything, of a key. */
export interface ModelErasure {
  key: string;
  at: number | 'all';
  seq: number;
}

export type Done<V> = ModelEntry<V> | ModelErasure;

/** The entry with the greatest (timestamp, seq) at or before `at`, if it has a value then. */
export function answer<V>(
  entries: readonly ModelEntry<V>[],
  key: string,
  at: number,
): ModelEntry<V> | undefined {
  let found: ModelEntry<V> | undefined;
  for (const entry of entries) {
    if (entry.key !== key || entry.timestamp > at) continue;
    // Entries stand in seq order, so that of equal timestamps the last one wins.
    if (found === undefined || entry.timestamp >= found.timestamp) found = entry;
  }
  if (found === undefined || at >= found.expiresAt) return undefined;
  if (found.state === 'expired') {
    throw new TimekvError('ERR_TIMEKV_HISTORY_TRUNCATED', 'it was taken out');
  }
  return found.state === 'value' ? found : undefined;
}

/** The newest entry of each version. */
export function newestOf<V>(entries: readonly ModelEntry<V>[]): ModelEntry<V>[] {
  const newest = new Map(entries.map((entry) => [`${entry.timestamp} ${entry.key}`, entry]));
  return [...newest.values()];
}

/** The keys of entries that are asked for, by their UTF-8 bytes. */
export function keysIn<V>(
  entries: readonly ModelEntry<V>[],
  { prefix = '', start, end, reverse }: ScanOptions,
): string[] {
  const first = start === undefined ? undefined : Buffer.from(start);
  const last = end === undefined ? undefined : Buffer.from(end);
  const keys = [...new Set(entries.map((entry) => entry.key))]
    .filter((key) => key.startsWith(prefix))
    .map((key) => ({ key, bytes: Buffer.from(key) }))
    .filter(({ bytes }) => first === undefined || Buffer.compare(bytes, first) >= 0)
    .filter(({ bytes }) => last === undefined || Buffer.compare(bytes, last) < 0)
    .sort((a, b) => Buffer.compare(a.bytes, b.bytes))
    .map(({ key }) => key);
  return reverse === true ? keys.reverse() : keys;
}

/** Those that expired by a time and are to be taken out, in the order in which they go. */
export function expiredBy<V>(entries: readonly ModelEntry<V>[], now: number): ModelEntry<V>[] {
  return newestOf(entries)
    .filter(({ state, expiresAt }) => state === 'value' && expiresAt <= now)
    .sort(
      (a, b) =>
        a.expiresAt - b.expiresAt ||
        Buffer.compare(Buffer.from(a.key), Buffer.from(b.key)) ||
        b.timestamp - a.timestamp,
    );
}

export function toVersion<V>({
  key,
  timestamp,
  seq,
  state,
  value,
  expiresAt,
}: ModelEntry<V>): Version<V> {
  const expiry = expiresAt === Infinity ? {} : { expiresAt };
  return { key, timestamp, value, seq, state, ...expiry };
}

export function requireTimestamp(time: number): void {
  if (!Number.isSafeInteger(time)) throw invalidArgument(`${time} is no timestamp`);
}

export function conflict(why: string): TimekvError {
  return new TimekvError('ERR_TIMEKV_CONFLICT', why);
}
