/** The bundle that `npm run build` makes of the command line: what each start reads of it. */
import { readdirSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { packageRoot } from '../support/child.js';

const bundle = join(packageRoot, 'dist/bundle');
const commands = readdirSync(join(bundle, 'commands'));

/** What the file requires as it is loaded, not what it requires when it needs it. */
function importsOf(file: string): string[] {
  return [
    ...readFileSync(file, 'utf8').matchAll(/^(?:const|let|var) .*?\brequire\("([^"]+)"\)/gm),
  ].map(([, from = '']) => from);
}

/** The files that loading this one loads, with itself. */
function loadedBy(file: string, seen = new Set<string>()): Set<string> {
  if (seen.has(file)) return seen;
  seen.add(file);
  for (const from of importsOf(file)) {
    if (from.startsWith('.')) loadedBy(join(dirname(file), from), seen);
  }
  return seen;
}

const main = loadedBy(join(bundle, 'src/cli/main.cjs'));

/** Words of oclif's help and plugins, of the tables and of the time zones. */
const heavy = /\b(formatRoot|getPluginsList|colWidths|PlainDateTime)\b/g;

it.each(commands)('%s starts with few files, and nothing of what most starts need not', (name) => {
  const files = [...loadedBy(join(bundle, 'commands', name), new Set(main))];
  const text = files.map((file) => readFileSync(file, 'utf8')).join('\n');
  expect(files.length).toBeGreaterThanOrEqual(4);
  expect(files.length).toBeLessThanOrEqual(6);
  expect(text.length).toBeLessThan(260_000);
  expect(text.match(heavy)).toBe(null);
  expect(text).not.toMatch(/^(?:const|let|var) .* = new Intl\./m); // It loads the tables of a locale.
});

it('has it all the same, for those that need it', () => {
  const chunks = readdirSync(join(bundle, 'src/cli'));
  const text = chunks.map((name) => readFileSync(join(bundle, 'src/cli', name), 'utf8')).join('\n');
  expect(new Set(text.match(heavy)).size).toBe(4);
});

it('needs no package as it starts', () => {
  const files = commands.flatMap((command) => [...loadedBy(join(bundle, 'commands', command))]);
  const imported = new Set(files.flatMap(importsOf));
  expect(imported).toContain('node:buffer');
  expect([...imported].filter((from) => !from.startsWith('.') && !isBuiltin(from))).toEqual([]);
});

it('has the licences of all that is in it', () => {
  const licences = readFileSync(join(bundle, 'LICENCES.txt'), 'utf8');
  for (const name of ['@oclif/core', 'chalk', 'cli-table3', 'temporal-polyfill']) {
    expect(licences).toMatch(new RegExp(`^${name} \\d`, 'm'));
  }
});
