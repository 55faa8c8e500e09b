import { expect, test } from 'vitest';
import { NodeIndex } from '../../src/engine/node-index.js';
import { keysInOneSlot } from './support/keys-in-one-slot.js';

/** Over keys by number, from 1, none of which is there yet; of one key the greatest number is the latest. */
function indexOver(keys: readonly Buffer[]): NodeIndex {
  const keyOf = (node: number) => keys[node - 1] as Buffer;
  return NodeIndex.of({
    keyMemory: keyOf,
    keyStart: () => 0,
    keyLength: (node) => keyOf(node).length,
    compareVersions: (a, b) => b - a,
    firstNode: () => 0,
    next: () => 0,
    shareKey: (a, b) => keyOf(a).equals(keyOf(b)),
  });
}

const find = (index: NodeIndex, key: Buffer) => index.find(key, 0, key.length);

test('knows the latest version of each key, however many there are', () => {
  const keys = Array.from({ length: 20_000 }, (_, n) => Buffer.from(`key ${n % 10_000}`));
  const index = indexOver(keys);
  for (let at = 0; at < keys.length; at++) {
    expect(index.add(at + 1)).toBe(at < 10_000 ? 0 : at - 10_000 + 1);
    // An older one changes nothing.
    if (at >= 10_000) expect(index.add(at - 10_000 + 1)).toBe(0);
  }
  for (const [at, key] of keys.slice(0, 10_000).entries()) {
    expect(find(index, key)).toBe(10_000 + at + 1);
  }
  for (const absent of ['', 'key', 'key 10000', 'key 00', 'ke']) {
    expect(find(index, Buffer.from(absent))).toBe(0);
  }
  // Two numbers a slot; a quarter to five eighths of them are empty.
  expect(index.memoryBytes).toBe(16_384 * 8);
});

test('tells keys of one hash apart, and gives up where there are too many of them', () => {
  const keys = keysInOneSlot(1100);
  const index = indexOver(keys);
  for (let at = 0; at < 1024; at++) {
    expect(find(index, keys[at] as Buffer)).toBe(0);
    index.add(at + 1);
  }
  expect(find(index, keys[0] as Buffer)).toBe(1);
  expect(index.add(1025)).toBe(0);
  expect(find(index, keys[0] as Buffer)).toBeUndefined();
  expect(find(index, Buffer.from('another'))).toBeUndefined();
});
