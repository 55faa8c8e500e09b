/** Each example of the guides is run as it stands, and prints what stands below it. */
import { execFile } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { errorCodes } from '../../src/index.js';
import { say } from '../support/say.js';
import { temporaryDirectory } from '../support/temporary-directory.js';

const root = resolve(import.meta.dirname, '../..');
const guides = join(root, 'docs/guides');
const read = (file: string): string => readFileSync(join(guides, file), 'utf8');
const files = readdirSync(guides).filter((file) => file !== 'README.md');
/** Its examples are for a shell: `http-guide.test.ts`. */
const withoutPrograms = ['http.md'];
const run = promisify(execFile);

interface Example {
  code: string;
  printed: string | undefined;
}

function examplesIn(text: string): Example[] {
  const blocks = text.matchAll(/```js\n([^]*?)```\n(?:\n```text\n([^]*?)```)?/g);
  return Array.from(blocks, ([, code = '', printed]) => ({ code, printed }));
}

/** A program's own directory, in which `timekv` and `keyv` are installed. */
function project(code: string): string {
  const directory = temporaryDirectory();
  const modules = join(directory, 'node_modules');
  mkdirSync(modules, { recursive: true });
  symlinkSync(root, join(modules, 'timekv'));
  symlinkSync(join(root, 'node_modules/keyv'), join(modules, 'keyv'));
  writeFileSync(join(directory, 'example.mjs'), code);
  return directory;
}

async function outputOf(code: string): Promise<string> {
  const { stdout, stderr } = await run(process.execPath, ['example.mjs'], { cwd: project(code) });
  return stdout + stderr;
}

/** There no worker may open a store. */
const refusesWorkers = Number(process.versions.node.split('.')[0]) >= 22;
const cannotRun = (code: string) => refusesWorkers && code.includes('node:worker_threads');

describe.each(files)('%s', (file) => {
  const examples = examplesIn(read(file));

  it('has examples', () => {
    expect(examples.length > 0).toBe(!withoutPrograms.includes(file));
    expect(examples.filter(({ printed }) => printed === undefined)).toEqual([]);
  });

  it.for(examples.map((example, at) => ({ number: at + 1, ...example })))(
    'example $number prints what it says',
    async ({ number, code, printed }, { skip }) => {
      if (cannotRun(code)) {
        say(`${file}, example ${number}: skipped, no worker may open a store on this Node`);
        skip();
      }
      expect(await outputOf(code)).toBe(printed);
    },
  );

  it('leads nowhere that is not there', () => {
    const links = Array.from(read(file).matchAll(/\]\(([^)#:]+)\)/g), ([, link = '']) => link);
    const there = links.filter((link) => {
      const directory = dirname(join(guides, link));
      return readdirSync(directory).includes(link.split('/').at(-1) ?? '');
    });
    expect(there).toEqual(links);
  });
});

it('are all listed', () => {
  const listed = Array.from(read('README.md').matchAll(/\]\(([\w-]+\.md)\)/g), ([, name]) => name);
  expect(new Set(listed)).toEqual(new Set(files));
});

it('tell of every code of an error, and of no other', () => {
  const told = Array.from(read('errors.md').matchAll(/^\| `(ERR_\w+)`/gm), ([, code]) => code);
  expect(new Set(told)).toEqual(new Set(Object.keys(errorCodes)));
});
