/**
 * Segments made in a thread of their own, as a process does that fills one log after the other:
 * whatever becomes of the thread, or of the process, nothing is lost and nothing is left behind.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { segmentDirectory } from '../../src/disk/names.js';
import { open } from '../../src/index.js';
import { run } from '../cli/support/timekv.js';
import { packageRoot, start } from '../support/child.js';
import { temporaryDirectory } from '../support/temporary-directory.js';

const rows = 120_000;
const keys = 10_000;

interface Filled {
  threads: number;
  segments: number;
  waiting: { flushes: number; merges: number };
}

/** Checks the rows up to the one that was written last; answers how many there are. */
async function checkRows(directory: string): Promise<number> {
  const store = await open(directory);
  let found = 0;
  let last = 0;
  for (const { key, timestamp, value } of store.versions()) {
    const isRight = value?.startsWith(`value ${timestamp} v`) === true;
    if (!isRight || key !== `key/${(timestamp * 7919) % keys}`) {
      throw new Error(`${key} has ${value?.slice(0, 20)} at ${timestamp}`);
    }
    found += 1;
    last = Math.max(last, timestamp);
  }
  const { damages } = await store.verify();
  const listed = (await store.stats()).segments.count;
  await store.close();
  expect(damages).toEqual([]);
  expect(found).toBe(last); // No row before the last one is missing.
  expect(readdirSync(segmentDirectory(directory))).toHaveLength(listed);
  return found;
}

describe('a process that fills one log after the other', () => {
  it('has its segments made in a thread, which ends with the store', async () => {
    const directory = join(temporaryDirectory(), 'store');
    const child = start('fill-quickly', { directory, rows, keys });
    const { threads, segments, waiting } = await child.answer<Filled>();
    expect(threads).toBe(1);
    expect(waiting.flushes).toBe(0);
    expect(segments).toBeGreaterThan(0);
    expect(await checkRows(directory)).toBe(rows);
  });

  it('does so as a command too, whichever one has filled the code cache', async () => {
    const root = temporaryDirectory();
    const directory = join(root, 'store');
    const environment = {
      XDG_CACHE_HOME: join(root, 'cache'),
      NODE_OPTIONS: `--import ${join(packageRoot, 'test/support/programs/tell-threads.mjs')}`,
    };
    for (const words of ['set a 1', 'get a']) {
      const { stderr } = await run(directory, words.split(' '), { environment });
      expect(stderr).toBe('threads: 0\n');
    }
    const line = (_: unknown, at: number): string =>
      `key/${(at * 7919) % keys},${at},${'v'.repeat(80)}\n`;
    const input = `key,timestamp,value\n${Array.from({ length: rows }, line).join('')}`;
    const { code, stderr } = await run(directory, ['import'], { environment, input });
    expect({ code, stderr }).toEqual({ code: 0, stderr: 'threads: 1\n' });
  });

  it.each([0, 40, 80, 160])('makes them itself if the thread dies after %d ms', async (lives) => {
    const directory = join(temporaryDirectory(), 'store');
    const child = start('fill-quickly', { directory, rows, keys, threadLivesMs: lives });
    const { threads, waiting } = await child.answer<Filled>();
    expect(threads).toBe(1); // No second try.
    expect(waiting.flushes).toBe(0);
    expect(await checkRows(directory)).toBe(rows);
  });

  it('may be killed while they are made', { timeout: 120_000 }, async () => {
    const directory = join(temporaryDirectory(), 'store');
    for (const round of [1, 2, 3, 4, 5]) {
      const child = start('fill-quickly', { directory, rows: 10 * rows, keys });
      await child.printed(`\n${round}`); // Some parts of the load are committed.
      await new Promise((resolve) => setTimeout(resolve, 400 + 83 * round));
      child.process.kill('SIGKILL');
      const { stdout } = await child.finished;
      const told = Number(stdout.trimEnd().split('\n').at(-1));
      const store = await open(directory);
      await store.set('swept', 'v', 0);
      await store.delete('swept', 0);
      await store.compact();
      expect(told).toBeGreaterThan(0);
      expect(store.get(`key/${(told * 7919) % keys}`, told)).toContain(`value ${told} v`);
      const listed = (await store.stats()).segments.count;
      expect(readdirSync(segmentDirectory(directory))).toHaveLength(listed);
      await store.close();
    }
  });
});
