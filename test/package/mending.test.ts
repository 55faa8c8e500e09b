/**
 * What npm says nothing of: install scripts that did not run, and a package that it left out. timekv
 * names the command that mends it, which is run here as it stands.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { sqlitePackage } from '../../src/catalog/binding.js';
import { say } from '../support/say.js';
import { inShell, installGlobally, installLibrary } from './support/projects.js';
import { run, type Runtime, running, runtimeOf, withoutCompiler } from './support/runtimes.js';
import { pack, type Tarball } from './support/tarball.js';
import { leastProgram } from './support/user.js';

const timeout = 20 * 60_000; // A compiler may be at work.
/** 13 brings its binary: nothing of this can go wrong with it, but that it is left out. */
const needsScripts = sqlitePackage === 'better-sqlite3';

let tarball: Tarball;
let runtime: Runtime;

beforeAll(async () => {
  tarball = await pack();
  const got = await runtimeOf(running, running);
  if ('absent' in got) throw new Error(got.absent);
  ({ runtime } = got);
}, timeout);

/** The one line of a program that lies in the project, or what it prints where all is well. */
async function printed(project: string): Promise<string> {
  writeFileSync(join(project, 'program.mjs'), leastProgram);
  const { stdout, stderr } = await run(['node', 'program.mjs'], runtime.env, project);
  expect(stderr).toBe('');
  expect(stdout.trimEnd()).not.toContain('\n');
  return stdout;
}

/** The folder and the command that the line names. */
function namedIn(line: string): { folder: string; command: string } {
  const [, folder = '', command = ''] = /\bRun(?: in ([^:]+))?: (npm .+?)(?: \(|$)/m.exec(line)!;
  say(`PACKAGE: ${runtime.name}, mended by: ${command}`);
  return { folder, command };
}

/** Has the project mended by what the program says. */
async function mend(project: string): Promise<void> {
  const line = await printed(project);
  expect(line).toMatch(
    new RegExp(`^TimekvError ERR_TIMEKV_IO ${sqlitePackage}, which timekv needs, `),
  );
  const { folder, command } = namedIn(line);
  expect(folder).toBe(project);
  const { exitCode, stderr } = await inShell(`cd '${folder}' && ${command}`, runtime);
  expect(exitCode, `stderr: ${stderr}`).toBe(0);
}

describe('a project', () => {
  it('whose install scripts were blocked', { timeout }, async () => {
    const { directory } = await installLibrary(runtime, tarball.path, '--ignore-scripts');
    if (needsScripts) {
      // As whoever blocks them has it: for good.
      writeFileSync(join(directory, '.npmrc'), 'ignore-scripts=true\n');
      await mend(directory);
    }
    expect(await printed(directory)).toBe('1\n');
  });

  it('that was installed where nothing can be compiled or downloaded', { timeout }, async () => {
    const { directory } = await installLibrary(withoutCompiler(runtime), tarball.path);
    if (needsScripts) await mend(directory);
    expect(await printed(directory)).toBe('1\n');
  });

  it('that leaves out what is optional', { timeout }, async () => {
    const { directory } = await installLibrary(runtime, tarball.path, '--omit=optional');
    writeFileSync(join(directory, '.npmrc'), 'omit=optional\n');
    await mend(directory);
    expect(await printed(directory)).toBe('1\n');
  });
});

describe('a global installation', () => {
  /** Its first command names what mends it, which is run. */
  async function checkMended(directory: string): Promise<void> {
    const set = () => inShell('timekv set a 1 --dir store', runtime, directory);
    if (needsScripts) {
      const { exitCode, stdout, stderr } = await set();
      expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
      expect(stderr).toMatch(/^timekv: better-sqlite3.*, which timekv needs, .*\n$/);
      // It is not in the registry, and lies where only this test looks.
      const command = namedIn(stderr).command.replace(/ timekv$/, ` ${tarball.path}`);
      const mended = await inShell(`${command} --prefix ${directory}`, runtime);
      expect(mended.exitCode, `stderr: ${mended.stderr}`).toBe(0);
    }
    expect(await set()).toEqual({ exitCode: 0, stdout: '', stderr: '' });
  }

  it('whose install scripts were blocked', { timeout }, async () => {
    await checkMended((await installGlobally(runtime, tarball.path, '--ignore-scripts')).directory);
  });

  it('that was installed where nothing can be compiled or downloaded', { timeout }, async () => {
    const bare = withoutCompiler(runtime);
    await checkMended((await installGlobally(bare, tarball.path)).directory);
  });
});
