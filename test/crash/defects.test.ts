/**
 * Proof of the proof: each defect in the list is planted, alone, and the harness that is named with
 * it must catch it, from a seed from which it passes without the defect.
 */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { once } from 'node:events';
import { stripVTControlCharacters } from 'node:util';
import { afterAll, expect, it, onTestFinished } from 'vitest';
import { isLong } from '../support/harness.js';
import { say } from '../support/say.js';
import { temporaryDirectory } from '../support/temporary-directory.js';
import { type Defect, defects } from './defects/list.js';
import { copyPackage } from './defects/plant.js';

const vitest = join(import.meta.dirname, '../../node_modules/vitest/vitest.mjs');
/** What vitest makes of sources is the same in all runs, but for the defect. */
const transformed = temporaryDirectory();
const minutes = 60_000;
const chosen = defects.filter(({ isForLong }) => isForLong !== true || isLong);
let caught = 0;

interface Run {
  isGreen: boolean;
  output: string;
}

/** Our own variables are for the harness that somebody asked for, and that is this one. */
function inherited(): NodeJS.ProcessEnv {
  const entries = Object.entries(process.env).filter(([name]) => !name.startsWith('TIMEKV_'));
  return Object.fromEntries(entries);
}

function killGroup(leader = NaN): void {
  try {
    process.kill(-leader, 'SIGKILL');
  } catch {
    // It has ended, as it should.
  }
}

/** What tells of a harness or a package that does not work, and not of a store that does not. */
const noFinding =
  /\b(TypeError|ReferenceError|SyntaxError)\b|ERR_MODULE_NOT_FOUND|Cannot find (module|package)|Failed to load|(Test|Hook) timed out/;

/** Red, with a line that repeats it, and for a reason of the harness's own. */
function isCaught({ isGreen, output }: Run): boolean {
  return (
    !isGreen && output.includes('replay: ') && !noFinding.test(stripVTControlCharacters(output))
  );
}

async function runHarness({ caughtBy }: Defect, more: NodeJS.ProcessEnv): Promise<Run> {
  const { harness, test, seed, amount, point } = caughtBy;
  const env = {
    ...inherited(),
    TIMEKV_HARNESSES: '1',
    TIMEKV_SEED: String(seed),
    TIMEKV_AMOUNT: String(amount),
    ...(point === undefined ? {} : { TIMEKV_POINT: point }),
    ...more,
  };
  const kept = ['--experimental.fsModuleCache', `--experimental.fsModuleCachePath=${transformed}`];
  const only = test === undefined ? [] : ['-t', test];
  const args = [vitest, 'run', `test/crash/${harness}.test.ts`, ...only, '--bail=1'];
  // In a group of its own, so that whatever it has started ends with it.
  const child = spawn(process.execPath, [...args, ...kept], { env, detached: true });
  onTestFinished(() => {
    killGroup(child.pid);
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  }
  const [exitCode] = (await once(child, 'close')) as [number | null];
  return { isGreen: exitCode === 0, output };
}

/** Runs without a defect, each once. */
const cleanRuns = new Map<string, Promise<Run>>();
let unharmed: ReturnType<typeof copyPackage> | undefined;

async function runClean(defect: Defect): Promise<Run> {
  if (!defect.caughtBy.inPackage) return runHarness(defect, {});
  const copy = await (unharmed ??= copyPackage());
  return runHarness(defect, { TIMEKV_PACKAGE: copy.directory });
}

function cleanRun(defect: Defect): Promise<Run> {
  const name = JSON.stringify(defect.caughtBy);
  const run = cleanRuns.get(name) ?? runClean(defect);
  cleanRuns.set(name, run);
  return run;
}

async function runBroken(defect: Defect): Promise<Run> {
  if (!defect.caughtBy.inPackage) return runHarness(defect, { TIMEKV_DEFECT: defect.name });
  // What looks at a package's work from outside is to be without the defect.
  const copy = await copyPackage(defect);
  onTestFinished(() => {
    copy.remove();
  });
  return runHarness(defect, { TIMEKV_PACKAGE: copy.directory });
}

it.each(chosen.map((defect) => [defect.name, defect] as const))(
  '%s: caught',
  { timeout: 5 * minutes },
  async (name, defect) => {
    const startedAt = performance.now();
    const broken = await runBroken(defect);
    const seconds = Math.round((performance.now() - startedAt) / 1000);
    expect(isCaught(broken) ? 'caught' : `not caught:\n${broken.output}`).toBe('caught');
    const clean = await cleanRun(defect);
    expect(clean.isGreen ? 'green' : `without the defect:\n${clean.output}`).toBe('green');
    const { harness, seed } = defect.caughtBy;
    say(`caught by ${harness} (seed ${seed}, ${seconds} s): ${name}`);
    caught++;
  },
);

afterAll(async () => {
  (await unharmed)?.remove();
});

afterAll(() => {
  say(`DEFECTS: ${caught} of ${chosen.length} caught`);
});
