/** One process that writes, killed by `kill -9` at a moment of its own, and what it had been told. */
import { closeSync, openSync, readSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { join } from 'node:path';
import { Child, packageRoot, start } from '../../support/child.js';
import type { Random } from '../../support/random.js';
import { environmentFor, runPath } from '../../cli/support/timekv.js';
import type { Row, Told } from './ledger.js';

/** The steps of a commit, as the killed process has noted them. */
export const steps = [
  'with nothing in flight',
  'before the append',
  'in the middle of the append',
  'appended',
  'synced',
  'published',
  'in a creation, rotation or flush',
] as const;

export type Step = (typeof steps)[number];

/** A writer before it is started. */
export interface Writer {
  who: string;
  groups: Row[][];
  start: (environment: Record<string, string>) => Child;
  /** How many groups it says are committed, by what it printed. */
  countAnswers: (stdout: string) => number;
}

export interface Killed {
  told: Told;
  step: Step;
}

/** Steps are noted by a module that is loaded before the program. */
const noteSteps = join(packageRoot, 'test/support/programs/note-steps.mjs');

/** Long enough that writers meet in the middle of a commit; most live for less. */
const longestLifeMs = 200;
const shortLifeMs = 10;
/** So often a killer waits for a commit that it can interrupt. */
const triesMax = 5;

/** Starts a writer, kills it at a random moment after it has begun, and checks that it had no complaint. */
export async function startAndKill(
  writer: Writer,
  notePath: string,
  random: Random,
): Promise<Killed> {
  writeFileSync(notePath, Buffer.from([0, 0]));
  const note = openSync(notePath, 'r');
  const { who, groups, countAnswers } = writer;
  try {
    const child = writer.start({ TIMEKV_NOTE_STEPS_IN: notePath });
    const ended = child.finished.then(() => true);
    while (!noted(note).hasBegun) if (await Promise.race([sleep(1), ended])) break;
    // Who writes only once is nearly done when it has begun.
    await sleep(random.next() ** 2 * (groups.length === 1 ? shortLifeMs : longestLifeMs));
    // Between two commits a kill tells nothing: a little later there may be one.
    for (let tries = 0; tries < triesMax && noted(note).step === steps[0]; tries++) {
      if (await Promise.race([sleep(1 + random.next() * shortLifeMs), ended])) break;
    }
    child.process.kill('SIGKILL');
    const { exitCode, signal, stdout, stderr } = await child.finished;
    if (stderr !== '' || (exitCode !== 0 && signal !== 'SIGKILL')) {
      throw new Error(`${who} complains (exit ${exitCode}, ${signal}): ${stderr || stdout}`);
    }
    const acknowledged = countAnswers(stdout);
    const told = { who, groups, acknowledged, mayHaveMore: signal !== null };
    const { step, hasBegun } = noted(note);
    if (acknowledged > 0 && !hasBegun) throw new Error(`${who}: its steps are not seen`);
    return { told, step: signal !== null && acknowledged < groups.length ? step : steps[0] };
  } finally {
    closeSync(note);
  }
}

/** What it has noted: the step that it is at, and whether it has begun to commit anything at all. */
function noted(note: number): { step: Step; hasBegun: boolean } {
  const bytes = Buffer.alloc(2);
  readSync(note, bytes, 0, bytes.length, 0);
  return { step: steps[bytes[0] ?? 0] as Step, hasBegun: bytes[1] === 1 };
}

/** Commits through the library, several at a time. */
export function libraryWriter(
  who: string,
  groups: Row[][],
  {
    directory,
    path,
    ...rest
  }: { directory: string; path: string; durability: string; width: number },
): Writer {
  writeFileSync(path, JSON.stringify(groups));
  const { durability, width } = rest;
  const options = { durability, memory: 8 * 1024 * 1024, busyTimeout: 60_000 };
  return {
    who,
    groups,
    start: (env) =>
      start(
        'commit-groups',
        { directory, options, path, width },
        { nodeFlags: ['--import', noteSteps], env: { ...process.env, ...env } },
      ),
    countAnswers: (stdout) => {
      const numbers = stdout.split('\n').slice(0, -1).map(Number);
      if (numbers.some((number, index) => number !== index)) throw new Error(`${who}: ${stdout}`);
      return numbers.length;
    },
  };
}

/** One command of the command line, with something to read. */
export function commandWriter(
  who: string,
  groups: Row[][],
  { directory, args, input }: { directory: string; args: readonly string[]; input: string },
): Writer {
  return {
    who,
    groups,
    start: (env) => {
      const options = ['--json', '--memory', '8MiB', '--busy-timeout', '60s'];
      const nodeArgs = ['--import', noteSteps, runPath, ...args, ...options];
      const child = new Child(nodeArgs, { env: environmentFor(directory, env) });
      child.process.stdin?.end(input);
      return child;
    },
    // Each version is answered by a line; the last one may have been cut off.
    countAnswers: (stdout) => {
      const answers = stdout.split('\n').slice(0, -1);
      if (answers[0]?.startsWith('{"imported"') === true) return groups.length;
      const isWhole = groups.length === 1;
      return isWhole ? Math.min(1, answers.length) : answers.length;
    },
  };
}
