/**
 * SIM: everything that processes do to a simulated disk is recorded, and cut off at every operation
 * by a kill or a power cut that keeps and loses what it likes. Each disk that is left is opened and
 * read; and that is cut off as well.
 */
import { expect, it } from 'vitest';
import { amount, harnessSeed, isWhole, replayLine, report } from '../support/harness.js';
import { Random } from '../support/random.js';
import { Exploration } from './support/exploration.js';
import { stepNames, Workload, type MoreStepName } from './support/workload.js';

const moreSteps: readonly MoreStepName[] = [
  ...stepNames,
  'set',
  'delete',
  'process mode',
  'read elsewhere',
  'compact all',
];

it('recovers every state that a crash can leave', { timeout: 3_600_000 * 4 }, async () => {
  const startedAt = performance.now();
  const wanted = amount(100_000, 5_000_000);
  const exploration = new Exploration({ subsets: 2, depthTwoShare: 0.05 });
  const seeds = new Random(harnessSeed);
  let workloads = 0;
  while (exploration.states < wanted) {
    const seed = seeds.integer(0, 2 ** 31);
    const random = new Random(seed);
    const workload = new Workload(seed, { hasBootId: random.next() < 0.9 });
    const count = random.integer(4, 14);
    const steps = Array.from({ length: count }, () => random.pick(moreSteps));
    for (const step of steps) await workload.step(step);
    await workload.end();
    const fault = await exploration.explore(workload.recording, random);
    expect(fault, `${steps.join(', ')}\n${replayLine('sim')}`).toBeUndefined();
    workloads++;
  }
  const { states, statesAtDepthTwo } = exploration;
  report('SIM', { workloads, states, 'of them at depth 2': statesAtDepthTwo }, startedAt);
  if (isWhole) expect(statesAtDepthTwo).toBeGreaterThanOrEqual(wanted / 10);
});
