/** The check that the harness RACE relies on: it must find fault with each kind of wrong history. */
import { expect, test } from 'vitest';
import { type Commit, faultsIn, faultsLeft, type History } from '../crash/support/history-check.js';

/** A write of `key=value` (`key=`: a tombstone) to which the store gave this seq. */
function commit(first: number, texts: string, [start, end]: [number, number]): Commit {
  const writes = texts.split(' ').map((text) => {
    const [key = '', value = ''] = text.split('=');
    return value === '' ? { key } : { key, value };
  });
  return { first, writes, start, end };
}

function read(texts: string, [owed, end]: [number, number]): History['reads'][number] {
  const seen = texts.split(' ').map((text) => {
    const [key = '', value = ''] = text.split('=');
    return value === '' ? { key } : { key, value };
  });
  return { how: 'a read', seen, owed, end };
}

/** Three writes one after the other, one of both keys while the third was under way, a tombstone. */
const commits = [
  commit(1, 'a=1', [0, 10]),
  commit(2, 'a=2', [20, 30]),
  commit(3, 'a=3 b=3', [40, 60]),
  commit(5, 'b=4', [45, 70]),
  commit(6, 'a=', [80, 90]),
];

function faults(more: Partial<History>): string[] {
  return faultsIn({ commits, refusals: [], reads: [], ...more });
}

test('a right history has no fault', () => {
  const reads = [
    read('a', [0, 5]),
    read('a=1', [0, 5]),
    read('a=1', [11, 15]),
    read('a=1', [11, 25]), // The next write is under way: either answer is right.
    read('a=2', [11, 25]),
    read('a=2 b', [35, 41]),
    read('a=3 b=3', [44, 46]),
    read('a=3 b=4', [44, 46]),
    read('a b=4', [85, 86]),
    { how: 'a read of a tombstone', seen: [{ key: 'a', seq: 6 }], owed: 95, end: 96 },
  ];
  const refusals = [
    { key: 'a', ifSeq: 1, start: 11, end: 25 },
    { key: 'a', ifSeq: 'none' as const, start: 11, end: 15 },
    { key: 'a', ifSeq: 3, start: 91, end: 92 },
    { key: 'a', ifSeq: 77, start: 91, end: 92 },
  ];
  expect(faults({ reads, refusals })).toEqual([]);
});

test.each([
  ['a stale read', 'a=1', [31, 35], 'though 2 was committed'],
  ['a key that is not there any more', 'a', [31, 35], 'though 2 was committed'],
  ['a deleted value', 'a=3', [91, 95], 'though none was committed'],
  ['a value before it was written', 'a=2', [11, 15], 'had not begun'],
  ['a value that nobody wrote', 'a=9', [11, 15], 'nobody wrote'],
  ['half a batch', 'a=3 b', [41, 65], 'never there at once'],
  ['the other half', 'a=2 b=3', [41, 65], 'never there at once'],
  ['a view of two times', 'a=2 b=4', [41, 65], 'never there at once'],
] as const)('%s is found', (_, seen, [owed, end], fault) => {
  expect(faults({ reads: [read(seen, [owed, end])] })).toEqual([expect.stringContaining(fault)]);
});

test('a reader that goes back behind what another reader saw is found', () => {
  const early = read('a=2', [21, 22]);
  expect(faults({ reads: [early, read('a=2', [23, 24])] })).toEqual([]);
  expect(faults({ reads: [early, read('a=1', [23, 24])] })).toEqual([
    expect.stringContaining('though 2 was committed'),
  ]);
});

test('a value that is told with another write’s seq is found', () => {
  const wrong = { how: 'a read', seen: [{ key: 'a', value: '2', seq: 1 }], owed: 31, end: 35 };
  expect(faults({ reads: [wrong] })).toEqual([expect.stringContaining('nobody wrote')]);
});

test('seqs that are reordered, doubled or left out are found', () => {
  const [first, second, ...others] = commits as [Commit, Commit, ...Commit[]];
  const reordered = [{ ...first, first: 2 }, { ...second, first: 1 }, ...others];
  expect(faults({ commits: reordered })).toEqual([expect.stringContaining('smaller seq')]);
  const doubled = [...commits, commit(6, 'b=9', [80, 90])];
  expect(faults({ commits: doubled })).toEqual(['seq 6 was given twice']);
  expect(faults({ commits: [first, ...others] })).toEqual(['seq 3 follows 1']);
});

test('a lost update is found: a condition that did not hold was let pass', () => {
  const [first, second, ...others] = commits as [Commit, Commit, ...Commit[]];
  const withCondition = (ifSeq: number | 'none') => {
    const writes = second.writes.map((write) => ({ ...write, ifSeq }));
    return faults({ commits: [first, { ...second, writes }, ...others] });
  };
  expect(withCondition(1)).toEqual([]);
  expect(withCondition('none')).toEqual(['seq 2 was let pass if none, but it followed 1']);
  expect(withCondition(3)).toEqual(['seq 2 was let pass if 3, but it followed 1']);
});

test('a refusal is found whose condition held all the while', () => {
  const refusal = (ifSeq: number | 'none', start: number, end: number) =>
    faults({ refusals: [{ key: 'a', ifSeq, start, end }] });
  const found = [expect.stringContaining('was refused though')];
  expect(refusal(2, 31, 39)).toEqual(found);
  expect(refusal(2, 31, 41)).toEqual([]);
  expect(refusal('none', 91, 95)).toEqual(found);
  expect(refusal('none', 81, 95)).toEqual([]);
});

test('what is left in the end is what was committed', () => {
  const left = [
    { key: 'a', value: '1', seq: 1 },
    { key: 'a', value: '2', seq: 2 },
    { key: 'a', value: '3', seq: 3 },
    { key: 'b', value: '4', seq: 5 },
    { key: 'a', value: undefined, seq: 6 },
  ];
  const told = (versions: typeof left) => faultsLeft(versions, commits, (key) => key === 'b');
  expect(told(left)).toEqual([]);
  expect(told(left.slice(1))).toEqual(['in the end seq 1, a = 1, is lost']);
  const [first, ...others] = left;
  expect(told([{ ...first!, value: 'x' }, ...others])).toEqual([
    'in the end seq 1 is a = x in place of a = 1',
  ]);
  // Replaced, so that it must not be there any more; and one that nobody wrote.
  const more = [
    { key: 'b', value: '3', seq: 4 },
    { key: 'a', value: '7', seq: 7 },
  ];
  expect(told([...left, ...more])).toEqual([
    'in the end seq 4 is b = 3 in place of nothing',
    'in the end seq 7 is a = 7 in place of nothing',
  ]);
});
