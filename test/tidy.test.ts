/** The house rules, held against the real tree; each rule is first seen to catch a planted fault. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { edgesOf, faultsOf, readTree } from './support/tidy.js';

const root = join(import.meta.dirname, '..');
const folders = ['src', 'commands', 'bin', 'test'];

/** Raised as the house grows: a walk that sees less than this has lost its eyes. */
const leastFiles: Readonly<Record<string, number>> = { src: 100, commands: 14, bin: 1, test: 15 };
const leastEdges = 400;

/** A sound house: one empty file in each room, and a public door. */
const sound: ReadonlyMap<string, string> = new Map(
  `src/base/b.ts src/disk/b.ts src/wal/b.ts src/segment/b.ts src/catalog/b.ts src/engine/b.ts
  src/store.ts src/index.ts src/cli/b.ts src/cli/base/b.ts src/cli/repl/b.ts commands/b.ts bin/b.js test/b.test.ts`
    .split(/\s+/)
    .map((path) => [path, '']),
);

/** Where it is planted, its text, and the fault that it must bring (none: it must pass). */
const planted: [path: string, text: string, fault?: string][] = [
  // Imports point down, never up or sideways.
  ['src/base/a.ts', `import '../disk/b.js'`, 'must not import src/disk/b.ts'],
  ['src/disk/a.ts', `import '../wal/b.js'`, 'must not import src/wal/b.ts'],
  ['src/wal/a.ts', `import type { B } from '../segment/b.js'`, 'must not import src/segment/b.ts'],
  ['src/segment/a.ts', `export * from '../catalog/b.js'`, 'must not import src/catalog/b.ts'],
  ['src/catalog/a.ts', `await import('../engine/b.js')`, 'must not import src/engine/b.ts'],
  ['src/engine/a.ts', `import { b } from '../store.js'`, 'must not import src/store.ts'],
  ['src/timeline.ts', `import { b } from './cli/b.js'`, 'must not import src/cli/b.ts'],
  ['src/cli/a.ts', `import { b } from '../store.js'`, 'must not import src/store.ts'],
  ['src/cli/a.ts', `type B = import('../base/b.js').B`, 'must not import src/base/b.ts'],
  ['src/cli/base/a.ts', `import '../b.js'`, 'must not import src/cli/b.ts'],
  ['src/cli/time/a.ts', `import '../repl/b.js'`, 'must not import src/cli/repl/b.ts'],
  ['src/cli/base/a.ts', `import '../../base/b.js'`, 'must not import src/base/b.ts'],
  ['src/cli/a.ts', `import './repl/b.js'`, 'must not import src/cli/repl/b.ts'],
  ['src/cli/util/a.ts', '', 'lies in no room of the house'],
  ['commands/a.ts', `import { b } from '../src/store.js'`, 'must not import src/store.ts'],
  ['commands/a.ts', `import { b } from '../src/index.js'`, 'must not import src/index.ts'],
  ['bin/a.js', `import '../dist/src/engine/b.js'`, 'must not import src/engine/b.ts'],
  ['bin/a.js', `import '../dist/commands/b.js'`, 'must not import commands/b.ts'],
  ['bin/a.js', `import '../dist/bundle/src/engine/b.js'`, 'must not import src/engine/b.ts'],
  ['src/disk/a.ts', `import '../base/b.js'`],
  ['src/engine/a.ts', `import '../wal/b.js'; import '../catalog/b.js'`],
  ['src/cli/a.ts', `import { open, type B } from '../index.js'; import './b.js'`],
  ['src/cli/repl/a.ts', `import '../b.js'; import '../base/b.js'; import '../../index.js'`],
  ['commands/a.ts', `import type { B } from '../src/index.js'; import '../src/cli/b.js'`],
  ['commands/a.ts', `import '../src/cli/repl/b.js'`],
  ['bin/a.js', `import '../dist/src/cli/b.js'`],
  ['bin/a.js', `require('../dist/bundle/src/cli/b.cjs')`],
  ['bin/a.js', `require('../dist/bundle/src/engine/b.cjs')`, 'must not import src/engine/b.ts'],
  ['src/wal/a.ts', `import './gone.js'`, 'imports ./gone.js, which is not there'],
  ['src/wal/b.ts', `import type { B } from './b.js'`, 'imports itself'],
  ['src/cli/a.ts', 'await import(`../${b}.js`)', 'must not import a computed path'],
  ['src/util/a.ts', '', 'lies in no room of the house'],
  // Some modules and globals have one place.
  ['src/base/a.ts', `import 'node:path'`, 'must not import node:path'],
  ['src/base/a.ts', `import 'node:zlib'; import 'buffer'`],
  ['src/wal/a.ts', `import 'node:fs'`, 'must not import node:fs'],
  ['src/engine/a.ts', `import 'fs/promises'`, 'must not import fs/promises'],
  ['commands/a.ts', `import { readFileSync } from 'node:fs'`, 'must not import node:fs'],
  ['src/disk/a.ts', `import 'node:fs'; import 'node:path'`],
  ['src/cli/a.ts', `import 'node:fs'; import 'chalk'; console.log(process.pid, Date.now())`],
  ['src/engine/a.ts', `import 'better-sqlite3'`, 'must not import better-sqlite3'],
  ['src/catalog/a.ts', `import 'better-sqlite3'`],
  ['src/store.ts', `import 'chalk'`, 'must not import chalk'],
  ['src/segment/a.ts', `import 'node:crypto'`, 'must not import node:crypto'],
  ['src/engine/a.ts', `import 'node:process'`, 'must not import node:process'],
  ['src/engine/a.ts', `import 'node:worker_threads'; Atomics.wait(a, 0, 0)`],
  ['src/engine/a.ts', `export const a = Date.now()`, 'must not use Date'],
  ['src/store.ts', `export const a = new Date(0)`, 'must not use Date'],
  ['src/store.ts', `export const a = (d: Date | 1) => d instanceof Date && d.getTime()`],
  ['src/base/a.ts', `export const a = Math.random()`, 'must not use Math.random'],
  ['src/base/clock.ts', `export const a = performance.now()`, 'must not use performance'],
  ['src/base/clock.ts', `export const a = Date.now() + process.hrtime()[1]`],
  ['src/wal/a.ts', `export const a = crypto.randomUUID()`, 'must not use crypto'],
  ['src/base/identity.ts', `export const a = crypto.randomUUID()`],
  ['src/wal/a.ts', `export const a = process.env`, 'must not use process'],
  ['src/wal/a.ts', `export const a = { process: 1 }.process`],
  ['src/disk/a.ts', `console.error(1)`, 'must not use console'],
  ['src/disk/a.ts', `globalThis['console'].error(1)`, 'must not use globalThis'],
  // Files are short, finished, and tested whole.
  ['src/base/a.ts', '\n'.repeat(401), 'has 401 lines'],
  ['test/a.test.ts', '\n'.repeat(401), 'has 401 lines'],
  ['src/base/a.ts', '\n'.repeat(400)],
  ...['TO-DO', 'FIX-ME', 'X-XX'].map((word): [string, string, string] => {
    return ['src/base/a.ts', `// ${word.replace('-', '')} later`, 'is unfinished'];
  }),
  ['test/a.test.ts', `it.only('a', f)`, 'leaves tests out: it.only'],
  ['test/a.test.ts', `describe.skip('a', f)`, 'leaves tests out: describe.skip'],
  ['test/a.test.ts', `it.each([1]).only('a', f)`, 'leaves tests out: it.each([1]).only'],
  ['test/a.test.ts', `it.todo('a')`, 'leaves tests out: it.todo'],
];

