/**
 * TERMINATE: worker threads of one process open a store, write, flush, merge and read, and each is
 * terminated after a random short time, while the main thread and another process go on. The process
 * lives on, each lock is free at once, and what was acknowledged to a thread before it ended is there.
 */
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { open, type Store } from '../../src/index.js';
import { type Child, start } from '../support/child.js';
import { amount, harnessSeed, isLong, isWhole, replayLine, report } from '../support/harness.js';
import { Random } from '../support/random.js';
import { say } from '../support/say.js';
import { removeDirectory, temporaryDirectory } from '../support/temporary-directory.js';
import {
  fetchNode,
  type NodePlace,
  runningMajor,
  runningPlace,
  supportedMajors,
} from './support/nodes.js';

const terminationsAsked = amount(300, 1000);
const roundSize = 100;
const together = 3;
/** A lock that a thread had kept would hold up the next one for far longer, or for ever. */
const atOnceMs = 5000;
/** Of its own a process opens a few files late: for its threads, and to hear of changes. */
const filesMore = 12;

interface Life {
  life: string;
  /** What it was at when it was terminated. */
  step: string;
  begun: number;
  /** How many threads that make segments it had started. */
  threads: number;
  acknowledged: number[];
}

interface Ended {
  faults: string[];
  lives: Life[];
  counts: { looks: number; 'slowest look, ms': number };
  files: { before: string[]; after: string[] };
  memoryMiB: number;
}

interface Counts extends Record<string, number | string> {
  terminations: number;
}

function count(counts: Counts, what: string, more = 1): void {
  counts[what] = Number(counts[what] ?? 0) + more;
}

/** @throws if a group is there in part, or with another value, or was acknowledged and is not there */
function checkLife(left: ReadonlyMap<string, string>, { life, begun, acknowledged }: Life): void {
  const told = new Set(acknowledged);
  for (let number = 0; number < begun; number++) {
    const key = `${life}/${number}`;
    const pair = [left.get(`${key}/left`), left.get(`${key}/right`)];
    const found = [left.get(key), ...pair].filter((value) => value !== undefined);
    if (pair[0] !== pair[1]) throw new Error(`half of a batch: ${key}`);
    if (found.some((value) => value.replace(/ \.*$/, '') !== key)) {
      throw new Error(`another value of ${key}: ${found[0]?.slice(0, 40)}`);
    }
    if (told.has(number) && found.length === 0) throw new Error(`lost: ${key} was acknowledged`);
  }
}

function checkVersions(store: Store, { lives }: Ended, beside: number): void {
  const all = [...store.versions()];
  const seqs = new Set(all.map(({ seq }) => seq));
  expect([seqs.size, Math.max(...seqs)]).toEqual([all.length, all.length]);
  const left = new Map(all.map(({ key, value }) => [key, value ?? '']));
  for (const life of lives) checkLife(left, life);
  expect(left.get('beside')).toBe(`${beside}`);
}

/** Another process than that of the threads, which still lives: no lock may have stayed with it. */
async function checkLocks(store: Store): Promise<void> {
  const started = performance.now();
  await store.set('after', 'v');
  await store.compact({ full: true });
  expect(performance.now() - started).toBeLessThan(2 * atOnceMs);
}

async function checkFiles(directory: string, ended: Ended, beside: number): Promise<void> {
  const store = await open(directory, { busyTimeout: atOnceMs });
  await store.compact({ full: true });
  checkVersions(store, ended, beside);
  expect(await store.verify()).toMatchObject({ damages: [], losses: [], leftovers: [] });
  await store.close();
}

async function end(child: Child): Promise<string> {
  child.process.stdin?.end();
  const { exitCode, signal, stdout, stderr } = await child.finished;
  expect({ exitCode, signal, stderr }).toEqual({ exitCode: 0, signal: null, stderr: '' });
  return stdout.trimEnd().split('\n').at(-1) ?? '';
}

interface Round {
  place: NodePlace;
  root: string;
  terminations: number;
  seed: number;
  /** The main thread has the store open as well. */
  usesStore: boolean;
}

