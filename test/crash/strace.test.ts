/**
 * STRACE: the real command line under `strace`. Each of its system calls that could change a file of
 * the store, the catalog's own included, is once the moment of a `kill -9`; of many writes to SQLite's
 * journal in a row the first one is, and of the others some. It may also fail, with EIO
 * or ENOSPC, and a write may claim to have been made, in whole or in half, when it was not: of these
 * harms each call gets about one in a run, another one from another seed; the report says how many of
 * all points that is. Afterwards a reader looks at the store, which is then opened twice by the
 * library, held against what the command has acknowledged, and written to.
 *
 *   TIMEKV_POINT='compact: kill'   only the points whose names begin with this
 */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { amount, harnessSeed, isWhole, replayLine, report } from '../support/harness.js';
import { Random } from '../support/random.js';
import { say } from '../support/say.js';
import { temporaryDirectory } from '../support/temporary-directory.js';
import type { Call } from './support/trace.js';
import { checkPoint, makeStage, type Point, pointsOf, type Went } from './support/points.js';
import { makeScenarios } from './support/scenarios.js';
import { whyNoStrace } from './support/strace.js';

/** As many as the issue asks for, and some that may be missed. */
const pointsInCi = 720;
const pointsPromised = 700;
/** Points under way at once: while one starts Node, another one is checked. */
const lanes = 3;
const only = process.env['TIMEKV_POINT'] ?? '';

const missing = whyNoStrace();
if (missing !== undefined) say(`STRACE is skipped: ${missing}`);

interface Drawn {
  points: Point[];
  /** How many there would be. */
  possible: number;
}

/** All points of the scenarios that are asked for. */
async function allPoints(random: Random, seed: number): Promise<Point[]> {
  const root = temporaryDirectory();
  const scenarios = makeScenarios(random).filter(
    ({ name }) => name.startsWith(only) || only.startsWith(`${name}: `),
  );
  const stages = scenarios.map((scenario, index) =>
    makeStage(scenario, join(root, `${index}`)).catch((error: unknown) => {
      const line = replayLine('strace', {
        TIMEKV_SEED: String(seed),
        TIMEKV_POINT: `${scenario.name}: `,
      });
      throw new Error(`${scenario.name}, with no harm done\n${line}`, { cause: error });
    }),
  );
  return (await Promise.all(stages)).flatMap(pointsOf);
}

/** A write of SQLite's journal behind another one: until the journal is synced, none of them counts. */
function isAmongJournalWrites({ stage: { calls }, call }: Point): boolean {
  const before = calls[calls.indexOf(call) - 1];
  const isWrite = call.name === 'pwrite64' && call.role.endsWith('-journal');
  return isWrite && before?.name === call.name && before.role === call.role;
}

/**
 * Every call is the moment of a kill, and then of one other harm; a write among those of the journal is
 * that of one harm of any kind; of the rest as many as are asked for. A part of that amount is as many
 * kills and as many other harms as all of it has, in proportion.
 */
async function drawPoints(seed: number): Promise<Drawn> {
  const random = new Random(seed);
  const points = await allPoints(random, seed);
  const possible = points.length;
  if (only !== '') return { points: points.filter(({ name }) => name.startsWith(only)), possible };
  const harmed = new Set<Call>();
  const inTurn = points
    .map((point) => ({ point, place: random.next() }))
    .sort((a, b) => a.place - b.place)
    .map(({ point }) => {
      if (point.harm.kind === 'kill' && !isAmongJournalWrites(point)) return { point, turn: 0 };
      const isFirst = !harmed.has(point.call);
      harmed.add(point.call);
      return { point, turn: isFirst ? 1 : 2 };
    })
    .sort((a, b) => a.turn - b.turn)
    .map(({ point }) => point);
  const wanted = Math.min(amount(pointsInCi, possible), possible);
  const every = Math.min(Math.max(pointsInCi, wanted), possible) / wanted;
  return {
    points: Array.from({ length: wanted }, (_, index) => inTurn[Math.floor(index * every)]!),
    possible,
  };
}

async function checkAll(
  points: Point[],
  seed: number,
  counts: Record<string, number>,
): Promise<void> {
  const count = async (point: Point) => {
    const went: Went = await checkPoint(point).catch((error: unknown) => {
      const line = replayLine('strace', { TIMEKV_SEED: String(seed), TIMEKV_POINT: point.name });
      throw new Error(`${point.name}\n${line}`, { cause: error });
    });
    if (went === 'missed') say(`STRACE missed ${point.name}`);
    const kind = went === 'missed' ? went : `${point.harm.kind} ${went}`;
    counts[kind] = (counts[kind] ?? 0) + 1;
  };
  const lane = async () => {
    for (let point = points.pop(); point !== undefined; point = points.pop()) await count(point);
  };
  await Promise.all(Array.from({ length: lanes }, lane));
}

test.skipIf(missing !== undefined)('STRACE', { timeout: 3_600_000 }, async () => {
  const started = performance.now();
  const counts: Record<string, number> = {};
  const calls = new Set<string>();
  let points = 0;
  let possible = 0;
  const rounds = amount(1, 5);
  for (let round = 0; round < rounds; round++) {
    const seed = harnessSeed + round;
    const drawn = await drawPoints(seed);
    if (drawn.points.length === 0) throw new Error(`no point is called ${only}`);
    points += drawn.points.length;
    possible += drawn.possible;
    for (const { stage, call } of drawn.points) {
      calls.add(`${stage.scenario.name} ${call.name} ${call.nth}`);
    }
    await checkAll(drawn.points, seed, counts);
  }
  points -= counts['missed'] ?? 0;
  report(
    'STRACE',
    {
      [`of ${possible.toLocaleString('en-US')} possible points`]: points,
      calls: calls.size,
      ...counts,
    },
    started,
  );
  if (only === '') expect(counts['missed'] ?? 0).toBeLessThanOrEqual(points / 50);
  if (isWhole && only === '') expect(points).toBeGreaterThanOrEqual(rounds * pointsPromised);
});
