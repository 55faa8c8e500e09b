/** Writes that can be told from one another by what a reader finds of them. */
import { isDeepStrictEqual } from 'node:util';
import { TimekvError } from '../../../src/base/errors.js';
import type { Operation, Version } from '../../../src/options.js';
import type { Store } from '../../../src/store.js';
import type { SimulatedStore } from '../../support/simulated-system.js';
import type { Content } from './copies-oracle.js';
import type { KeptLimits } from './kept-limits.js';

export const keys = ['a', 'b', 'ä', 'c'] as const;

const filling = '.'.repeat(64 * 1024);

/** A value with its number at its head, of at least so many bytes. */
export function valueOf(number: number, bytes: number): string {
  const head = `v${number}`;
  return head + filling.slice(0, Math.max(0, bytes - head.length));
}

/** A version, as its label is made of it. */
export type Written = Pick<Version<string>, 'key' | 'timestamp' | 'value' | 'state' | 'expiresAt'>;

export function labelOf({ key, timestamp, value = '', state, expiresAt }: Written): string {
  const name = `${key}@${timestamp}`;
  const until = expiresAt === undefined ? '' : ` until ${expiresAt}`;
  if (state !== 'value') return `${name} ${state}${until}`;
  const head = value.slice(0, 12).replaceAll('.', '');
  const isWhole = value === head + filling.slice(0, value.length - head.length);
  return `${name}=${head}:${isWhole ? value.length : 'changed'}${until}`;
}

/** What a version leaves behind when it is taken out. */
export function takenOut(version: Written): string {
  return labelOf({ ...version, value: undefined, state: 'expired' });
}

/** The version that an operation writes. */
export function writtenBy(operation: Exclude<Operation<string>, { type: 'erase' }>): Written {
  const { type, key, at } = operation;
  const version = { key, timestamp: Number(at) };
  if (type === 'delete') return { ...version, value: undefined, state: 'deleted' };
  const { value, expiresAt } = operation;
  const expiry = expiresAt === undefined ? {} : { expiresAt: Number(expiresAt) };
  return { ...version, value, state: 'value', ...expiry };
}

/** The order in which versions are taken out. */
export function byExpiry(a: Written, b: Written): number {
  const expiry = Number(a.expiresAt) - Number(b.expiresAt);
  return expiry || byBytes(a.key, b.key) || b.timestamp - a.timestamp;
}

/** Everything that is committed, by seq: each write had a time of its own, so none is replaced. */
export function readAll(store: Store): Map<number, Written> {
  const found: [number, Written][] = [];
  for (const { seq, ...version } of store.versions()) found.push([seq, version]);
  return new Map(found.sort(([a], [b]) => a - b));
}

/** The same of now, also where another process has changed the catalog alone. */
export function readNow({ engine, store }: SimulatedStore): Map<number, Written> {
  engine.snapshots(); // Reads the catalog again.
  store.refresh();
  return readAll(store);
}

export function labelsOf(found: ReadonlyMap<number, Written>): Map<number, string> {
  return new Map([...found].map(([seq, version]) => [seq, labelOf(version)]));
}

/** All that a store answers which must not change, in one line. */
export function contentOf({ engine, store }: Pick<SimulatedStore, 'engine' | 'store'>): Content {
  const versions = [...labelsOf(readAll(store))];
  const snapshots = engine.snapshots().map(({ name, seq }) => [name, seq]);
  return JSON.stringify({ seq: engine.lastSeq(), versions, snapshots });
}

/**
 * Asks the store in other ways for what was found, and compares.
 * @returns what is wrong
 */
export function contradiction(
  store: Store,
  found: ReadonlyMap<number, Written>,
  { random, limits }: { random: { pick<T>(values: readonly T[]): T }; limits: KeptLimits },
): string | undefined {
  const all = [...found.values()];
  if (all.length === 0) return undefined;
  const at = random.pick(all).timestamp;
  const expected = new Map<string, string>();
  for (const key of [...keys].sort(byBytes)) {
    const newest = newestUpTo(all, key, at);
    const answer = answerOf(() => store.get(key, at));
    if (!isAnswer(answer, answerFrom(newest, at), { key, at, limits })) {
      return `get ${key} ${at} does not answer from ${nameOf(newest)}, but ${answer}`;
    }
    if (answer !== undefined) expected.set(key, answer);
    const history = [...store.history(key, { reverse: true })];
    const count = all.filter((each) => each.key === key).length;
    if (history.length !== count) return `history ${key} has ${history.length} of ${count}`;
  }
  const fault = limits.hasBegun ? faultBefore(store, all, limits) : undefined;
  if (fault !== undefined) return fault;
  // A scan ends where it is refused.
  const answers = [...expected];
  const end = answers.findIndex(([, answer]) => answer === refused);
  const isSame = isDeepStrictEqual(scanned(store, at), end < 0 ? answers : answers.slice(0, end));
  return isSame ? undefined : `scan as of ${at} does not answer what get does`;
}

/** Asks for each key right before its first version. */
function faultBefore(
  store: Store,
  all: readonly Written[],
  limits: KeptLimits,
): string | undefined {
  for (const key of keys) {
    const times = all.filter((each) => each.key === key).map(({ timestamp }) => timestamp);
    const at = Math.min(...times) - 1;
    if (times.length === 0) continue;
    const answer = answerOf(() => store.get(key, at));
    if (!isAnswer(answer, undefined, { key, at, limits })) {
      return `get ${key} ${at} answers ${answer}, right before its first version`;
    }
  }
  return undefined;
}

/** Whether this may be told where the other would be told if nothing had been let go. */
function isAnswer(
  answer: string | undefined,
  wanted: string | undefined,
  { key, at, limits }: { key: string; at: number; limits: KeptLimits },
): boolean {
  if (limits.isSurelyGone(key, at)) return answer === refused;
  if (answer === wanted) return true;
  const isMaybeGone = limits.isMaybeGone(at) || (limits.hasBegun && wanted === undefined);
  return isMaybeGone && answer === refused;
}

/** For what was valid then, and is taken out; and for what was let go. */
const refused = 'refused';

function answerOf(read: () => string | undefined): string | undefined {
  try {
    return read();
  } catch (error) {
    if (isTruncated(error)) return refused;
    throw error;
  }
}

function answerFrom(newest: Written | undefined, at: number): string | undefined {
  if (newest === undefined || at >= (newest.expiresAt ?? Infinity)) return undefined;
  return newest.state === 'expired' ? refused : newest.value;
}

function scanned(store: Store, at: number): [string, string | undefined][] {
  const rows: [string, string | undefined][] = [];
  try {
    for (const { key, value } of store.scan({ at })) rows.push([key, value]);
  } catch (error) {
    if (!isTruncated(error)) throw error;
  }
  return rows;
}

export function isTruncated(error: unknown): boolean {
  return error instanceof TimekvError && error.code === 'ERR_TIMEKV_HISTORY_TRUNCATED';
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
  return written === undefined ? 'nothing' : labelOf(written);
}

function byBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
