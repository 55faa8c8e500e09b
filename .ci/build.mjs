/**
 * Compiles and bundles what is in src and commands into dist, from nothing: nothing of a file that is
 * gone stays behind. Does nothing where dist was made of these very sources, since the tests, the
 * demo and the benchmark all ask for it first.
 *
 *   node .ci/build.mjs
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const dist = join(root, 'dist');
/** Written last, so that it stands for all the rest. */
const madeOf = join(dist, '.sources');
const folders = ['src', 'commands'];
const files = ['package.json', 'package-lock.json', 'tsconfig.json', '.ci/bundle.mjs'];

function sourcesHash() {
  const hash = createHash('sha256').update(process.version);
  const within = (folder) =>
    readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name));
  for (const path of [...folders.flatMap(within).toSorted(), ...files.map((f) => join(root, f))]) {
    const text = readFileSync(path);
    hash.update(`\n${path} ${text.length}\n`).update(text);
  }
  return hash.digest('hex');
}

function run(...args) {
  const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}

function isMadeOf(hash) {
  try {
    return readFileSync(madeOf, 'utf8') === hash;
  } catch {
    return false;
  }
}

const hash = sourcesHash();
if (isMadeOf(hash)) {
  console.log('dist is up to date');
} else {
  rmSync(dist, { recursive: true, force: true });
  run('node_modules/typescript/bin/tsc');
  run('.ci/bundle.mjs');
  writeFileSync(madeOf, hash);
}
