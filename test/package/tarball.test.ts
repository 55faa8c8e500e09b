/** What is in the package, and what is not. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { packageRoot } from '../support/child.js';
import { say } from '../support/say.js';
import { direct, pack, type Tarball } from './support/tarball.js';

/** In bytes; some tenths above what they are. */
const mostPacked = 800_000;
const mostUnpacked = 3_500_000;

let tarball: Tarball;

beforeAll(async () => {
  tarball = await pack();
});

const text = (path: string): string => readFileSync(join(packageRoot, path), 'utf8');

it('is small, and asks for SQLite alone', () => {
  const { size, unpackedSize, files } = tarball;
  const kb = (bytes: number): string => `${Math.round(bytes / 1000)} kB`;
  say(
    `PACKAGE: ${kb(size)} packed, ${kb(unpackedSize)} unpacked, ${files.length} files, ${direct.length} direct dependencies`,
  );
  expect(size).toBeLessThan(mostPacked);
  expect(unpackedSize).toBeLessThan(mostUnpacked);
  expect(direct).toEqual(['better-sqlite3', 'better-sqlite3-13']);
});

it('holds what it needs', () => {
  const needed = ['package.json', 'README.md', 'LICENSE', 'oclif.manifest.json', 'bin/run.js'];
  const made = ['src/index.js', 'src/keyv.js', 'src/build-thread.js', 'src/cli/main.cjs'];
  needed.push(...[...made, 'LICENCES.txt'].map((path) => `dist/bundle/${path}`));
  needed.push('dist/src/index.d.ts', 'dist/src/keyv.d.ts', 'bin/package.json');
  expect(tarball.files).toEqual(expect.arrayContaining(needed));
});

it('holds each command', () => {
  const { commands } = JSON.parse(text('oclif.manifest.json')) as { commands: object };
  const files = Object.keys(commands).map((id) => `dist/bundle/commands/${id}.cjs`);
  expect(files.length).toBeGreaterThan(20);
  expect(tarball.files).toEqual(expect.arrayContaining(files));
});

it('holds nothing else: no sources, no tests, nothing that is in the bundle already', () => {
  const wanted =
    /^((package|oclif\.manifest)\.json|README\.md|LICENSE|bin\/(run\.js|package\.json)|dist\/bundle\/LICENCES\.txt|dist\/bundle\/.*\.c?js|dist\/src\/(?!cli\/).*\.d\.ts)$/;
  expect(tarball.files.filter((path) => !wanted.test(path))).toEqual([]);
});

it('points to no file that is not in it: neither maps, nor code, nor types', () => {
  const files = new Set(tarball.files);
  const pointer = /(?:\bfrom|\bimport|\brequire\(|\bimport\()\s*["'](\.{1,2}\/[^"']+)["']/g;
  let pointers = 0;
  for (const path of tarball.files.filter((name) => /\.(c?js|d\.ts)$/.test(name))) {
    expect(text(path)).not.toMatch(/^\/\/# sourceMappingURL=/m);
    for (const [, to = ''] of text(path).matchAll(pointer)) {
      const target = join(dirname(path), to);
      pointers += 1;
      const typed = path.endsWith('.d.ts') ? target.replace(/\.js$/, '.d.ts') : target;
      expect([...files].includes(typed), `${path} points to ${to}`).toBe(true);
    }
  }
  expect(pointers).toBeGreaterThan(300);
});

it('has what its exports and its command name', () => {
  const { exports, bin } = JSON.parse(text('package.json')) as {
    exports: Record<string, string | Record<string, string>>;
    bin: Record<string, string>;
  };
  const entries = Object.values(exports).flatMap((entry) =>
    typeof entry === 'string' ? [entry] : Object.values(entry),
  );
  const named = [...entries, ...Object.values(bin)].map((path) => path.replace('./', ''));
  expect(named.length).toBe(6);
  expect(named.filter((path) => !tarball.files.includes(path))).toEqual([]);
  expect(named.filter((path) => !existsSync(join(packageRoot, path)))).toEqual([]);
});
