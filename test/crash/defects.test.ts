/**
 * Proof of the proof: each defect in the list is planted, alone, and the harness that is named with
 * it must catch it, from a seed from which it passes without the defect.
 */
import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { once } from 'node:events';
import { afterAll, expect, it } from 'vitest';
import { say } from '../support/say.js';
import { temporaryDirectory } from '../support/temporary-directory.js';
import { type Defect, defects } from './defects/list.js';
import { packageWith } from './defects/plant.js';

const vitest = join(import.meta.dirname, '../../node_modules/vitest/vitest.mjs');
/** What vitest makes of sources is the same in all runs, but for the defect. */
const transformed = temporaryDirectory();
const minutes = 60_000;
let caught = 0;

interface Run {
  isGreen: boolean;
  output: string;
}

async function runHarness({ caughtBy }: Defect, more: NodeJS.ProcessEnv): Promise<Run> {
  const { harness, test, seed, amount, point } = caughtBy;
  const { TIMEKV_TEST_REPORT: _, ...inherited } = process.env;
  const env = {
    ...inherited,
    TIMEKV_HARNESSES: '1',
    TIMEKV_SEED: String(seed),
    TIMEKV_AMOUNT: String(amount),
    ...(point === undefined ? {} : { TIMEKV_POINT: point }),
    ...more,
  };
  const kept = ['--experimental.fsModuleCache', `--experimental.fsModuleCachePath=${transformed}`];
  const args = [vitest, 'run', `test/crash/${harness}.test.ts`, ...(test ? ['-t', test] : [])];
  const child = spawn(process.execPath, [...args, ...kept], { env });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  }
  const [exitCode] = (await once(child, 'close')) as [number | null];
  return { isGreen: exitCode === 0, output };
}

/** Runs without a defect, each once. */
const cleanRuns = new Map<string, Promise<Run>>();

function cleanRun(defect: Defect): Promise<Run> {
  const name = JSON.stringify(defect.caughtBy);
  const run = cleanRuns.get(name) ?? runHarness(defect, {});
  cleanRuns.set(name, run);
  return run;
}

it.each(defects.map((defect) => [defect.name, defect] as const))(
  '%s: caught',
  { timeout: 5 * minutes },
  async (name, defect) => {
    const copy = defect.caughtBy.inPackage ? await packageWith(defect) : undefined;
    const startedAt = performance.now();
    // What looks at a package's work from outside is to be without the defect.
    const plant = copy === undefined ? { TIMEKV_DEFECT: name } : { TIMEKV_PACKAGE: copy };
    const broken = await runHarness(defect, plant);
    const seconds = Math.round((performance.now() - startedAt) / 1000);
    if (copy !== undefined) rmSync(copy, { recursive: true });
    // That it could not even be loaded would be no proof.
    const isCaught = !broken.isGreen && broken.output.includes('replay: ');
    if (!isCaught) throw new Error(`not caught:\n${broken.output}`);
    const clean = await cleanRun(defect);
    if (!clean.isGreen) throw new Error(`red without the defect:\n${clean.output}`);
    expect(clean.isGreen).toBe(true);
    const { harness, seed } = defect.caughtBy;
    say(`caught by ${harness} (seed ${seed}, ${seconds} s): ${name}`);
    caught++;
  },
);

afterAll(() => {
  say(`DEFECTS: ${caught} of ${defects.length} caught`);
});
