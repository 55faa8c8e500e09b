/** What the engine finds, as the store answers it: keys as text, values as the codec makes them. */
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
  const version: Version<V> = {
    key,
    timestamp: entry.timestamp,
    value: isValue ? decode(entry.value, key) : undefined,
    seq: entry.seq,
    state: isValue ? 'value' : 'deleted',
  };
  if (entry.expiresAt !== Infinity) version.expiresAt = entry.expiresAt;
  return version;
}

export function toDifference<V>(differing: DifferingValues, decode: Decode<V>): Difference<V> {
  const { before, after } = differing;
  const key = differing.key.toString('utf8');
  const change = before === undefined ? 'added' : after === undefined ? 'removed' : 'changed';
  const valueOf = (bytes: Buffer | undefined) =>
    bytes === undefined ? undefined : decode(bytes, key);
  return { key, change, before: valueOf(before), after: valueOf(after) };
}
