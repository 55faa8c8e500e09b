/**
 * The README's list of commands and docs/commands.md are those of the commands as they are built, and
 * docs/api.md says what the docstrings do.
 */
import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { PlantedPackage } from './support/planted-package.js';

let copy: PlantedPackage;

beforeEach(() => {
  copy = new PlantedPackage();
  const config = ['package.json', 'oclif.manifest.json', '.prettierrc.json'];
  copy.copy(...config, 'README.md', 'docs/commands.md', 'dist/src', 'dist/commands');
});

afterEach(() => {
  copy.remove();
});

const check = (...options: string[]) =>
  copy.run('.ci/reference.mjs', [...options, copy.directory], { COLUMNS: '40' });
const read = (file: string) => readFileSync(copy.path(file), 'utf8');

it('they are in step, wherever they are made', async () => {
  expect(await check('--check')).toEqual({ failed: false, stdout: '', stderr: '' });
  for (const command of ['asof-join', 'get', 'history', 'verify']) {
    expect(read('README.md')).toContain(`docs/commands.md#${command})`);
    expect(read('docs/commands.md')).toContain(`\n## ${command}\n`);
  }
});

it.each(['README.md', 'docs/commands.md'])(
  'a change in %s is noticed, and made good',
  async (file) => {
    const whole = read(file);
    copy.plant(
      file,
      whole.replace('exit 2 at the end', 'go on').replace('`--keep-going`', '`--go`'),
    );
    const { failed, stderr } = await check('--check');
    expect({ failed, stderr }).toEqual({
      failed: true,
      stderr: `${file} is out of date; run: npm run manifest\n`,
    });
    expect((await check()).failed).toBe(false);
    expect(read(file)).toBe(whole);
  },
);

const members = () => copy.run('.ci/api.mjs', ['--check', copy.directory]);

it('the reference of the library is in step with the docstrings', { timeout: 60_000 }, async () => {
  copy.copy('docs/api.md', 'src', 'tsconfig.json');
  expect(await members()).toEqual({ failed: false, stdout: '', stderr: '' });
  for (const title of [
    '### open',
    '#### Store: getMany()',
    '#### Timeline: add()',
    '### TimeMap',
  ]) {
    expect(read('docs/api.md')).toContain(`\n${title}\n`);
  }
  expect(read('docs/api.md')).not.toMatch(/#constructor|Store: commit|Store: versions/);

  const timeline = read('src/timeline.ts');
  copy.plant(
    'src/timeline.ts',
    timeline.replace('/** All values, oldest first', '/** All of them'),
  );
  const { failed, stderr } = await members();
  expect({ failed, stderr }).toEqual({
    failed: true,
    stderr: 'docs/api.md is out of date; run: npm run manifest\n',
  });
  copy.plant('src/timeline.ts', timeline.replace(/\n {2}\/\*\* All values.*\*\//, ''));
  expect((await members()).stderr).toContain('without a docstring: Timeline.all\n');
});
