/**
 * RACE: processes that read and write one store at once, each writing down what it was told, and
 * one order of everything that must explain all of it; and how evenly writers are served.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { start } from '../support/child.js';
import { amount, harnessSeed, isWhole, replayLine, report } from '../support/harness.js';
import { openAs } from '../support/stores.js';
import { temporaryDirectory } from '../support/temporary-directory.js';
import { versionsBySeq } from '../support/versions-by-seq.js';
import { faultsIn, faultsLeft, type History } from './support/history-check.js';

const seconds = amount(45, 30 * 60);
/** A history is checked as a whole, so that a long run is many of this length. */
const roundSeconds = Math.min(45, seconds);
const rounds = Math.ceil(seconds / roundSeconds);

const roles = [
  'single',
  'single',
  'single',
  'burst',
  'burst',
  'reopening',
  'reopening',
  'command',
] as const;

interface Told extends History {
  /** What no process should ever be told. */
  faults: string[];
}

interface Race extends Told {
  unrefreshed: number;
  merges: number;
  /** How many there are in the end. */
  versions: number;
}

/** One race on a store of its own; answers all that its processes wrote down. */
async function race(round: number): Promise<Race> {
  // Where syncs take their time, so that writers share them.
  const directory = temporaryDirectory('disk');
  const store = join(directory, 'store');
  const base = String(process.hrtime.bigint());
  const first = await openAs(store);
  await first.set('first', '0:0');
  await first.close();
  const racers = roles.map((role, index) => {
    const input = { directory: store, role, base, seconds: roundSeconds };
    const to = join(directory, `${index}.json`);
    const seed = harnessSeed + 100 * round + index;
    return { to, child: start('race', { ...input, name: String(index + 1), seed, to }) };
  });
  const maintainer = start('maintainer', { directory: store });
  const all: Told = { commits: [], refusals: [], reads: [], faults: [] };
  all.commits.push({ first: 1, writes: [{ key: 'first', value: '0:0' }], start: 0, end: 0 });
  let unrefreshed = 0;
  for (const { child, to } of racers) {
    unrefreshed += (await child.answer<{ unrefreshed: number }>()).unrefreshed;
    const told = JSON.parse(readFileSync(to, 'utf8')) as Told;
    all.commits = all.commits.concat(told.commits);
    all.refusals = all.refusals.concat(told.refusals);
    all.reads = all.reads.concat(told.reads);
    all.faults = all.faults.concat(told.faults);
  }
  maintainer.process.stdin?.end();
  const { merges } = await maintainer.answer<{ merges: number }>();
  const last = await openAs<string>(store);
  const { seq } = await last.stats();
  const left = versionsBySeq(last);
  await last.close();
  const writes = all.commits.reduce((sum, commit) => sum + commit.writes.length, 0);
  if (seq !== writes) all.faults.push(`the store counts ${seq} operations of ${writes}`);
  const isReplaced = (key: string) => key.startsWith('fixed/');
  all.faults = all.faults.concat(faultsLeft(left, all.commits, isReplaced));
  return { ...all, unrefreshed, merges, versions: left.length };
}

test(
  `eight processes agree on one order of all they were told, for ${seconds} s`,
  async () => {
    const startedAt = performance.now();
    const counts = { commits: 0, refusals: 0, reads: 0, unrefreshed: 0, merges: 0, versions: 0 };
    for (let round = 0; round < rounds; round++) {
      const told = await race(round);
      counts.commits += told.commits.length;
      counts.refusals += told.refusals.length;
      counts.reads += told.reads.length;
      counts.unrefreshed += told.unrefreshed;
      counts.merges += told.merges;
      counts.versions += told.versions;
      const faults = told.faults.concat(faultsIn(told));
      if (faults.length > 0) faults.push(replayLine('race'));
      expect(faults).toEqual([]);
    }
    report(
      'RACE',
      {
        's of eight processes': seconds,
        'batches committed': counts.commits,
        'conditions refused': counts.refusals,
        'reads refreshed': counts.reads - counts.unrefreshed,
        'reads held against rule 8': counts.unrefreshed,
        merges: counts.merges,
        'versions in the end': counts.versions,
        violations: 0,
      },
      startedAt,
    );
    if (!isWhole) return;
    expect(counts.commits).toBeGreaterThan(50 * seconds);
    expect(counts.reads - counts.unrefreshed).toBeGreaterThan(50 * seconds);
    expect(counts.refusals).toBeGreaterThan(seconds);
    expect(counts.merges).toBeGreaterThan(seconds / 10);
  },
  (2 * seconds + 120) * 1000,
);

test('sixteen writers that each write one at a time are served alike', async () => {
  const startedAt = performance.now();
  const fairSeconds = Math.min(8, seconds);
  const directory = join(temporaryDirectory('disk'), 'store');
  const first = await openAs(directory);
  await first.set('first', 'v');
  await first.close();
  const writers = Array.from({ length: 16 }, (_, writer) =>
    start('write-one-by-one', { directory, key: `own/${writer}`, seconds: fairSeconds }),
  );
  await Promise.all(writers.map((writer) => writer.printed('ready')));
  for (const { process } of writers) process.stdin?.end();
  const took = await Promise.all(writers.map((writer) => writer.answer<number[]>()));
  const all = took.flat().sort((a, b) => a - b);
  const counts = took.map((each) => each.length).sort((a, b) => a - b);
  const [slowest = 0, fastest = 0] = [counts[0], counts.at(-1)];
  const shown = (ms = NaN) => `${ms.toFixed(1)} ms`;
  report(
    'RACE, fairness',
    {
      'commits of sixteen writers': all.length,
      median: shown(all[Math.floor(all.length / 2)]),
      p99: shown(all[Math.floor(all.length * 0.99)]),
      longest: shown(all.at(-1)),
      'slowest ÷ fastest writer': (slowest / fastest).toFixed(2),
    },
    startedAt,
  );
  expect(slowest).toBeGreaterThan(0);
  const after = await openAs<string>(directory);
  const found = took.map((_, writer) => [...after.history(`own/${writer}`)]);
  await after.close();
  expect(found.map((versions) => versions.map(({ value }) => Number(value)))).toEqual(
    took.map((each) => each.map((_, index) => index)),
  );
});
