/** Writes that can be told from one another by what a reader finds of them. */
import { isDeepStrictEqual } from 'node:util';
import type { Store } from '../../../src/store.js';

export const keys = ['a', 'b', 'ä', 'c'] as const;

const filling = '.'.repeat(64 * 1024);

/** A value with its number at its head, of at least so many bytes. */
export function valueOf(number: number, bytes: number): string {
  const head = `v${number}`;
  return head + filling.slice(0, Math.max(0, bytes - head.length));
}

/** @param value undefined: a tombstone */
export function labelOf(key: string, timestamp: number, value: string | undefined): string {
  if (value === undefined) return `${key}@${timestamp} deleted`;
  const head = value.slice(0, 12).replaceAll('.', '');
  const isWhole = value === head + filling.slice(0, value.length - head.length);
  return `${key}@${timestamp}=${head}:${isWhole ? value.length : 'changed'}`;
}

/** A version as its label was made of. */
export interface Written {
  key: string;
  timestamp: number;
  value: string | undefined;
}

/** Everything that is committed, by seq: each write had a time of its own, so none is hidden. */
export function readAll(store: Store): Map<number, Written> {
  const found: [number, Written][] = [];
  for (const { key, timestamp, value, seq } of store.versions()) {
    found.push([seq, { key, timestamp, value }]);
  }
  return new Map(found.sort(([a], [b]) => a - b));
}

export function labelsOf(found: ReadonlyMap<number, Written>): Map<number, string> {
  return new Map(
    [...found].map(([seq, { key, timestamp, value }]) => [seq, labelOf(key, timestamp, value)]),
  );
}

/**
 * Asks the store in other ways for what was found, and compares.
 * @returns what is wrong
 */
export function contradiction(
  store: Store,
  found: ReadonlyMap<number, Written>,
  random: { pick<T>(values: readonly T[]): T },
): string | undefined {
  const all = [...found.values()];
  if (all.length === 0) return undefined;
  const at = random.pick(all).timestamp;
  const expected = new Map<string, string>();
  for (const key of [...keys].sort(byBytes)) {
    const newest = newestUpTo(all, key, at);
    const answer = store.get(key, at);
    if (answer !== newest?.value) return `get ${key} ${at} does not answer ${nameOf(newest)}`;
    if (newest?.value !== undefined) expected.set(key, newest.value);
    const history = [...store.history(key, { reverse: true })];
    const count = all.filter((each) => each.key === key).length;
    if (history.length !== count) return `history ${key} has ${history.length} of ${count}`;
  }
  const scanned = [...store.scan({ at })];
  const isSame = isDeepStrictEqual(
    scanned.map(({ key, value }) => [key, value]),
    [...expected],
  );
  return isSame ? undefined : `scan as of ${at} does not answer what get does`;
}

function newestUpTo(all: readonly Written[], key: string, at: number): Written | undefined {
  let newest: Written | undefined;
  for (const each of all) {
    if (each.key !== key || each.timestamp > at) continue;
    if (newest === undefined || each.timestamp > newest.timestamp) newest = each;
  }
  return newest;
}

function nameOf(written: Written | undefined): string {
  return written === undefined ? 'nothing' : labelOf(written.key, written.timestamp, written.value);
}

function byBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
