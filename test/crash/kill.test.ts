/**
 * K9: four writers and two readers on one store, the library and the real command line, in mixed
 * pipelines, while a seventh process flushes and merges. Writers and maintainer are killed by
 * `kill -9` at random, again and again, and others take their place at once. Only kills count that
 * came while a write was in flight. In the end every acknowledged version is there.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { open } from '../../src/index.js';
import { start } from '../support/child.js';
import { amount, harnessSeed, isWhole, replayLine, report } from '../support/harness.js';
import { Random } from '../support/random.js';
import { removeDirectory, temporaryDirectory } from '../support/temporary-directory.js';
import { startAndKill, steps } from './support/killing.js';
import { checkLedger, readEverything, type Told } from './support/ledger.js';
import { writerPlaces } from './support/writers.js';

const killsAsked = amount(500, 20_000);
/** A writer goes on at once, whoever has died before: a lock that stayed would hold it up for far longer. */
const atOnceMs = 5000;
const busyTimeout = 60_000;

/** Only kills there count towards what was promised. */
const stepsInFlight = steps.slice(1);
/** Kills by the step of a commit that they came at, and what else there was. */
const counts: Record<string, number> = Object.fromEntries(steps.map((step) => [step, 0]));

function count(what: string, more = 1): void {
  counts[what] = (counts[what] ?? 0) + more;
}

/** Four places, in each one writer after the other, until there are enough kills. */
async function killWriters(directory: string, root: string, random: Random): Promise<Told[]> {
  const places = writerPlaces.map(async ({ lives, makeWriter }, place) => {
    const tolds: Told[] = [];
    // Each place draws for itself: they do not come in the same order each time.
    const own = new Random(random.integer(0, 2 ** 31));
    for (let life = 0; life < lives && killsSoFar() < killsAsked; life++) {
      const who = `${place}/${life}`;
      const writer = makeWriter({
        who,
        directory,
        path: join(root, `groups-${place}`),
        random: own,
      });
      const { told, step } = await startAndKill(writer, join(root, `step-${place}`), own);
      tolds.push(told);
      count(step);
      count('acknowledged groups', told.acknowledged);
    }
    return tolds;
  });
  return (await Promise.all(places)).flat();
}

async function killMaintainers(
  directory: string,
  random: Random,
  until: AbortSignal,
): Promise<void> {
  while (!until.aborted) {
    const child = start('maintain-always', { directory });
    await child.printed('ready');
    const life = sleep(random.integer(0, 4000), undefined, { signal: until });
    await life.catch(() => undefined); // Or until the end.
    child.process.kill('SIGKILL');
    const { stderr } = await child.finished;
    expect(stderr).toBe('');
    count('kills of a maintainer');
  }
}

interface Seen {
  looks: number;
  versions: number;
  faults: string[];
}

async function useStore(root: string, random: Random): Promise<void> {
  const directory = join(root, 'store');
  mkdirSync(root);
  const readers = [false, true].map((reopens) =>
    start('see-nothing-vanish', { directory, reopens }),
  );
  await Promise.all(readers.map((reader) => reader.printed('ready')));
  const stop = new AbortController();
  const maintained = killMaintainers(directory, random, stop.signal);
  const tolds = await killWriters(directory, root, random);
  stop.abort();
  await maintained;
  const seenMost = await endReaders(readers);
  await checkStore(directory, tolds, seenMost);
}

async function endReaders(readers: ReturnType<typeof start>[]): Promise<number> {
  for (const reader of readers) reader.process.stdin?.end();
  const all = await Promise.all(readers.map((reader) => reader.answer<Seen>()));
  expect(all.flatMap(({ faults }) => faults)).toEqual([]);
  count('looks of readers', all[0]!.looks + all[1]!.looks);
  return Math.max(...all.map(({ versions }) => versions));
}

async function checkStore(directory: string, tolds: Told[], seenMost: number): Promise<void> {
  const store = await open(directory, { busyTimeout });
  const left = readEverything(store);
  checkLedger(left, tolds);
  expect(left.length).toBeGreaterThanOrEqual(seenMost);
  const started = performance.now();
  await store.set('next', 'v', 1);
  expect(performance.now() - started).toBeLessThan(atOnceMs);
  const settled = readEverything(store);
  const next = { who: 'next', groups: [[{ key: 'next', timestamp: 1, value: 'v' }]] };
  checkLedger(settled, [...tolds, { ...next, acknowledged: 1, mayHaveMore: false }]);
  await store.compact({ full: true });
  expect(readEverything(store)).toEqual(settled);
  await store.close();
  count('versions', settled.length);
}

function killsSoFar(): number {
  return stepsInFlight.reduce((sum, step) => sum + (counts[step] ?? 0), 0);
}

test('K9', { timeout: 6 * 3_600_000 }, async () => {
  const started = performance.now();
  // On a disk a sync takes its time, so that some are killed in it and others share it.
  const disk = temporaryDirectory('disk');
  const memory = temporaryDirectory('memory');
  const random = new Random(harnessSeed);
  for (let round = 0; killsSoFar() < killsAsked; round++) {
    const root = join(round % 3 === 0 ? disk : memory, `${round}`);
    try {
      await useStore(root, random);
    } catch (error) {
      // The moments of kills are not to be had again; the seed brings the same work at least.
      throw new Error(`round ${round}: ${replayLine('kill')}`, { cause: error });
    }
    removeDirectory(root);
  }
  report('K9', { kills: killsSoFar(), ...counts }, started);
  if (!isWhole) return;
  expect(killsSoFar()).toBeGreaterThanOrEqual(killsAsked);
  expect(stepsInFlight.filter((step) => counts[step] === 0)).toEqual([]);
});
