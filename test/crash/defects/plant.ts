/**
 * Plants a defect in what a harness tests: in the sources that vitest loads, or in a copy of the
 * package for harnesses that run it in processes of its own.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Plugin } from 'vitest/config';
import { type Defect, defects } from './list.js';

const root = join(import.meta.dirname, '../../..');

/** The defect that TIMEKV_DEFECT names. */
export function wantedDefect(): Defect | undefined {
  const name = process.env['TIMEKV_DEFECT'];
  if (name === undefined) return undefined;
  const found = defects.find((defect) => defect.name === name);
  if (found === undefined) throw new Error(`there is no defect ${name} in the list`);
  return found;
}

/** @throws if the place is not there, or more than once: then the list is out of date */
function planted(source: string, { name, from, to }: Defect): string {
  const places = source.split(from).length - 1;
  if (places !== 1) throw new Error(`the place of the defect ${name} is there ${places} times`);
  return source.replace(from, () => to);
}

/**
 * For vite: the one source with the defect in it, all others as they are. Where vitest keeps what it
 * has made of sources, that with the defect is kept apart.
 */
export function plantingPlugin(defect: Defect): Plugin {
  const file = join(root, defect.file);
  return {
    name: 'timekv-planted-defect',
    enforce: 'pre',
    configureVitest: ({ experimental_defineCacheKeyGenerator: tellApart }) => {
      tellApart(({ id }) => (id === file ? `with the defect: ${defect.name}` : undefined));
    },
    transform: (source: string, id: string) =>
      id === file ? { code: planted(source, defect), map: null } : undefined,
  };
}

/** A copy of the built package with the defect in it; answers its directory. */
export async function packageWith(defect: Defect): Promise<string> {
  const directory = mkdtempSync(join(tmpdir(), 'timekv-defect-'));
  symlinkSync(join(root, 'node_modules'), join(directory, 'node_modules'));
  mkdirSync(join(directory, 'test/support'), { recursive: true });
  for (const path of [
    'package.json',
    'oclif.manifest.json',
    'bin',
    'dist',
    'test/support/programs',
  ]) {
    cpSync(join(root, path), join(directory, path), { recursive: true });
  }
  const source = planted(readFileSync(join(root, defect.file), 'utf8'), defect);
  // Every run of vitest loads this file; few need the compiler, which takes half a second.
  const { default: ts } = await import('typescript');
  const { outputText } = ts.transpileModule(source, {
    compilerOptions: { target: ts.ScriptTarget.ES2023, module: ts.ModuleKind.ESNext },
  });
  writeFileSync(join(directory, 'dist', defect.file.replace(/\.ts$/, '.js')), outputText);
  // The command line runs as bundled: without this it would run without the defect.
  execFileSync(process.execPath, [join(root, '.ci/bundle.mjs'), directory]);
  return directory;
}
