/**
 * SERVE: `timekv serve` is killed by `kill -9` again and again while clients write, and started again
 * on the same port and directory. Clients note what they were told, and try again what they were not.
 * After each start everything that was acknowledged is asked for through the server; in the end the
 * whole store is read, every seq has one version, and `timekv verify` finds nothing. Kills come while
 * a write is on its way, or while the server starts.
 */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { amount, harnessSeed, isWhole, replayLine, report } from '../support/harness.js';
import { Random } from '../support/random.js';
import { removeDirectory, temporaryDirectory } from '../support/temporary-directory.js';
import { Harness, Stage } from './support/served-stage.js';

const killsAsked = amount(100, 500);
/** Stores side by side: while one server starts, others are asked. */
const lanes = 3;
const harness = new Harness(killsAsked);

async function useStores(lane: number, random: Random): Promise<void> {
  for (let round = 0; harness.goesOn; round++) {
    // On a disk a sync takes its time, so that many writes wait for one.
    const root = temporaryDirectory(lane === 0 ? 'disk' : 'memory');
    await new Stage(join(root, 'store'), random.at(lane, round), harness).run();
    removeDirectory(root);
  }
}

test('SERVE', { timeout: 3_600_000 }, async () => {
  const started = performance.now();
  const random = new Random(harnessSeed);
  const all = Array.from({ length: lanes }, (_, lane) => harness.noting(useStores(lane, random)));
  const failed = (await Promise.allSettled(all)).find(({ status }) => status === 'rejected');
  if (failed?.status === 'rejected') {
    // The moments of kills are not to be had again; the seed brings the same work at least.
    throw new Error(replayLine('serve-kill'), { cause: failed.reason });
  }
  report('SERVE', { kills: harness.kills, ...harness.counts }, started);
  if (!isWhole) return;
  expect(harness.kills).toBeGreaterThanOrEqual(killsAsked);
  // Some kills must have come between a commit and its answer.
  expect(harness.counts['committed and never answered']).toBeGreaterThan(0);
});
