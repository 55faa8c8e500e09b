/**
 * FLIP: a small store with everything in it, damaged in every way that is easily thought of. However
 * it is opened, each read gives the right answer by the plain model or is refused as damage, with the
 * file and the place; nothing crashes, hangs, or takes memory on a damaged length's word.
 *
 * TIMEKV_SEED=… TIMEKV_FLIP='bytes 123' goes through one case in every way of opening it.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { amount, harnessSeed, isWhole, report } from '../support/harness.js';
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

/** Each damage is opened in one way of the six, in long runs in all of them. */
const ways = amount(10_000, 60_000) / 10_000;
/** So many places in zeros that say nothing, of each file. */
const ofFill = 50;
const together = only === undefined ? amount(9_500, 1_750_000) : Infinity;
const openingsPromised = amount(50_000, 2_000_000);
const budget = { timeout: 0 };

describe('FLIP', () => {
  const startedAt = performance.now();
  const random = (part: number) => new Random(harnessSeed + part);
  let run: FlipRun;

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
  }

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
    if (isWhole) expect(run.openings).toBeGreaterThanOrEqual(openingsPromised);
    const { right, told } = run.outcomes;
    expect(Math.min(right, told)).toBeGreaterThan(0);
  });

  afterAll(async () => {
    await run.end();
    const counts = {
      openings: run.openings,
      'checks of the whole store': run.verified,
      damages: run.cases,
      'all answers right': run.outcomes.right,
      'some told as damage': run.outcomes.told,
      'refused to open': run.outcomes['refused to open'],
      'like a torn tail': run.outcomes['like a torn tail'],
      'zeros that say nothing, of which 50 in each file were tried': fillOf(run.store.files),
      'bytes in the largest buffer': run.largestBuffer,
      'MiB of growth': Math.round(run.rssGrowth / 2 ** 20),
    };
    report('FLIP', counts, startedAt);
  });
});