async function terminateSome({ place, root, ...plan }: Round): Promise<Ended> {
  const directory = join(root, 'store');
  const to = join(root, 'ended.json');
  mkdirSync(root);
  const busyTimeout = 20_000;
  const writer = start('write-beside', { directory, key: 'beside', busyTimeout });
  await writer.printed('ready');
  const child = start('terminate', { directory, to, together, ...plan }, place);
  try {
    await child.printed('ended');
    const ended = JSON.parse(readFileSync(to, 'utf8')) as Ended;
    expect(ended.faults).toEqual([]);
    const store = await open(directory, { busyTimeout: atOnceMs });
    await checkLocks(store);
    await store.close();
    const { written } = JSON.parse(await end(writer)) as { written: number };
    await end(child);
    await checkFiles(directory, ended, written);
    return ended;
  } finally {
    child.process.kill('SIGKILL');
    writer.process.kill('SIGKILL');
  }
}

function countEnded(counts: Counts, { lives, files, memoryMiB, ...ended }: Ended): void {
  for (const { step, threads, acknowledged } of lives) {
    count(counts, 'terminations');
    count(counts, `while ${step}`);
    count(counts, 'with a thread of their own', threads > 0 ? 1 : 0);
    count(counts, 'acknowledged groups', acknowledged.length);
  }
  count(counts, 'looks at the locks', ended.counts.looks);
  const more = files.after.length - files.before.length;
  counts['files more in the end'] = Math.max(more, Number(counts['files more in the end'] ?? 0));
  counts['MiB at most'] = Math.max(memoryMiB, Number(counts['MiB at most'] ?? 0));
  if (more > filesMore) throw new Error(`files are left open: ${files.after.join(', ')}`);
}

async function terminate(place: NodePlace): Promise<Counts> {
  const [disk, memory] = [temporaryDirectory('disk'), temporaryDirectory('memory')];
  const random = new Random(harnessSeed);
  const counts: Counts = { terminations: 0 };
  for (let number = 0; counts.terminations < terminationsAsked; number++) {
    const root = join(number % 3 === 1 ? disk : memory, `${number}`);
    const terminations = Math.min(roundSize, terminationsAsked - counts.terminations);
    const seed = random.integer(0, 2 ** 31);
    // In a third of them no other thread has loaded SQLite, and it goes with each.
    const round = { place, root, terminations, seed, usesStore: number % 3 !== 2 };
    try {
      countEnded(counts, await terminateSome(round));
    } catch (error) {
      // The moments are not to be had again; the seed brings the same work at least.
      throw new Error(`round ${number}: ${replayLine('terminate')}`, { cause: error });
    }
    removeDirectory(root);
  }
  return counts;
}

/** True where better-sqlite3 does not stand it, so that no worker may open a store. */
async function isRefused(place: NodePlace): Promise<boolean> {
  const directory = join(temporaryDirectory('memory'), 'store');
  const child = start('open-in-worker', { directory }, place);
  const { code, message, value } = await child.answer<Record<string, string>>();
  expect(value).toBe('v'); // Of the main thread, which may always.
  if (code === undefined) return false;
  expect(code).toBe('ERR_TIMEKV_IO');
  expect(message).toMatch(/^no store can be opened in a worker thread on Node .*$/);
  return true;
}

const majors = isLong ? supportedMajors : [runningMajor];

/** Where it runs on that Node, or why it cannot. */
async function placeFor(major: number): Promise<NodePlace | string> {
  const fetched = join(temporaryDirectory('disk'), 'node');
  const place = major === runningMajor ? runningPlace : await fetchNode(major, fetched);
  if (typeof place !== 'string' && (await isRefused(place))) {
    return 'no store can be opened in a worker there';
  }
  return place;
}

test.for(majors)('TERMINATE on Node %i', { timeout: 3_600_000 }, async (major, { skip }) => {
  const place = await placeFor(major);
  if (typeof place === 'string') {
    say(`TERMINATE on Node ${major}: skipped, ${place}`);
    skip(place);
    return;
  }
  const started = performance.now();
  const counts = await terminate(place);
  report('TERMINATE', { 'on Node': `${major}`, ...counts }, started);
  expect(counts.terminations).toBeGreaterThanOrEqual(isWhole ? terminationsAsked : 1);
});
