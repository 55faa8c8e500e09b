/**
 * FLIP: a small store with everything in it, damaged in every way that is easily thought of. However
 * it is opened, each read gives the right answer by the plain model or is refused as damage, with the
 * file and the place; nothing crashes, hangs, or takes memory on a damaged length's word.
 *
 * TIMEKV_SEED=… TIMEKV_FLIP='bytes 123' goes through one case in every way of opening it.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { amount, harnessSeed, isLong, isWhole, report } from '../support/harness.js';
import { Random } from '../support/random.js';
import {
  type Damage,
  filesDisturbed,
  fillOf,
  flipsAndCuts,
  manyAtOnce,
  take,
} from './support/flip-damage.js';
import { FlipRun, only } from './support/flip-run.js';
import { deflatable, type Files } from './support/flip-store.js';

/** Each damage is opened in one way of the six, in long runs in all of them. */
const ways = amount(10_000, 60_000) / 10_000;
/** So many places in zeros that say nothing, of each file. */
const ofFill = isLong ? Infinity : 50;
const together = only === undefined ? amount(17_500, 440_000) : Infinity;
const openingsPromised = amount(50_000, 2_000_000);
const budget = { timeout: 0 };

describe('FLIP', () => {
  const startedAt = performance.now();
  const random = (part: number) => new Random(harnessSeed + part);
  let run: FlipRun;
  let firstOpenings = 0;

  beforeAll(async () => {
    // Thousands of refusals are thrown, and their stacks never read.
    Error.stackTraceLimit = 0;
    run = await FlipRun.of(harnessSeed);
  });

  async function expectSound(name: string, damages: Iterable<Damage>, each: number): Promise<void> {
    if (only !== undefined && !only.startsWith(`${name} `)) return;
    const before = run.cases;
    await run.all(name, damages, each);
    expect(run.cases).toBeGreaterThan(before);
    firstOpenings += (run.cases - before) * Math.ceil(each);
  }

  it('is of a store with a deflated block', () => {
    const holdsText = (files: Files): boolean =>
      [...files.values()].some((bytes) => bytes.includes(deflatable));
    // Before the merge it lies in log and segment as it was written.
    expect(run.store.older.map(holdsText)).toContain(true);
    expect(holdsText(run.store.files)).toBe(false);
  });

  it('files gone, swapped, older, longer', budget, async () => {
    // Few, and each of a kind of its own: always all of them.
    await expectSound('files', filesDisturbed(run.store, random(1)), Math.max(2, ways));
  });

  it('each byte in four ways, each length', budget, async () => {
    await expectSound('bytes', flipsAndCuts(run.store.files, random(2), ofFill), ways);
  });

  it('several at once', budget, async () => {
    await expectSound('several', take(manyAtOnce(run.store, random(3)), together), 1);
  });

  it('has opened as many as were promised', () => {
    if (only !== undefined) return;
    if (isWhole) expect(run.counts.openings).toBeGreaterThanOrEqual(openingsPromised);
    const { outcomes, counts } = run;
    expect(Math.min(outcomes.right, outcomes.told)).toBeGreaterThan(0);
    expect(Object.values(outcomes).reduce((sum, each) => sum + each)).toBe(firstOpenings);
    expect(firstOpenings + counts.again).toBe(counts.openings);
  });

  afterAll(async () => {
    await run.end();
    const { counts, outcomes } = run;
    const tried = isLong ? 'all' : `${ofFill} in each file`;
    const told = {
      openings: counts.openings,
      'of them after a write': counts.again,
      'checks of the whole store': counts.verified,
      damages: run.cases,
      'all answers right': outcomes.right,
      'some told as damage': outcomes.told,
      'like a torn tail': outcomes['like a torn tail'],
      'refused to open, so that nothing could be asked': outcomes['refused to open'],
      'refused to open after a write': counts.refusedAgain,
      [`zeros that say nothing, of which ${tried} were tried`]: fillOf(run.store.files),
      'bytes in the largest buffer': run.largestBuffer,
      'MiB of growth': Math.round(run.rssGrowth / 2 ** 20),
    };
    report('FLIP', told, startedAt);
  });
});