describe('each house rule', () => {
  it('has nothing against a sound house', () => {
    expect(faultsOf(sound)).toEqual([]);
  });

  it.each(planted)('judges %s with %j', (path, text, fault) => {
    const wanted = fault === undefined ? [] : [`${path} ${fault}`];
    const faults = faultsOf(new Map([...sound, [path, text]]));
    expect(faults.map((line) => line.slice(0, wanted[0]?.length))).toEqual(wanted);
  });

  it('names the files of a longer ring of imports', () => {
    const ring = new Map([
      ['src/wal/a.ts', `import type { B } from './b.js'`],
      ['src/wal/b.ts', `export { c } from './c.js'`],
      ['src/wal/c.ts', `import('./a.js')`],
    ]);
    expect(faultsOf(ring)).toEqual([
      'src/wal/a.ts imports itself: src/wal/a.ts → src/wal/b.ts → src/wal/c.ts → src/wal/a.ts',
    ]);
  });
});

describe('this house', () => {
  const tree = readTree(
    root,
    folders.filter((folder) => existsSync(join(root, folder))),
  );

  it('is seen whole', () => {
    for (const [folder, least] of Object.entries(leastFiles)) {
      const seen = [...tree.keys()].filter((path) => path.startsWith(`${folder}/`));
      expect(seen.length, `files in ${folder}`).toBeGreaterThanOrEqual(least);
    }
    expect([...edgesOf(tree).values()].flat().length).toBeGreaterThanOrEqual(leastEdges);
  });

  it('keeps its rules', () => {
    expect(faultsOf(tree)).toEqual([]);
  });
});
