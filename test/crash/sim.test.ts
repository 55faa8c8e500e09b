/**
 * SIM: everything that processes do to a simulated disk is recorded, and cut off at every operation
 * by a kill or a power cut that keeps and loses what it likes. Each disk that is left is opened, read
 * and written to; and that is cut off as well.
 */
import { beforeEach, expect, it, vi } from 'vitest';
import { amount, harnessSeed, isWhole, replayLine, report } from '../support/harness.js';
import { Random } from '../support/random.js';
import { randomLoss } from '../support/simulated-disk.js';
import { losesAll } from './support/crashes.js';
import { Exploration } from './support/exploration.js';
import { faultKinds, Faults } from './support/faults.js';
import { recover } from './support/recovery.js';
import { type MoreStepName, stepNames, Workload } from './support/workload.js';

// The zeros ahead are most of what a disk holds here: with fewer of them a state takes half the time.
vi.mock(import('../../src/base/limits.js'), async (original) => ({
  ...(await original()),
  walFillBytes: 4096,
}));

const hours = 3_600_000;
const moreSteps: readonly MoreStepName[] = [
  ...stepNames,
  'set',
  'race',
  'delete',
  'process mode',
  'read elsewhere',
  'compact what is due',
];
const statesWanted = amount(100_000, 5_000_000);
const exploration = new Exploration({ subsets: 2, depthTwoShare: 0.004 });
/** Begins anew for each test, so that one of them can be repeated alone. */
let random: Random;
beforeEach(() => {
  random = new Random(harnessSeed);
});

function drawSteps(from: number, to: number): MoreStepName[] {
  return Array.from({ length: random.integer(from, to) }, () => random.pick(moreSteps));
}

async function run(workload: Workload, steps: readonly MoreStepName[]): Promise<void> {
  for (const step of steps) await workload.step(step);
}

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
  const before = exploration.states;
  let count = 0;
  for (let length = 1; length <= amount(3, 4); length++) {
    for (const steps of sequences(length)) {
      for (const first of length < 3 ? [[], prepared] : [prepared]) {
        const workload = new Workload(count);
        await run(workload, [...first, ...steps.slice(0, -1)]);
        const from = workload.recording.operations.length;
        await run(workload, steps.slice(-1));
        const fault = await exploration.explore(workload.recording, random, from);
        expect(fault, `${[...first, ...steps].join(', ')}\n${replayLine('sim')}`).toBeUndefined();
      }
      count++;
    }
  }
  report('SIM, short', { sequences: count, states: exploration.states - before }, startedAt);
});

it('recovers every state that a crash can leave', { timeout: 10 * hours }, async () => {
  const startedAt = performance.now();
  let workloads = 0;
  while (exploration.states < statesWanted) {
    const faults = new Faults(random.pick(faultKinds), random.integer(0, 300), false);
    const workload = new Workload(random.integer(0, 2 ** 31), {
      hasBootId: random.next() < 0.9,
      ...(random.next() < 0.3 ? { plant: faults.plant } : {}),
    });
    const steps = drawSteps(4, 14);
    await run(workload, steps);
    await workload.end();
    const fault = await exploration.explore(workload.recording, random);
    expect(fault, `${steps.join(', ')}\n${replayLine('sim')}`).toBeUndefined();
    workloads++;
  }
  const { states, statesAtDepthTwo } = exploration;
  report('SIM', { workloads, 'states in all': states, 'at depth 2': statesAtDepthTwo }, startedAt);
  if (isWhole) expect(statesAtDepthTwo).toBeGreaterThanOrEqual(statesWanted / 10);
});

it('keeps its word when the Nth operation fails', { timeout: 10 * hours }, async () => {
  const startedAt = performance.now();
  const wanted = amount(10_000, 200_000);
  let failures = 0;
  while (failures < wanted) {
    const steps = drawSteps(2, 7);
    const seed = random.integer(0, 2 ** 31);
    const counting = new Faults('EIO', Infinity, false);
    await run(new Workload(seed, { plant: counting.plant }), steps);
    for (let nth = 0; nth < counting.operations; nth++) {
      for (const kind of faultKinds) {
        for (const isForEver of [false, true]) {
          const faults = new Faults(kind, nth, isForEver);
          const told = `${steps.join(', ')}: ${kind} at ${nth}${isForEver ? ' and after' : ''}`;
          expect(await faultAfter(faults, seed, steps), `${told}\n${replayLine('sim')}`).toBe('');
          if (faults.planted > 0) failures++;
        }
      }
    }
  }
  report('SIM, Nth operation fails', { failures }, startedAt);
});

/** What goes wrong in processes that met a fault, once it is mended, and after their end; or ''. */
async function faultAfter(
  faults: Faults,
  seed: number,
  steps: readonly MoreStepName[],
): Promise<string> {
  const workload = new Workload(seed, { plant: faults.plant });
  await run(workload, steps);
  faults.mend();
  if (faults.planted === 0) return '';
  const oracle = workload.recording.oracleAtEnd();
  const isPowerCut = random.next() < 0.5;
  try {
    workload.checkReads(oracle);
    for (const { fileSystem } of workload.processes) fileSystem.kill();
    const { system } = workload;
    if (isPowerCut) {
      system.losePower(random.pick([losesAll, randomLoss(random)]));
      oracle.powerWasLost();
    }
    await recover(system, oracle, { random, depth: 1 });
    system.losePower(losesAll);
    oracle.powerWasLost();
    await recover(system, oracle, { random, depth: 2 });
    return '';
  } catch (error) {
    return `${isPowerCut ? 'power cut: ' : ''}${error instanceof Error ? error.stack : String(error)}`;
  }
}
