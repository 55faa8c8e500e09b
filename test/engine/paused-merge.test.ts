/** A merge that many processes make together, each for a moment (decision 22). */
import { closeSync, cpSync, openSync, readdirSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { Kind } from '../../src/base/entry.js';
import { pausedPath, parsePausedFile, segmentDirectory } from '../../src/disk/names.js';
import { mergeSegments } from '../../src/engine/compaction.js';
import { systemEnvironment } from '../../src/engine/environment.js';
import { LiveFiles } from '../../src/engine/live-files.js';
import { pausedMerges, takeUpPaused } from '../../src/engine/paused-merge.js';
import { keepOf, type Policy } from '../../src/engine/policy.js';
import { policyOf, timesOf } from '../../src/engine/retention.js';
import type { Rules } from '../../src/engine/survivors.js';
import type { Keep } from '../../src/engine/trimming.js';
import { MiB } from '../../src/base/limits.js';
import { Slices } from '../../src/base/slices.js';
import { entriesOf, openEngine, put } from '../support/engines.js';
import { write } from '../support/judging.js';
import { temporaryDirectory } from '../support/temporary-directory.js';

const pausedIn = (directory: string): string[] =>
  readdirSync(segmentDirectory(directory)).flatMap((file) => parsePausedFile(file) ?? []);

const kept = 2;
const counting: Policy = { keepFor: undefined, keepVersions: kept };

/** Two segments with all that entries can be: in both of them one key has a long history. */
async function filled(withTraits: boolean, policy?: Policy): Promise<string> {
  const directory = join(temporaryDirectory(), 'store');
  const engine = await openEngine(directory, {}, { durability: 'process', unit: 'tick' });
  let at = 0;
  for (const part of [0, 1]) {
    for (let round = 0; round < 8; round++) {
      const writes = Array.from({ length: 500 }, (_, number) => {
        at += 1;
        const key = number % 2 === 0 ? 'long' : `key ${(number * 7919 + round) % 5000}`;
        const expiresAt = withTraits && number % 3 === 0 ? at + 1000 : undefined;
        const value = number % 100 === 0 ? 'x'.repeat(5000) : `value ${at}`;
        return put(engine, key, value, { at, ...(expiresAt !== undefined && { expiresAt }) });
      });
      await Promise.all(writes);
    }
    if (withTraits) {
      if (part === 1) await engine.expire(600);
      await engine.commit({
        writes: ['key 7', 'key 4007'].map((key) => write(key, { kind: Kind.historyErasure })),
        nowPerWrite: false,
      });
    }
    await engine.checkpoint();
  }
  await engine.close();
  if (policy !== undefined) await store(directory, policy);
  return directory;
}

/** Where nothing is written, nothing is merged either. */
async function store(directory: string, policy: Policy | undefined): Promise<void> {
  const engine = await openEngine(directory);
  await engine.setPolicy(policy);
  await engine.close();
}

/** As another process each time. */
async function asProcess<T>(directory: string, work: (files: LiveFiles) => Promise<T>): Promise<T> {
  const files = LiveFiles.open({
    environment: systemEnvironment(),
    directory,
    isReadOnly: false,
    memoryBytes: 8 * MiB,
    busyTimeoutMs: 1000,
    snapshot: undefined,
  });
  if (files === undefined) throw new Error('there is no store');
  try {
    return await work(files);
  } finally {
    files.close();
  }
}

/** So often it is asked whether to go on: at each look at the clock, as if no time were left. */
const slicesPerBit = 11;

/** Merges everything, up to the eleventh slice. */
function mergeABit(directory: string, goesOn = false): Promise<boolean> {
  const isOver = vi.spyOn(Slices.prototype, 'isOver', 'get').mockReturnValue(true);
  let slices = 0;
  return asProcess(directory, (files) => {
    const inputs = [...files.segments.handles].reverse();
    const [begun] = pausedMerges(
      files.place,
      inputs.map(({ row }) => row.id),
    );
    return mergeSegments(files, {
      inputs,
      isDeflated: true,
      dropsErasures: false,
      keep: keepIn(files),
      paused: begun?.id,
      betweenSlices: () => !goesOn && ++slices === slicesPerBit,
      builder: undefined,
    });
  }).finally(() => {
    isOver.mockRestore();
  });
}

function keepIn(files: LiveFiles): Keep | undefined {
  const policy = policyOf(files.manifest);
  return policy && keepOf(policy, timesOf(files, files.refresh()));
}

async function contentOf(directory: string): Promise<string[]> {
  const engine = await openEngine(directory);
  const entries = entriesOf(engine);
  const { damages, leftovers } = await engine.verify();
  expect([damages, leftovers]).toEqual([[], []]);
  await engine.close();
  return entries;
}

const plain: Rules = { keepsErasures: true, expired: [], snapshots: [], retention: undefined };

describe('a merge in many pieces', () => {
  it.each([
    ['of plain versions', false, undefined],
    ['of versions that expire, are taken out and erased', true, undefined],
    ['of versions of which most are let go', false, counting],
  ])('%s comes to the same', async (_, withTraits, policy) => {
    const directory = await filled(withTraits, policy);
    const before = await contentOf(directory);
    const atOnce = join(temporaryDirectory(), 'store');
    cpSync(directory, atOnce, { recursive: true });
    expect(await mergeABit(atOnce, true)).toBe(true);
    let pauses = 0;
    while (!(await mergeABit(directory))) {
      pauses += 1;
      expect(pausedIn(directory)).toHaveLength(1);
      if (pauses === 3) expect(await contentOf(directory)).toEqual(before);
    }
    expect(pauses).toBeGreaterThan(policy === undefined ? 8 : 2);
    expect(pausedIn(directory)).toEqual([]);
    expect(readdirSync(segmentDirectory(directory))).toHaveLength(1);
    expect(await contentOf(directory)).toEqual(await contentOf(atOnce));
  });

  it('is begun anew where something was written over what was done', async () => {
    const directory = await filled(false);
    const before = await contentOf(directory);
    await mergeABit(directory);
    const [id] = pausedIn(directory);
    const path = pausedPath(directory, id!);
    // A key that the writer has in mind: all else of the state can be read still.
    const at = readFileSync(path).lastIndexOf('key ');
    const file = openSync(path, 'r+');
    writeSync(file, 'l', at);
    closeSync(file);
    await asProcess(directory, ({ place, manifest }) => {
      expect(
        pausedMerges(
          place,
          manifest.segments.map((row) => row.id),
        ),
      ).toEqual([]);
      return Promise.resolve();
    });
    expect(pausedIn(directory)).toEqual([]);
    expect(await mergeABit(directory, true)).toBe(true);
    expect(await contentOf(directory)).toEqual(before);
  });

  it('is gone on with by one process only', async () => {
    const directory = await filled(false);
    const before = readdirSync(segmentDirectory(directory));
    await mergeABit(directory);
    const [id] = pausedIn(directory);
    await asProcess(directory, ({ place }) => {
      expect(takeUpPaused(place, id!, plain)?.id).toBe(id);
      expect(takeUpPaused(place, id!, plain)).toBeUndefined();
      return Promise.resolve();
    });
    // What the first one has left is swept like any segment that nobody lists.
    const engine = await openEngine(directory);
    await put(engine, 'late', 'x');
    await engine.checkpoint();
    await engine.close();
    const after = readdirSync(segmentDirectory(directory));
    expect(after.filter((file) => !before.includes(file))).toHaveLength(1);
  });

  it('lets nothing go that a snapshot sees which was taken meanwhile', async () => {
    const directory = await filled(false, counting);
    const before = await contentOf(directory);
    await mergeABit(directory);
    const [begun] = pausedIn(directory);
    const engine = await openEngine(directory);
    await engine.takeSnapshot('all');
    await engine.close();
    expect(await mergeABit(directory, true)).toBe(true);
    expect(await contentOf(directory)).toEqual(before);
    expect(readdirSync(segmentDirectory(directory)).join()).not.toContain(begun);
  });

  it.each([
    ['nothing', undefined],
    ['more of them', { ...counting, keepVersions: kept + 1 }],
    ['all that are young', { ...counting, keepFor: 1000 }],
  ])('is begun anew where the policy asks for %s by now', async (_, policy) => {
    const directory = await filled(false, counting);
    const atOnce = join(temporaryDirectory(), 'store');
    cpSync(directory, atOnce, { recursive: true });
    await mergeABit(directory);
    expect(pausedIn(directory)).toHaveLength(1);
    for (const each of [directory, atOnce]) {
      await store(each, policy);
      expect(await mergeABit(each, true)).toBe(true);
    }
    expect(await contentOf(directory)).toEqual(await contentOf(atOnce));
  });

  it('is of no use, and goes, once its segments have been merged otherwise', async () => {
    const directory = await filled(false);
    await mergeABit(directory);
    const engine = await openEngine(directory);
    await engine.compact({ full: true, isDeflated: true });
    await engine.close();
    expect(pausedIn(directory)).toEqual([]);
    expect(readdirSync(segmentDirectory(directory))).toHaveLength(1);
  });
});
