// A thread that does what README forbids to a program that has a store open: every other moment it
// opens and closes the store's SQLite files, with `fs` or with a second copy of SQLite. At each close
// the kernel drops the locks that the whole process has on the file.
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { workerData } from 'node:worker_threads';
import { sqlitePackage } from '../../../dist/src/catalog/binding.js';

// In shared memory: whether it is over, and how often a file was opened and closed.
const { directory, how, shared } = workerData;
const paths = ['write.lock', 'maint.lock', 'catalog.db'].map((name) => join(directory, name));

// Another file, for the dynamic linker too: with a table of its own of who holds which lock.
function secondCopy() {
  const installed = createRequire(import.meta.url).resolve(`${sqlitePackage}/package.json`);
  const original = dirname(installed);
  const place = mkdtempSync(join(tmpdir(), 'timekv-copy-'));
  const modules = join(place, 'node_modules');
  mkdirSync(modules);
  for (const name of readdirSync(dirname(original))) {
    if (name === sqlitePackage || name.startsWith('.')) continue;
    symlinkSync(realpathSync(join(dirname(original), name)), join(modules, name));
  }
  cpSync(realpathSync(original), join(modules, sqlitePackage), {
    recursive: true,
    filter: (path) => !/\/(deps|src|obj|obj\.target)$/.test(path),
  });
  try {
    const Copy = createRequire(join(modules, 'any.js'))(sqlitePackage);
    new Copy(':memory:').close();
    return Copy;
  } finally {
    rmSync(place, { recursive: true });
  }
}

const Copy = how === 'sqlite' ? secondCopy() : undefined;

function touch(path) {
  if (Copy === undefined) {
    readFileSync(path);
  } else {
    const database = new Copy(path, { timeout: 0 });
    try {
      database.pragma('schema_version');
    } catch (error) {
      if (!error.code?.startsWith('SQLITE_BUSY')) throw error;
    }
    database.close();
  }
  Atomics.add(shared, 1, 1);
}

while (Atomics.load(shared, 0) === 0) {
  for (const path of paths) {
    touch(path);
    Atomics.wait(shared, 0, 0, 0.2);
  }
}
