/** Rule 6: what was acknowledged survives `kill -9`, and batches are there whole or not at all. */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Store } from '../../src/index.js';
import { type Child, start } from '../support/child.js';
import { openAs } from '../support/stores.js';
import { temporaryDirectory } from '../support/temporary-directory.js';

const rounds = 4;

/** Whole lines that it has printed, but for the first. */
async function countAcknowledged(child: Child): Promise<number> {
  const { stdout } = await child.finished;
  return stdout.split('\n').length - 2;
}

/** The numbers that were written to a key. */
function numbers(store: Store, key: string): number[] {
  return [...store.history(key)].map(({ value }) => Number(value));
}

async function checkKilledWriters(
  directory: string,
  round: number,
  durability: string,
): Promise<void> {
  const keys = [`${round}/a`, `${round}/b`];
  const children = keys.map((key) => start('acknowledge', { directory, durability, key }));
  await Promise.all(children.map((child) => child.printed('\n9\n')));
  await new Promise((resolve) => setTimeout(resolve, 17 * round));
  for (const child of children) child.process.kill('SIGKILL');
  const acknowledged = await Promise.all(children.map(countAcknowledged));
  const store = await openAs<string>(directory);
  for (const [i, key] of keys.entries()) {
    const left = numbers(store, `${key}/left`);
    expect(left).toEqual(numbers(store, `${key}/right`));
    expect(left).toEqual(left.map((_, number) => number));
    // One more may have been committed before the kill, and not printed.
    expect(left.length - (acknowledged[i] ?? 0)).toBeOneOf([0, 1]);
  }
  await store.close();
}

test.each(['full', 'process'])('kill -9 of writers, durability %s', async (durability) => {
  const directory = join(temporaryDirectory(), 'store');
  for (let round = 0; round < rounds; round += 1) {
    await checkKilledWriters(directory, round, durability);
  }
});

test('kill -9 while the store is being created', async () => {
  for (let round = 0; round < 8; round += 1) {
    const directory = join(temporaryDirectory(), 'store');
    const input = { directory, durability: 'full', key: 'k' };
    const children: Child[] = [start('acknowledge', input), start('acknowledge', input)];
    const killed = children.map(async (child) => {
      await child.printed('ready');
      await new Promise((resolve) => setTimeout(resolve, 2 * round));
      child.process.kill('SIGKILL');
      return countAcknowledged(child);
    });
    const acknowledged = await Promise.all(killed);
    const store = await openAs<string>(directory);
    const count = [...store.history('k/left')].length;
    expect(count).toBeGreaterThanOrEqual(Math.max(...acknowledged));
    expect([...store.history('k/right')]).toHaveLength(count);
    await store.set('next', 'v');
    expect(store.version('next')?.seq).toBe(2 * count + 1);
    await store.close();
  }
});
