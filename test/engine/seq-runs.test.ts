import { expect, test } from 'vitest';
import { Kind } from '../../src/base/entry.js';
import { Memtable } from '../../src/engine/memtable.js';
import { SeqRuns } from '../../src/engine/seq-runs.js';
import { type Content, payloadOf } from '../support/entries.js';

function put(key: string, timestamp: number): Content {
  return {
    key: Buffer.from(key),
    timestamp,
    kind: Kind.value,
    expiresAt: Infinity,
    value: Buffer.from('v'),
  };
}

test('seqs follow from numbers, across gaps and after being cleared', () => {
  const seqs = new SeqRuns();
  seqs.begin(1, 10);
  seqs.begin(4, 13); // Without a gap.
  seqs.begin(6, 100);
  seqs.begin(7, 50);
  expect([1, 3, 4, 5, 6, 7, 8].map((number) => seqs.of(number))).toEqual([
    10, 12, 13, 14, 100, 50, 51,
  ]);
  seqs.clear();
  seqs.begin(1, 7);
  expect(seqs.of(2)).toBe(8);
});

test('a memtable knows the seqs of frames between which others are missing', () => {
  const table = new Memtable();
  table.addFrame(payloadOf([put('a', 1), put('b', 1)]), 5);
  table.addFrame(payloadOf([put('a', 2)]), 40);
  expect([1, 2, 3].map((n) => table.added(n).seq)).toEqual([5, 6, 40]);
  expect(table.find(Buffer.from('a'), 9, 39)?.seq).toBe(5);
  expect(table.find(Buffer.from('a'), 9, 40)?.seq).toBe(40);
});
