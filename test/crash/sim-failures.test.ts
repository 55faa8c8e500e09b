/** SIM, failing: each operation of a history fails, once or for ever, and then its processes die. */
import { expect, it, vi } from 'vitest';
import { amount, harnessSeed, replayLine, report } from '../support/harness.js';
import { Random } from '../support/random.js';
import { randomLoss } from '../support/simulated-disk.js';
import { losesAll } from './support/crashes.js';
import { faultKinds, Faults } from './support/faults.js';
import { recover } from './support/recovery.js';
import { drawSteps, type MoreStepName, Workload } from './support/workload.js';

// The zeros ahead are most of what a disk holds here: with fewer of them a state takes half the time.
vi.mock(import('../../src/base/limits.js'), async (original) => ({
  ...(await original()),
  walFillBytes: 4096,
}));

const hours = 3_600_000;

it('keeps its word when the Nth operation fails', { timeout: 10 * hours }, async () => {
  const startedAt = performance.now();
  const random = new Random(harnessSeed);
  const wanted = amount(10_000, 200_000);
  let failures = 0;
  while (failures < wanted) {
    const steps = drawSteps(random, 2, 7);
    const seed = random.integer(0, 2 ** 31);
    const counting = new Faults('EIO', Infinity, false);
    await new Workload(seed, { plant: counting.plant }).run(steps);
    for (let nth = 0; nth < counting.operations; nth++) {
      for (const kind of faultKinds) {
        for (const isForEver of [false, true]) {
          const faults = new Faults(kind, nth, isForEver);
          const told = `${steps.join(', ')}: ${kind} at ${nth}${isForEver ? ' and after' : ''}`;
          const fault = await faultAfter(faults, { seed, steps, random });
          expect(fault, `${told}\n${replayLine('sim-failures')}`).toBe('');
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
  { seed, steps, random }: { seed: number; steps: readonly MoreStepName[]; random: Random },
): Promise<string> {
  const workload = new Workload(seed, { plant: faults.plant });
  await workload.run(steps);
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
