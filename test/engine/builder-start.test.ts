/** When a process has segments made in another thread (decision 15). */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { builderMergeBytesMin, MiB, walFramesMax } from '../../src/base/limits.js';
import type { BuildJob } from '../../src/engine/build-jobs.js';
import type { DiskEngine } from '../../src/engine/disk-engine.js';
import { openEngine, put } from '../support/engines.js';
import { temporaryDirectory } from '../support/temporary-directory.js';

interface Asked {
  engine: DiskEngine;
  starts: () => number;
  jobs: BuildJob['kind'][];
}

/** An engine whose other thread does nothing, so that this one has to. */
async function openAsked(directory: string): Promise<Asked> {
  let starts = 0;
  const jobs: BuildJob['kind'][] = [];
  const makeBuilder = () => ({
    start: () => (starts += 1),
    build: ({ kind }: BuildJob) => {
      jobs.push(kind);
      return Promise.resolve(undefined);
    },
    close: () => undefined,
  });
  const options = { durability: 'process', memoryBytes: 64 * MiB } as const;
  const engine = await openEngine(directory, { makeBuilder }, options);
  return { engine, starts: () => starts, jobs };
}

const newDirectory = (): string => join(temporaryDirectory(), 'store');
const fill = async (engine: DiskEngine, mebibytes: number): Promise<void> => {
  for (let i = 0; i < mebibytes; i++) await put(engine, `k${i}`, 'x'.repeat(MiB));
};

describe('a thread for segments is started', () => {
  it('by who fills logs one after the other', async () => {
    const { engine, starts } = await openAsked(newDirectory());
    await fill(engine, 12);
    expect(starts()).toBeGreaterThan(0);
    await engine.close();
  });

  it('not by who fills them with thousands of small frames', async () => {
    const { engine, starts } = await openAsked(newDirectory());
    for (let i = 0; i < 3 * walFramesMax; i++) await put(engine, `k${i % 9}`, 'x');
    expect(engine.stats().waiting.flushes + engine.stats().segments.count).toBeGreaterThan(1);
    expect(starts()).toBe(0);
    await engine.close();
  });

  it.each([
    [builderMergeBytesMin / MiB + 2, ['merge']],
    [4, []],
  ])('for a merge, if it is large: %i MiB', async (mebibytes, wanted) => {
    const directory = newDirectory();
    const { engine: filling } = await openAsked(directory);
    await fill(filling, mebibytes);
    await filling.checkpoint();
    await filling.close();
    const { engine, jobs } = await openAsked(directory);
    await put(engine, 'late', 'x'); // However much was merged until now, there is something to do.
    await engine.compact({ full: true, isDeflated: false });
    expect(engine.stats().segments.count).toBe(1);
    expect(jobs).toEqual(wanted);
    await engine.close();
  });
});
