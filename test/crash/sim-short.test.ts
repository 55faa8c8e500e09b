/**
 * SIM, complete: every history of up to three ordinary steps, and of up to two of all steps, from
 * nothing and on a store with something in it, cut off after every operation.
 */
import { expect, it } from 'vitest';
import { harnessSeed, isLong, isWhole, replayLine, report } from '../support/harness.js';
import { Random } from '../support/random.js';
import { Exploration } from './support/exploration.js';
import { type MoreStepName, stepNames, upkeepNames, Workload } from './support/workload.js';

const hours = 3_600_000;
/** With a part of the amount, the shorter ones. */
const longest = (isLong ? 4 : 3) - (isWhole ? 0 : 1);
/** Keys and values are the same for all: a history begins as the shorter ones have ended. */
const seedOfAll = 1;

/** With steps that work on all that was written, shorter ones will do. */
const longestOfAll = longest - 1;
const allNames = [...stepNames, ...upkeepNames];

/** All sequences of so many of the steps. */
function* sequencesOf(names: readonly MoreStepName[], length: number): Generator<MoreStepName[]> {
  if (length === 0) yield [];
  else
    for (const before of sequencesOf(names, length - 1))
      for (const last of names) yield [...before, last];
}

function sequences(length: number): Generator<MoreStepName[]> {
  return sequencesOf(length > longestOfAll ? stepNames : allNames, length);
}

/** How many there are, with the shorter ones. */
function countUpTo(names: readonly MoreStepName[], length: number): number {
  return length === 0 ? 0 : names.length ** length + countUpTo(names, length - 1);
}

/** Two segments and a log: something for every step to work on. */
const prepared: readonly MoreStepName[] = ['batch', 'flush', 'set', 'flush', 'batch'];

it('recovers after every operation of all short histories', { timeout: 10 * hours }, async () => {
  const startedAt = performance.now();
  const random = new Random(harnessSeed);
  const exploration = new Exploration();
  let count = 0;
  for (let length = 1; length <= longest; length++) {
    for (const steps of sequences(length)) {
      for (const first of [[], prepared]) {
        const workload = new Workload(seedOfAll);
        await workload.run([...first, ...steps.slice(0, -1)]);
        // What comes before has been looked at, with the histories that are shorter.
        const from = length === 1 ? 0 : workload.recording.operations.length;
        await workload.run(steps.slice(-1));
        const fault = await exploration.explore(workload.recording, random.at(count), from);
        const run = [...first, ...steps].join(', ');
        expect(fault, `${run}\n${replayLine('sim-short')}`).toBeUndefined();
        count++;
      }
    }
  }
  const { states, statesAtDepthTwo } = exploration;
  report('SIM, short', { sequences: count, states, 'at depth 2': statesAtDepthTwo }, startedAt);
  const wanted = countUpTo(allNames, longestOfAll) + stepNames.length ** longest;
  if (isWhole) expect(count).toBe(2 * wanted);
});
