/** Where the end registers of a busy writer's logs lie. */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { walFramesMax } from '../../src/base/limits.js';
import { nodeFileSystem } from '../../src/disk/file-system.js';
import { walDirectory } from '../../src/disk/names.js';
import { openEngine, put } from '../support/engines.js';
import { temporaryDirectory } from '../support/temporary-directory.js';

it('behind logs of many frames they are apart from the next ones', async () => {
  const directory = join(temporaryDirectory(), 'store');
  const engine = await openEngine(directory, {}, { durability: 'process' });
  const seen = new Set<string>();
  // Files that follow one another share a block of inodes fifteen times in sixteen.
  for (let rotations = 0; rotations < 3; rotations++) {
    for (let i = 0; i < walFramesMax; i++) await put(engine, `k${i % 9}`, 'x');
    const wal = walDirectory(directory);
    const newest = nodeFileSystem
      .list(wal)
      .filter((name) => name.endsWith('.wal'))
      .sort((a, b) => (a < b ? -1 : 1))
      .at(-1)!;
    seen.add(newest);
    const [log, register] = [newest, newest.replace(/wal$/, 'end')].map((name) =>
      Math.floor((statSync(join(wal, name)).ino - 1) / 16),
    );
    expect(register).not.toBe(log);
  }
  expect(seen.size).toBe(3);
  await engine.close();
});
