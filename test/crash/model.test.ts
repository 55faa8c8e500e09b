/**
 * MODEL: random histories on a store and on the plain model (test/support/model-store.ts), by several
 * processes that die, and computers that lose power, in the middle of things; on a simulated disk.
 * Afterwards every question that can be asked has the same answer from both.
 *
 *   TIMEKV_RUN=1 npm run test:crash -- model     the run of one seed alone, made smaller if it fails
 */
import * as fc from 'fast-check';
import { beforeAll, expect, it } from 'vitest';
import { historyQuery, keys, keysQuery } from '../model/commands.js';
import {
  compareAll,
  compareBackup,
  compareCollections,
  compareHistory,
  compareKeys,
  compareSnapshots,
} from '../model/compare.js';
import { amount, harnessSeed, isWhole, replayLine, report } from '../support/harness.js';
import { Random } from '../support/random.js';
import { corpusOf } from './support/corpus.js';
import { moreCommand, nameOf } from './support/crash-commands.js';
import { CrashRun } from './support/crash-run.js';
import { PairCounts } from './support/pair-counts.js';
import { mergeBitByBit } from './support/simulated-limits.js';
import { SimulatedPlace } from './support/simulated-place.js';

const hours = 3_600_000;
/** How long a history that fails is made smaller, if it is run alone. */
const shrinkingMs = 60_000;
const askedRun = process.env['TIMEKV_RUN'];
const runsWanted = askedRun === undefined ? amount(2000, 200_000) : 1;
/** How often an operation is at least followed by a flush, a merge or a reopening, whichever they are. */
const rarestWanted = 180;
const pairs = new PairCounts(['flush', 'compact', 'compact full', 'reopen']);
const lengths: number[] = [];

const scenario = fc.record({
  unit: fc.constantFrom('us' as const, 'us' as const, 'tick' as const),
  hasBootId: fc.nat({ max: 9 }).map((number) => number > 0),
  commands: fc.array(moreCommand, { minLength: 1, maxLength: 130, size: 'max' }),
  histories: fc.array(fc.tuple(fc.constantFrom(...keys), historyQuery), { maxLength: 12 }),
  scans: fc.array(keysQuery, { maxLength: 12 }),
  mergesBitByBit: fc.nat({ max: 2 }).map((number) => number === 0),
});

const property = fc.asyncProperty(
  scenario,
  async ({ unit, hasBootId, commands, histories, scans, mergesBitByBit }) => {
    mergeBitByBit(mergesBitByBit);
    const place = new SimulatedPlace(hasBootId);
    try {
      const crashRun = await CrashRun.begin(place, unit);
      const names = [];
      for (const each of commands) names.push(nameOf(each, await crashRun.step(each)));
      await crashRun.check();
      const { store, model } = crashRun.run;
      compareAll(store, model, keys, 7);
      compareCollections(store, model, keys);
      await compareSnapshots(store, model, keys, 29);
      await crashRun.run.backups.check((backup, then) => compareBackup(backup, then, keys));
      for (const [key, query] of histories) compareHistory(store, model, key, query);
      for (const query of scans) compareKeys(store, model, query);
      await crashRun.run.end();
      pairs.add(names);
      lengths.push(names.length);
    } finally {
      place.killAll();
    }
  },
);

/** @returns what went wrong, and with which history; or '' */
async function faultOf(seed: number): Promise<string> {
  const details = await fc.check(property, {
    seed,
    numRuns: 1,
    endOnFailure: askedRun === undefined,
    plugins: [fc.unbiased(), fc.interruptAfterTimeLimit(shrinkingMs)],
  });
  if (!details.failed) return '';
  const { errorInstance, counterexample } = details;
  const what = errorInstance instanceof Error ? errorInstance.stack : String(errorInstance);
  return [what, shown(counterexample), replayLine('model', { TIMEKV_RUN: String(seed) })].join(
    '\n',
  );
}

function shown(value: unknown): string {
  const shorten = (_: string, inner: unknown) =>
    typeof inner === 'string' && inner.length > 60
      ? `${inner.slice(0, 8)}… ${inner.length}`
      : inner;
  return JSON.stringify(value, shorten).slice(0, 8000);
}

beforeAll(() => {
  // Thousands of refusals are expected answers, and their stacks never read; one run alone tells all.
  if (askedRun === undefined) Error.stackTraceLimit = 0;
});

it.skipIf(askedRun !== undefined).each(corpusOf('model'))(
  'repeats no fault: seed $seed, $found',
  { timeout: hours },
  async ({ seed }) => {
    expect(await faultOf(seed)).toBe('');
  },
);

it('answers as the plain model does, whatever dies', { timeout: 48 * hours }, async () => {
  const startedAt = performance.now();
  const random = new Random(harnessSeed);
  const before = lengths.length;
  // Chance may leave a pair out of most of the runs: a few more, and it has come as often as the others.
  const isEnough = () => askedRun !== undefined || !isWhole || pairs.rarest()[1] >= rarestWanted;
  const runsMade = () => lengths.length - before;
  while (runsMade() < runsWanted || (!isEnough() && runsMade() < 1.5 * runsWanted)) {
    const seed = askedRun === undefined ? random.integer(0, 2 ** 31) : Number(askedRun);
    expect(await faultOf(seed)).toBe('');
  }
  const median = lengths.toSorted((a, b) => a - b)[Math.floor(lengths.length / 2)] ?? 0;
  const [rarest, times] = pairs.rarest();
  const counts = {
    runs: runsMade(),
    'operations at the median': median,
    pairs: pairs.count,
    [`times the rarest (${rarest})`]: times,
  };
  report('MODEL', counts, startedAt);
  if (!isWhole || askedRun !== undefined) return;
  expect(median).toBeGreaterThanOrEqual(60);
  expect(times).toBeGreaterThanOrEqual(rarestWanted);
});
