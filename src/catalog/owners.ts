/**
 * Which copy of timekv has which SQLite files open in this thread. Two copies of the package in one
 * process (as duplicate dependencies give) bring two copies of SQLite, whose locks do not keep each
 * other out, and each of which drops the other's when it closes a file (POSIX locks belong to the
 * process). So the second one is refused.
 */
import { TimekvError } from '../base/errors.js';

interface Owner {
  copy: symbol;
  connections: number;
}

const thisCopy = Symbol('timekv');
const registryName = Symbol.for('timekv.owners');

/** The same map for all copies. */
function owners(): Map<string, Owner> {
  const shared = globalThis as { [registryName]?: Map<string, Owner> };
  return (shared[registryName] ??= new Map());
}

/** @throws ERR_TIMEKV_BUSY if another copy of timekv has the file open */
export function claim(path: string): void {
  const owner = owners().get(path);
  if (owner === undefined) {
    owners().set(path, { copy: thisCopy, connections: 1 });
  } else if (owner.copy === thisCopy) {
    owner.connections++;
  } else {
    throw new TimekvError(
      'ERR_TIMEKV_BUSY',
      `another copy of the timekv package in this process has ${path} open; let all of the program use one copy (npm ls timekv; npm dedupe)`,
      { file: path },
    );
  }
}

/** @param path claimed before */
export function disclaim(path: string): void {
  const owner = owners().get(path);
  if (owner !== undefined && --owner.connections === 0) owners().delete(path);
}
