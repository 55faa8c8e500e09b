import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, it } from 'vitest';
import { rememberedLines, rememberLine } from '../../../src/cli/repl/remembered-lines.js';
import { packageRoot } from '../../support/child.js';
import { temporaryDirectory } from '../../support/temporary-directory.js';

function fresh(): string {
  return join(temporaryDirectory(), 'timekv', 'repl-history');
}

it('lines are kept for their owner alone', () => {
  const file = fresh();
  expect(rememberedLines(file, 10)).toEqual([]);
  for (const line of ['get a', 'get b']) rememberLine(file, line);
  expect(rememberedLines(file, 10)).toEqual(['get a', 'get b']);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(statSync(dirname(file)).mode & 0o777).toBe(0o700);
});

it('the last ones are kept', () => {
  const file = fresh();
  for (let line = 0; line < 9; line += 1) rememberLine(file, `get ${line}`);
  expect(rememberedLines(file, 3)).toEqual(['get 6', 'get 7', 'get 8']);
  expect(readFileSync(file, 'utf8')).toBe('get 6\nget 7\nget 8\n');
  expect(statSync(file).mode & 0o777).toBe(0o600);
});

it('sessions that add lines and drop old ones at once lose none', async () => {
  const file = fresh();
  const module = pathToFileURL(join(packageRoot, 'dist/src/cli/repl/remembered-lines.js')).href;
  const program = `
    import { rememberedLines, rememberLine } from ${JSON.stringify(module)};
    const [file, name] = process.argv.slice(1);
    for (let line = 0; line < 150; line += 1) {
      rememberLine(file, name + line);
      rememberedLines(file, line % 10 === 0 ? 600 : 1000);
    }`;
  mkdirSync(dirname(file));
  writeFileSync(file, 'old\n'.repeat(700));
  const sessions = ['a', 'b', 'c'].map((name) =>
    spawn(process.execPath, ['--input-type=module', '-e', program, file, name]),
  );
  await Promise.all(sessions.map((session) => once(session, 'close')));
  const lines = readFileSync(file, 'utf8').split('\n');
  for (const name of ['a', 'b', 'c']) {
    const own = lines.filter((line) => line.startsWith(name));
    expect(own).toEqual(Array.from({ length: 150 }, (_, line) => `${name}${line}`));
  }
  expect(existsSync(`${file}.lock`)).toBe(false);
});

it('a session that died in the middle holds up nobody for long', () => {
  const file = fresh();
  rememberLine(file, 'get a');
  writeFileSync(`${file}.lock`, '');
  const longAgo = new Date(Date.now() - 60_000);
  utimesSync(`${file}.lock`, longAgo, longAgo);
  rememberLine(file, 'get b');
  expect(rememberedLines(file, 10)).toEqual(['get a', 'get b']);
});

it('where nothing can be kept, nothing is', () => {
  const file = join('/dev/null', 'repl-history');
  rememberLine(file, 'get a');
  expect(rememberedLines(file, 10)).toEqual([]);
});
