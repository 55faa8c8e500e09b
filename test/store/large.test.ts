/** A key with a million versions, and a store ten times larger than its memory tier (rule 9). */
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Stats } from '../../src/options.js';
import { start } from '../support/child.js';
import { openAs } from '../support/stores.js';
import { temporaryDirectory } from '../support/temporary-directory.js';
import { say } from '../support/say.js';

const MiB = 2 ** 20;

describe('a key with 1,000,000 versions', () => {
  test('is read at old and new times, and in parts', { timeout: 120_000 }, async () => {
    const directory = join(temporaryDirectory(), 'store');
    const versions = 1_000_000;
    const child = start('million', { directory, versions, keys: 1 });
    const { count, loadMs } = await child.answer<{ count: number; loadMs: number }>();
    say(`1,000,000 versions of one key loaded in ${(loadMs / 1000).toFixed(1)} s`);
    expect(count).toBe(versions);
    const store = await openAs<string>(directory);
    for (let at = 0; at < versions; at += 9973) {
      if (store.get('one', at) !== `value ${at}`) throw new Error(`wrong as of ${at}`);
    }
    expect(store.get('one', -1)).toBeUndefined();
    expect(store.get('one', versions * 2)).toBe(`value ${versions - 1}`);
    expect(store.version('one', 500_000)?.seq).toBe(500_001);
    const times = (options: object): number[] =>
      [...store.history('one', options)].map(({ timestamp }) => timestamp);
    expect(times({ limit: 3 })).toEqual([0, 1, 2]);
    expect(times({ limit: 2, reverse: true })).toEqual([999_999, 999_998]);
    expect(times({ from: 700_000, to: 700_002 })).toEqual([700_000, 700_001, 700_002]);
    expect(times({ to: 600_000, limit: 2, reverse: true })).toEqual([600_000, 599_999]);
    expect([...store.keys({ at: 5 })]).toEqual(['one']);
    let whole = 0;
    for (const { timestamp } of store.history('one')) whole += timestamp === whole ? 1 : 0;
    expect(whole).toBe(versions);
    await store.set('one', 'in between', 500_000);
    expect([store.get('one', 500_000), store.get('one', 500_001)]).toEqual([
      'in between',
      'value 500001',
    ]);
    await store.close();
  });
});

interface Answer {
  peak: number;
  faults: number;
  peaks: Record<string, { mebibytes: number; ms: number }>;
  stats: Stats;
}

const frugal = ['--max-semi-space-size=2', '--max-old-space-size=24'];
/** What V8 lets its young generation grow to by default. */
const youngGeneration = (Number(process.versions.node.split('.')[0]) < 24 ? 32 : 64) * MiB;

describe('a store ten times larger than the memory tier', () => {
  test.each([
    ['small values', { keys: 20_000, versionsEach: 5, valueBytes: 900 }, frugal, 0],
    ['large values', { keys: 100, versionsEach: 4, valueBytes: 256 * 1024 }, frugal, 0],
    [
      'small values, and V8 as it comes',
      { keys: 20_000, versionsEach: 5, valueBytes: 900 },
      [],
      youngGeneration,
    ],
  ])(
    'stays within the bound on resident memory: %s',
    { timeout: 120_000 },
    async (_, shape, nodeFlags, nodesOwn) => {
      const directory = join(temporaryDirectory(), 'store');
      const memory = 8 * MiB;
      const bare = await start('bare', {}, { nodeFlags }).answer<{ peak: number }>();
      const child = start('larger-than-memory', { directory, memory, ...shape }, { nodeFlags });
      const { peak, peaks, faults, stats } = await child.answer<Answer>();
      const bound = bare.peak + 1.25 * memory + 3 * shape.valueBytes + 48 * MiB + nodesOwn;
      const mebibytes = (bytes: number): number => Math.round(bytes / MiB);
      const steps = Object.entries(peaks).map(
        ([name, at]) => `${name} ${at.mebibytes} MiB ${Math.round(at.ms)} ms`,
      );
      const limits = `of at most ${mebibytes(bound)} MiB (bare Node ${mebibytes(bare.peak)})`;
      say(`peak ${mebibytes(peak)} ${limits}; ${steps.join(', ')}`);
      expect(faults).toBe(0);
      expect(stats.segments.bytes).toBeGreaterThan(10 * memory);
      expect(peak).toBeLessThanOrEqual(bound);
    },
  );
});
