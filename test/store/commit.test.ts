/** What a batch tells the command line beside its timestamps. */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { open, type Operation } from '../../src/index.js';
import { temporaryDirectory } from '../support/temporary-directory.js';

describe.each(['on disk', 'in memory'])('a commit %s', (where) => {
  const fresh = () =>
    open(where === 'in memory' ? ':memory:' : join(temporaryDirectory(), 'store'), {
      unit: 'tick',
    });

  it('tells the seqs of its writes', async () => {
    await using store = await fresh();
    await store.set('a', '1');
    const operations: Operation<string>[] = [
      { type: 'set', key: 'a', value: '1', at: 5 },
      { type: 'set', key: 'a', value: '2', at: 5 },
      { type: 'delete', key: 'b' },
    ];
    const [one, two] = await Promise.all([store.commit(operations), store.commit(operations)]);
    expect(one).toEqual({ answers: [5, 5, 6], firstSeq: 2, seqs: undefined });
    expect(two).toEqual({ answers: [5, 5, 7], firstSeq: 5, seqs: undefined });
    expect(store.version('a')).toMatchObject({ value: '2', seq: 6 });
    expect((await store.commit([])).answers).toEqual([]);
  });

  it('tells which operation was refused', async () => {
    await using store = await fresh();
    await store.set('a', '1', 5);
    const good: Operation<string> = { type: 'set', key: 'b', value: '2' };
    const refused: Operation<string>[] = [
      { type: 'set', key: '', value: '1' },
      { type: 'set', key: 'a', value: '1', at: 5, onConflict: 'fail' },
    ];
    for (const operation of refused) {
      await expect(store.commit([good, good, operation, good])).rejects.toMatchObject({
        operation: 2,
      });
    }
    expect([...store.keys({ all: true })]).toEqual(['a']);
  });
});

it('each write may be as of a moment of its own', async () => {
  await using store = await open(':memory:', { clock: { now: () => 100 } });
  const writes = ['a', 'b', 'a'].map((key) => ({ type: 'delete', key }) as const);
  expect((await store.commit(writes)).answers).toEqual([100, 100, 100]);
  expect((await store.commit(writes, true)).answers).toEqual([101, 102, 103]);
});
