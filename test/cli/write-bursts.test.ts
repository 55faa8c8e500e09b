import { expect, it } from 'vitest';
import { NotBegun, WriteBursts } from '../../src/cli/write-bursts.js';

/** Writes that note when they begin, and fail where they are told to. */
function writer(failing: ReadonlySet<number>) {
  const begun: number[] = [];
  const write = (number: number) => async (): Promise<number> => {
    begun.push(number);
    await Promise.resolve();
    if (failing.has(number)) throw new Error(`write ${number} failed`);
    return number;
  };
  return { begun, write };
}

async function settled(promises: Promise<number>[]): Promise<unknown[]> {
  const outcomes = await Promise.allSettled(promises);
  return outcomes.map((outcome) =>
    outcome.status === 'fulfilled' ? outcome.value : (outcome.reason as Error).name,
  );
}

it('writes begin in order, those that are there together', async () => {
  const { begun, write } = writer(new Set());
  const bursts = new WriteBursts(false);
  const promises = [1, 2, 3].map((number) => bursts.add(10, write(number)));
  expect(begun).toEqual([]);
  expect(await settled(promises)).toEqual([1, 2, 3]);
  expect(await settled([4, 5].map((number) => bursts.add(10, write(number))))).toEqual([4, 5]);
  expect(begun).toEqual([1, 2, 3, 4, 5]);
});

it('none begins behind a burst in which one failed', async () => {
  const { begun, write } = writer(new Set([2]));
  const bursts = new WriteBursts(false);
  const large = 600 * 1024;
  const promises = [1, 2, 3, 4].map((number) => bursts.add(large, write(number)));
  expect(await settled(promises)).toEqual([1, 'Error', NotBegun.name, NotBegun.name]);
  expect(begun).toEqual([1, 2]);
});

it('all begin where the batch goes on after errors', async () => {
  const { write } = writer(new Set([1, 2]));
  const bursts = new WriteBursts(true);
  const large = 2 * 1024 * 1024;
  const promises = [1, 2, 3, 4].map((number) => bursts.add(large, write(number)));
  expect(await settled(promises)).toEqual(['Error', 'Error', 3, 4]);
});
