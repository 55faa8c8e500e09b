/** SIM, complete: every history of up to three steps, cut off after every operation. */
import { expect, it, vi } from 'vitest';
import { amount, harnessSeed, replayLine, report } from '../support/harness.js';
import { Random } from '../support/random.js';
import { Exploration } from './support/exploration.js';
import { type MoreStepName, stepNames, Workload } from './support/workload.js';

// The zeros ahead are most of what a disk holds here: with fewer of them a state takes half the time.
vi.mock(import('../../src/base/limits.js'), async (original) => ({
  ...(await original()),
  walFillBytes: 4096,
}));

const hours = 3_600_000;

/** All sequences of so many steps, shorter ones first: each has been looked at but for its last step. */
function* sequences(length: number): Generator<MoreStepName[]> {
  if (length === 0) yield [];
  else
    for (const before of sequences(length - 1))
      for (const last of stepNames) yield [...before, last];
}

/** Two segments and a log: something for every step to work on. */
const prepared: readonly MoreStepName[] = ['batch', 'flush', 'set', 'flush', 'batch'];

it('recovers after every operation of all short histories', { timeout: 10 * hours }, async () => {
  const startedAt = performance.now();
  const random = new Random(harnessSeed);
  const exploration = new Exploration();
  let count = 0;
  for (let length = 1; length <= amount(3, 4); length++) {
    for (const steps of sequences(length)) {
      for (const first of length < 3 ? [[], prepared] : [prepared]) {
        const workload = new Workload(count);
        await workload.run([...first, ...steps.slice(0, -1)]);
        const from = workload.recording.operations.length;
        await workload.run(steps.slice(-1));
        const fault = await exploration.explore(workload.recording, random, from);
        const run = [...first, ...steps].join(', ');
        expect(fault, `${run}\n${replayLine('sim-short')}`).toBeUndefined();
      }
      count++;
    }
  }
  const { states, statesAtDepthTwo } = exploration;
  report('SIM, short', { sequences: count, states, 'at depth 2': statesAtDepthTwo }, startedAt);
});
