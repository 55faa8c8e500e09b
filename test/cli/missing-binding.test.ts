/** A copy of timekv as npm installs it, whose SQLite is not there or not built: what its user reads. */
import { cpSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { sqlitePackage } from '../../src/catalog/binding.js';
import { Child, packageRoot, type Finished } from '../support/child.js';
import { temporaryDirectory } from '../support/temporary-directory.js';

const isCompiled = sqlitePackage === 'better-sqlite3';
const node = `Node ${process.versions.node}`;

const program = `
  import { open } from 'timekv';
  try {
    const store = await open('data');
    await store.set('a', '1');
  } catch ({ name, code, message }) {
    console.log(JSON.stringify([name, code, message]));
  }
`;

let directory: string;
let modules: string;

beforeEach(() => {
  directory = temporaryDirectory();
  modules = join(directory, 'lib/node_modules');
  for (const part of ['package.json', 'bin', 'dist/bundle']) {
    cpSync(join(packageRoot, part), join(modules, 'timekv', part), { recursive: true });
  }
});

/** Makes it a project's; without, it is a global installation. */
function makeProject(): string {
  const project = join(directory, 'lib');
  writeFileSync(join(project, 'package.json'), '{}');
  writeFileSync(join(project, 'program.mjs'), program);
  return project;
}

/** The package without what is compiled. */
function leaveUnbuilt(): string {
  const parts = [`${sqlitePackage}/package.json`, `${sqlitePackage}/lib`];
  if (isCompiled) parts.push('bindings', 'file-uri-to-path');
  for (const part of parts) {
    cpSync(join(packageRoot, 'node_modules', part), join(modules, part), { recursive: true });
  }
  return join(modules, sqlitePackage);
}

function set(): Promise<Finished> {
  const run = join(modules, 'timekv/bin/run.js');
  return new Child([run, 'set', 'a', '1', '--dir', join(directory, 'store')]).finished;
}

/** What it says in one line, from which the command is cut. */
async function said(): Promise<string> {
  const { exitCode, stdout, stderr } = await set();
  expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
  expect(stderr).toMatch(/^timekv: better-sqlite3.*, which timekv needs, .*\n$/);
  return stderr.slice('timekv: '.length, -1);
}

describe('without the package', () => {
  const missing = `${sqlitePackage}, which timekv needs, is not installed for ${node}: `;

  it('names the command for the project, and what must be there first', async () => {
    const project = makeProject();
    const line = await said();
    expect(line).toContain(missing);
    expect(line).toMatch(new RegExp(`\\. Run in ${project}: npm install --include=optional$`));
    expect(line.includes('apt-get install g++ make python3')).toBe(isCompiled);
  });

  it('names the command for a global installation', async () => {
    expect(await said()).toMatch(/\. Run: npm install --global --include=optional timekv$/);
  });

  it('tells a program so by an error of the closed list', async () => {
    const cwd = makeProject();
    const [name, code, message] = await new Child(['program.mjs'], { cwd }).answer<string[]>();
    expect([name, code]).toEqual(['TimekvError', 'ERR_TIMEKV_IO']);
    expect(message).toBe(await said());
  });
});

describe('with the package, but without its addon', () => {
  it('names the command for the project', async () => {
    const project = makeProject();
    const folder = leaveUnbuilt();
    const line = await said();
    if (isCompiled) {
      expect(line).toContain(`better-sqlite3, which timekv needs, is not built for ${node}: `);
      const command = 'npm rebuild better-sqlite3 --ignore-scripts=false';
      expect(line).toContain(`. Run in ${project}: ${command} (`);
    } else {
      expect(line).toContain(`${sqlitePackage}, which timekv needs, does not load on ${node}, `);
      expect(line).toMatch(new RegExp(`: npm --prefix ${folder} run build-release$`));
    }
  });

  it('names the command for a global installation', async () => {
    leaveUnbuilt();
    const rebuild = '. Run: npm rebuild --global better-sqlite3 --ignore-scripts=false (';
    expect((await said()).includes(rebuild)).toBe(isCompiled);
  });

  it('quotes a folder that a shell would take apart', async () => {
    makeProject();
    leaveUnbuilt();
    renameSync(join(directory, 'lib'), join(directory, "it's here"));
    modules = join(directory, "it's here/node_modules");
    const line = await said();
    if (isCompiled) expect(line).toContain(`Run in ${directory}/it's here: npm rebuild`);
    else expect(line).toContain(`--prefix '${directory}/it'\\''s here/node_modules/`);
  });
});

it('is silent where all is there', async () => {
  mkdirSync(join(directory, 'store'));
  cpSync(join(packageRoot, 'node_modules', sqlitePackage), join(modules, sqlitePackage), {
    recursive: true,
    filter: (path) => !path.includes('/deps'),
  });
  expect(await set()).toMatchObject({ exitCode: 0, stderr: '' });
});
