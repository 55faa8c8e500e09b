/** The directory that everything measured works in: on a real disk, and gone at the end. */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What `statfs` calls a file system that lies in memory, where a sync costs nothing. */
const inMemory = 0x01021994;

export function makeWorkplace() {
  if (statfsSync(tmpdir()).type === inMemory) {
    console.error(`${tmpdir()} lies in memory; name a directory on a disk in TMPDIR`);
    process.exit(2);
  }
  const path = mkdtempSync(join(tmpdir(), 'timekv-bench-'));
  process.on('exit', () => rmSync(path, { recursive: true, force: true }));
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));
  return {
    path,
    /** A path in it; what lay there is gone. */
    fresh(name) {
      const fresh = join(path, name);
      rmSync(fresh, { recursive: true, force: true });
      return fresh;
    },
    freshDirectory(name) {
      const fresh = this.fresh(name);
      mkdirSync(fresh);
      return fresh;
    },
    empty() {
      for (const name of readdirSync(path)) rmSync(join(path, name), { recursive: true });
    },
  };
}
