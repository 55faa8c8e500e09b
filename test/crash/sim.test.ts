/**
 * SIM: everything that processes do to a simulated disk is recorded, and cut off at every operation
 * by a kill or a power cut that keeps and loses what it likes. Each disk that is left is opened, read
 * and written to; and that is cut off as well. Here histories are drawn; `sim-short` has all short
 * ones, and `sim-failures` lets operations fail.
 */
import { expect, it, vi } from 'vitest';
import { amount, harnessSeed, isWhole, replayLine, report } from '../support/harness.js';
import { Random } from '../support/random.js';
import { Exploration } from './support/exploration.js';
import { faultKinds, Faults } from './support/faults.js';
import { drawSteps, Workload } from './support/workload.js';

// The zeros ahead are most of what a disk holds here: with fewer of them a state takes half the time.
vi.mock(import('../../src/base/limits.js'), async (original) => ({
  ...(await original()),
  walFillBytes: 4096,
}));

const hours = 3_600_000;
/** With those of `sim-short` more than 100,000, and 5,000,000. */
const statesWanted = amount(65_000, 4_750_000);

it('recovers every state that a crash can leave', { timeout: 10 * hours }, async () => {
  const startedAt = performance.now();
  const random = new Random(harnessSeed);
  const exploration = new Exploration();
  let workloads = 0;
  while (exploration.states < statesWanted) {
    const faults = new Faults(random.pick(faultKinds), random.integer(0, 300), false);
    const workload = new Workload(random.integer(0, 2 ** 31), {
      hasBootId: random.next() < 0.9,
      ...(random.next() < 0.3 ? { plant: faults.plant } : {}),
    });
    const steps = drawSteps(random, 4, 14);
    await workload.run(steps);
    await workload.end();
    const fault = await exploration.explore(workload.recording, random);
    expect(fault, `${steps.join(', ')}\n${replayLine('sim')}`).toBeUndefined();
    workloads++;
  }
  const { states, statesAtDepthTwo } = exploration;
  report('SIM', { workloads, states, 'at depth 2': statesAtDepthTwo }, startedAt);
  if (isWhole) expect(statesAtDepthTwo).toBeGreaterThanOrEqual(statesWanted / 8);
});
