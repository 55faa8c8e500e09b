/** What the engine finds, as the store answers it: keys as text, values as the codec makes them. */
import type { Found } from './base/cursor.js';
import { Kind, type Entry } from './base/entry.js';
import type { DifferingValues } from './engine/scan.js';
import type { Difference, Version } from './options.js';

export type Decode<V> = (bytes: Buffer, key: string) => V;

export const keyOf = (entry: Entry): string => entry.key.toString('utf8');

export function toVersion<V>(
  key: string,
  entry: Omit<Entry, 'key'>,
  decode: Decode<V>,
): Version<V> {
  const isValue = entry.kind === Kind.value;
  return versionOf(key, entry, isValue ? decode(entry.value, key) : undefined);
}

/**
 * The same for an entry whose value was not read.
 * @param value undefined for a tombstone
 */
export function versionOf<V>(
  key: string,
  entry: Omit<Found, 'value' | 'keep' | 'locateValue'>,
  value: V | undefined,
): Version<V> {
  const { kind, seq } = entry;
  const timestamp = kind === Kind.historyErasure ? NaN : entry.timestamp;
  const version: Version<V> = { key, timestamp, value, seq, state: states[kind] };
  if (entry.expiresAt !== Infinity) version.expiresAt = entry.expiresAt;
  return version;
}

const states: Record<Kind, Version<unknown>['state']> = {
  [Kind.value]: 'value',
  [Kind.tombstone]: 'deleted',
  [Kind.stub]: 'expired',
  [Kind.importedStub]: 'expired',
  [Kind.erasure]: 'erased',
  [Kind.historyErasure]: 'erased',
  [Kind.markingErasure]: 'erased',
  [Kind.mark]: 'erased',
};

export function toDifference<V>(differing: DifferingValues, decode: Decode<V>): Difference<V> {
  const { before, after } = differing;
  const key = differing.key.toString('utf8');
  const change = before === undefined ? 'added' : after === undefined ? 'removed' : 'changed';
  const valueOf = (bytes: Buffer | undefined) =>
    bytes === undefined ? undefined : decode(bytes, key);
  return { key, change, before: valueOf(before), after: valueOf(after) };
}
