import { expect, it } from 'vitest';
import { NotBegun, WriteBursts } from '../../../src/cli/batch/write-bursts.js';
import { TimekvError, type ErrorCode, type Operation } from '../../../src/index.js';

type Writes = Operation<Buffer>[];

const write = (key: string): Writes[number] => ({ type: 'delete', key });

/**
 * A store that notes its commits, in the order of their keys. It refuses a batch with a write that
 * is called `bad…`, and naming it; what is called `lost…` fails with the whole batch.
 */
function storeOf(lostCode: ErrorCode = 'ERR_TIMEKV_IO') {
  const commits: string[][] = [];
  let seq = 0;
  const commit = async (writes: Writes) => {
    await Promise.resolve();
    const keys = writes.map(({ key }) => key);
    const bad = keys.findIndex((key) => key.startsWith('bad'));
    if (bad !== -1) {
      const error = new TimekvError('ERR_TIMEKV_INVALID_ARGUMENT', `${keys[bad]} is refused`);
      error.operation = bad;
      throw error;
    }
    const lost = keys.find((key) => key.startsWith('lost'));
    if (lost !== undefined) throw new TimekvError(lostCode, `${lost} failed`);
    commits.push(keys);
    const firstSeq = seq + 1;
    seq += keys.length;
    return { answers: keys.map((_, index) => 100 + firstSeq + index), firstSeq, seqs: undefined };
  };
  return { commit, commits };
}

async function outcomes(bursts: WriteBursts, keys: string[], bytes = 10): Promise<unknown[]> {
  const writes = keys.map((key) => bursts.add(write(key), bytes));
  const settled = await Promise.allSettled(writes);
  return settled.map((outcome) => {
    if (outcome.status === 'fulfilled') return outcome.value.firstSeq;
    return outcome.reason instanceof NotBegun ? 'not begun' : (outcome.reason as Error).message;
  });
}

const large = 600 * 1024;

it('writes that are there together are one commit, and each learns what it was given', async () => {
  const { commit, commits } = storeOf();
  const bursts = new WriteBursts(commit, false);
  const writes = ['a', 'b', 'a'].map((key) => bursts.add(write(key), 10));
  expect(commits).toEqual([]);
  expect(await Promise.all(writes)).toEqual([
    { answers: [101], firstSeq: 1, seqs: undefined },
    { answers: [102], firstSeq: 2, seqs: undefined },
    { answers: [103], firstSeq: 3, seqs: undefined },
  ]);
  expect(await outcomes(bursts, ['c', 'd'])).toEqual([4, 5]);
  expect(commits).toEqual([
    ['a', 'b', 'a'],
    ['c', 'd'],
  ]);
});

it('nothing behind a refused write is written, what was before it is', async () => {
  const { commit, commits } = storeOf();
  const bursts = new WriteBursts(commit, false);
  expect(await outcomes(bursts, ['a', 'b', 'bad', 'c', 'bad2'])).toEqual([
    1,
    2,
    'bad is refused',
    'not begun',
    'not begun',
  ]);
  expect(await outcomes(bursts, ['d'])).toEqual(['not begun']);
  expect(commits).toEqual([['a', 'b']]);
});

it('a commit that fails is told once, and nothing follows', async () => {
  const { commit, commits } = storeOf();
  const bursts = new WriteBursts(commit, false);
  expect(await outcomes(bursts, ['a', 'lost', 'b', 'c'], large)).toEqual([
    1,
    'lost failed',
    'not begun',
    'not begun',
  ]);
  expect(await outcomes(new WriteBursts(commit, false), ['a', 'lost', 'b'])).toEqual([
    'lost failed',
    'not begun',
    'not begun',
  ]);
  expect(commits).toEqual([['a']]);
});

it('of every write that may have been made nevertheless it is told', async () => {
  const { commit } = storeOf('ERR_TIMEKV_OUTCOME_UNKNOWN');
  const bursts = new WriteBursts(commit, false);
  expect(await outcomes(bursts, ['a', 'lost', 'b'])).toEqual(Array(3).fill('lost failed'));
  expect(await outcomes(bursts, ['c'])).toEqual(['not begun']);
});

it('all others are made where the batch goes on after errors', async () => {
  const { commit, commits } = storeOf();
  const bursts = new WriteBursts(commit, true);
  expect(await outcomes(bursts, ['bad', 'a', 'bad2', 'bad3', 'b', 'bad4'])).toEqual([
    'bad is refused',
    1,
    'bad2 is refused',
    'bad3 is refused',
    2,
    'bad4 is refused',
  ]);
  expect(commits).toEqual([['a'], ['b']]);
  expect(await outcomes(bursts, ['lost', 'c', 'd'], large)).toEqual(['lost failed', 3, 4]);
});
