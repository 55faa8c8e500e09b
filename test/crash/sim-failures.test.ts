/**
 * SIM, failing: each operation of a history fails, once or for ever, and then its processes die.
 *
 *   TIMEKV_RUN=1 npm run test:crash -- sim-failures     the history of one seed alone
 */
import { expect, it } from 'vitest';
import { amount, harnessSeed, isWhole, replayLine, report } from '../support/harness.js';
import { Random } from '../support/random.js';
import { randomLoss } from '../support/simulated-disk.js';
import { corpusOf } from './support/corpus.js';
import { losesAll } from './support/crashes.js';
import { faultKinds, Faults } from './support/faults.js';
import { recover } from './support/recovery.js';
import { drawSteps, type MoreStepName, seedsEnd, Workload } from './support/workload.js';

const hours = 3_600_000;
const askedRun = process.env['TIMEKV_RUN'];
const wanted = askedRun === undefined ? amount(10_000, 200_000) : 1;

interface History {
  seed: number;
  steps: readonly MoreStepName[];
}

/** Lets each operation of the history of this seed fail; yields for each what went wrong, or ''. */
async function* failuresOf(seed: number): AsyncGenerator<string> {
  const random = new Random(seed);
  const history = { seed, steps: drawSteps(random, 2, 7) };
  const counting = new Faults('EIO', Infinity, false);
  await new Workload(seed, { plant: counting.plant }).run(history.steps);
  for (const [turn, kind] of faultKinds.entries()) {
    for (const nth of counting.concerned(kind)) {
      for (const isForEver of [false, true]) {
        const faults = new Faults(kind, nth, isForEver);
        const fault = await faultAfter(faults, history, random.at(turn, nth, Number(isForEver)));
        if (fault === undefined) continue;
        const told = `${history.steps.join(', ')}: ${kind} at ${nth}${isForEver ? ' and after' : ''}`;
        const replay = replayLine('sim-failures', { TIMEKV_RUN: String(seed) });
        yield fault && [fault, told, replay].join('\n');
      }
    }
  }
}

/**
 * What goes wrong in processes that met a fault, once it is mended, and after their end; or ''.
 * Undefined if none met it.
 */
async function faultAfter(
  faults: Faults,
  { seed, steps }: History,
  random: Random,
): Promise<string | undefined> {
  const workload = new Workload(seed, { plant: faults.plant });
  await workload.run(steps);
  faults.mend();
  // Two processes that meet may come to less than they did when it was counted.
  if (faults.planted === 0) return undefined;
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
    if (random.next() < 0.5) return '';
    system.losePower(losesAll);
    oracle.powerWasLost();
    await recover(system, oracle, { random, depth: 2 });
    return '';
  } catch (error) {
    return `${isPowerCut ? 'power cut: ' : ''}${error instanceof Error ? error.stack : String(error)}`;
  }
}

it.skipIf(askedRun !== undefined).each(corpusOf('sim-failures'))(
  'repeats no fault: seed $seed, $found',
  { timeout: hours },
  async ({ seed }) => {
    for await (const fault of failuresOf(seed)) expect(fault).toBe('');
  },
);

it('keeps its word when the Nth operation fails', { timeout: 10 * hours }, async () => {
  const startedAt = performance.now();
  const random = new Random(harnessSeed);
  let failures = 0;
  let histories = 0;
  while (failures < wanted) {
    const seed = askedRun === undefined ? random.integer(0, seedsEnd) : Number(askedRun);
    histories++;
    for await (const fault of failuresOf(seed)) {
      expect(fault).toBe('');
      failures++;
    }
  }
  report('SIM, Nth operation fails', { histories, failures }, startedAt);
  if (isWhole) expect(failures).toBeGreaterThanOrEqual(wanted);
});
