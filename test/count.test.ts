/** `.ci/count.mjs`: the last line of `.ci/run`, from what the runners really counted. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { PlantedPackage } from './support/planted-package.js';

let house: PlantedPackage;

beforeEach(() => {
  house = new PlantedPackage();
  house.plant('parts/install.status', '0\n');
});

afterEach(() => {
  house.remove();
});

/** Plants a part's report: the outcomes of the tests of each file. */
function plantPart(name: string, exit: number, ...files: string[][]): void {
  const testResults = files.map((outcomes) => ({
    status: outcomes.includes('failed') || outcomes.length === 0 ? 'failed' : 'passed',
    assertionResults: outcomes.map((status) => ({ status })),
  }));
  house.plant(`parts/${name}.status`, `${exit}\n`);
  house.plant(`parts/${name}.json`, JSON.stringify({ testResults }));
}

async function checkCount(line: string, failed: boolean): Promise<void> {
  const outcome = await house.run('.ci/count.mjs', [house.path('parts')]);
  expect(outcome).toEqual({ failed, stdout: `${line}\n`, stderr: '' });
}

it('adds up the parts', async () => {
  plantPart('test', 0, ['passed', 'passed'], ['passed', 'skipped', 'pending', 'todo']);
  plantPart('test-crash', 0, ['passed']);
  await checkCount('4 passed, 0 failed, 3 skipped', false);
});

it('fails where a test failed', async () => {
  plantPart('test', 1, ['passed', 'failed', 'failed'], ['passed']);
  await checkCount('2 passed, 2 failed', true);
});

it('counts a file that could not be loaded as a failure', async () => {
  plantPart('test', 1, ['passed'], []);
  await checkCount('1 passed, 1 failed', true);
});

it('counts a part that failed without a failed test as a failure', async () => {
  plantPart('test', 0, ['passed']);
  house.plant('parts/demo.status', '7\n');
  await checkCount('1 passed, 1 failed', true);
});

it('counts tests without a report as a failure', async () => {
  plantPart('test', 0, ['passed']);
  house.plant('parts/test-crash.status', '0\n');
  await checkCount('1 passed, 1 failed', true);
});

it('fails where no test ran', async () => {
  plantPart('test', 0, ['skipped']);
  await checkCount('0 passed, 0 failed, 1 skipped', true);
});
