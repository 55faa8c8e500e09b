/**
 * SIM: everything that processes do to a simulated disk is recorded, and cut off at every operation
 * by a kill or a power cut that keeps and loses what it likes. Each disk that is left is opened, read
 * and written to; and some of that is cut off as well. Here histories are drawn; `sim-short` has all
 * short ones, and `sim-failures` lets operations fail.
 *
 *   TIMEKV_RUN=1 npm run test:crash -- sim.test     the history of one seed alone
 */
import { expect, it } from 'vitest';
import { amount, harnessSeed, isWhole, replayLine, report } from '../support/harness.js';
import { Random } from '../support/random.js';
import { corpusOf } from './support/corpus.js';
import { Exploration } from './support/exploration.js';
import { faultKinds, Faults } from './support/faults.js';
import { drawSteps, seedsEnd, Workload } from './support/workload.js';

const hours = 3_600_000;
const askedRun = process.env['TIMEKV_RUN'];
/** With those of `sim-short` more than 100,000, and 5,000,000. */
const statesWanted = askedRun === undefined ? amount(52_000, 4_800_000) : 1;

/** @returns what went wrong in the history of this seed; or '' */
async function faultOf(seed: number, exploration: Exploration): Promise<string> {
  const random = new Random(seed);
  const faults = new Faults(random.pick(faultKinds), random.integer(0, 300), false);
  const workload = new Workload(random.integer(0, 2 ** 31), {
    hasBootId: random.next() < 0.9,
    ...(random.next() < 0.3 ? { plant: faults.plant } : {}),
  });
  const steps = drawSteps(random, 4, 14);
  await workload.run(steps);
  await workload.end();
  const fault = await exploration.explore(workload.recording, random);
  if (fault === undefined) return '';
  return [fault, steps.join(', '), replayLine('sim', { TIMEKV_RUN: String(seed) })].join('\n');
}

it.skipIf(askedRun !== undefined).each(corpusOf('sim'))(
  'repeats no fault: seed $seed, $found',
  { timeout: hours },
  async ({ seed }) => {
    expect(await faultOf(seed, new Exploration())).toBe('');
  },
);

it('recovers every state that a crash can leave', { timeout: 10 * hours }, async () => {
  const startedAt = performance.now();
  const random = new Random(harnessSeed);
  const exploration = new Exploration();
  let histories = 0;
  while (exploration.states < statesWanted) {
    const seed = askedRun === undefined ? random.integer(0, seedsEnd) : Number(askedRun);
    expect(await faultOf(seed, exploration)).toBe('');
    histories++;
  }
  const { states, statesAtDepthTwo } = exploration;
  report('SIM', { histories, states, 'at depth 2': statesAtDepthTwo }, startedAt);
  if (isWhole && askedRun === undefined)
    expect(statesAtDepthTwo).toBeGreaterThanOrEqual(statesWanted / 10);
});
