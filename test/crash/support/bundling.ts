/**
 * A harness that runs the store in its own process is one file with all that it imports, made when
 * vitest asks for it: module by module, as vitest loads them, each use of an import is a getter's
 * call, and these harnesses take a sixth longer.
 */
import { basename, dirname, isAbsolute, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { rolldown, type Plugin as BundlePlugin } from 'rolldown';
import type { Plugin } from 'vitest/config';

const root = join(import.meta.dirname, '../../..');
const ownProcess = new Set([
  'flip',
  'model',
  'race-stops',
  'sim',
  'sim-failures',
  'sim-short',
  // The commands are processes of their own; what is read after them is not.
  'strace',
]);
/** On a simulated disk some of src/base is another. */
const standIns = new Map([
  ['src/base/limits.js', 'test/crash/support/simulated-limits.ts'],
  ['src/base/clock.js', 'test/crash/support/simulated-clock.ts'],
]);
const onRealDisk = new Set(['flip', 'race-stops', 'strace']);

/** Whether a defect that is planted in the sources is met by a harness. */
export function runsSources(harness: string): boolean {
  return ownProcess.has(harness);
}

function harnessOf(id: string): string | undefined {
  if (dirname(id) !== join(root, 'test/crash')) return undefined;
  const name = basename(id, '.test.ts');
  return ownProcess.has(name) ? name : undefined;
}

const replacing: BundlePlugin = {
  name: 'timekv-stand-ins',
  resolveId(source, importer) {
    if (importer === undefined || !source.startsWith('.')) return undefined;
    for (const [path, standIn] of standIns) {
      if (join(dirname(importer), source) !== join(root, path)) continue;
      // The stand-in itself has the real one behind it.
      return importer === join(root, standIn) ? undefined : join(root, standIn);
    }
    return undefined;
  },
};

/** What asks where it lies is told where its source does. */
const placing: BundlePlugin = {
  name: 'timekv-places',
  transform: (code, id) => ({
    code: code
      .replaceAll('import.meta.dirname', JSON.stringify(dirname(id)))
      .replaceAll('import.meta.url', JSON.stringify(pathToFileURL(id).href)),
    map: null,
  }),
};

/** @param planting puts a defect into a source on its way */
export function bundlingPlugin(planting?: BundlePlugin): Plugin {
  return {
    name: 'timekv-bundled-harness',
    enforce: 'pre',
    // Where vitest keeps what it has made of sources, that with a defect is kept apart.
    configureVitest: ({ experimental_defineCacheKeyGenerator: tellApart }) => {
      tellApart(({ id }) =>
        harnessOf(id) === undefined ? undefined : (planting?.name ?? 'without a defect'),
      );
    },
    async load(id: string) {
      const harness = harnessOf(id);
      if (harness === undefined) return undefined;
      const bundle = await rolldown({
        input: id,
        platform: 'node',
        external: (path) => !path.startsWith('.') && !isAbsolute(path),
        plugins: [
          ...(planting === undefined ? [] : [planting]),
          ...(onRealDisk.has(harness) ? [] : [replacing]),
          placing,
        ],
      });
      const { output } = await bundle.generate({ codeSplitting: false, sourcemap: true });
      await bundle.close();
      const [{ code, map }] = output;
      return { code, map: map === null ? null : JSON.stringify(map) };
    },
  };
}
