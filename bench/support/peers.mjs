/** What timekv is measured beside, where it is there. */
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { join } from 'node:path';

/** For packages of bench/package.json. */
export const peersRequire = createRequire(join(import.meta.dirname, '../package.json'));

/** Whether a package of bench/package.json is installed; says so where it is not. */
export function hasPackage(name, results) {
  try {
    peersRequire.resolve(name);
    return true;
  } catch {
    results.note(`skipped ${name}: not installed; npm ci --prefix bench`);
    return false;
  }
}

/** Whether the system has a program; says so where it has not. */
export function hasProgram(name, results) {
  // Of some what it prints is all there is to go by: wrk ends with 1 when it was asked for its version.
  const { stdout } = spawnSync(name, ['--version'], { encoding: 'utf8' });
  const version = /\d+(?:\.\d+)+\S*/.exec(stdout ?? '')?.[0];
  if (version === undefined) results.note(`skipped ${name}: there is no such program`);
  else results.note(`${name} is ${version}`);
  return version !== undefined;
}
