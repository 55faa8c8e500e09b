/** Runs a property with a seed that is printed, and says how a failure is run again. */
import * as fc from 'fast-check';
import { say } from '../support/say.js';

const asked = process.env['TIMEKV_SEED'];
const askedRuns = process.env['TIMEKV_RUNS'];
const askedPath = process.env['TIMEKV_PATH'] ?? '';

/** TIMEKV_SEED repeats the runs of one. */
const seed = asked === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(asked);

/** TIMEKV_RUNS counts runs of model.test.ts; others are in proportion. */
const runs = Number(askedRuns ?? (process.env['TIMEKV_MORE'] === '1' ? 1000 : 600));

/**
 * @param file the test file, for the line that repeats a failure
 * @param share of the runs of model.test.ts
 * @returns how many runs there were
 * @throws the smallest failing case that was found
 */
export async function checkProperty<T>(
  file: string,
  property: fc.IAsyncProperty<T>,
  share = 1,
): Promise<number> {
  const numRuns = Math.ceil(runs * share);
  const path = askedPath === '' ? {} : { path: askedPath, endOnFailure: true };
  const started = performance.now();
  const details = await fc.check(property, { seed, numRuns, ...path });
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  say(`${file}: seed ${seed}, ${details.numRuns} runs, ${seconds} s`);
  if (details.failed) throw failure(file, details);
  return details.numRuns;
}

function failure<T>(file: string, details: fc.RunDetails<T>): Error {
  const { errorInstance, counterexamplePath, numRuns, numShrinks, counterexample } = details;
  const what = errorInstance instanceof Error ? errorInstance.message : String(errorInstance);
  const path = counterexamplePath ?? '';
  const lines = [
    what,
    `after ${numRuns} runs and ${numShrinks} steps of shrinking, with`,
    JSON.stringify(counterexample, shorten, 1).slice(0, 8000),
    `replay: TIMEKV_SEED=${seed} TIMEKV_PATH=${path} npx vitest run ${file}`,
    `   all: TIMEKV_SEED=${seed} TIMEKV_RUNS=${runs} npx vitest run ${file}`,
  ];
  return new Error(lines.join('\n'), { cause: errorInstance });
}

function shorten(_: string, value: unknown): unknown {
  return typeof value === 'string' && value.length > 60
    ? `${value.slice(0, 8)}… of ${value.length} characters`
    : value;
}
