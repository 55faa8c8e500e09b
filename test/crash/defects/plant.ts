/**
 * Plants a defect in what a harness tests: in the sources that vitest loads, or in a copy of the
 * package for harnesses that run it in processes of its own.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Plugin } from 'rolldown';
import { PlantedPackage } from '../../support/planted-package.js';
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

/** For the bundle of a harness: the one source with the defect in it, all others as they are. */
export function plantingPlugin(defect: Defect): Plugin {
  const file = join(root, defect.file);
  return {
    name: `timekv-planted-defect: ${defect.name}`,
    transform: (source, id) =>
      id === file ? { code: planted(source, defect), map: null } : undefined,
  };
}

/** Defects that are planted in the package: their sources are compiled anew in every copy of it. */
const inPackage = defects.filter(({ caughtBy }) => caughtBy.inPackage);

/**
 * A copy of the built package with the defect in it; without one, an unharmed copy, made in the same
 * way but for the defect.
 */
export async function copyPackage(defect?: Defect): Promise<PlantedPackage> {
  const copy = new PlantedPackage();
  copy.copy('package.json', 'oclif.manifest.json', 'bin', 'dist', 'test/support/programs');
  // Every run of vitest loads this file; few need the compiler, which takes half a second.
  const { default: ts } = await import('typescript');
  const compilerOptions = { target: ts.ScriptTarget.ES2023, module: ts.ModuleKind.ESNext };
  for (const file of new Set(inPackage.map((each) => each.file))) {
    const source = readFileSync(join(root, file), 'utf8');
    const harmed = defect?.file === file ? planted(source, defect) : source;
    const { outputText } = ts.transpileModule(harmed, { compilerOptions });
    copy.plant(join('dist', file.replace(/\.ts$/, '.js')), outputText);
  }
  // What runs is the bundle: without this it would run without the defect.
  const bundled = await copy.run('.ci/bundle.mjs', [copy.directory]);
  if (bundled.failed) throw new Error(bundled.stderr);
  return copy;
}
