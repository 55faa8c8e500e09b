/**
 * FULL: a disk that gets full, of bytes or of inodes, at every step that writes. What does not fit is
 * refused in one clear line and leaves nothing behind; what was acknowledged stays, reads go on, and
 * once there is space again so does the same handle.
 */
import { mkdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { type FileSystem, nodeFileSystem } from '../../src/disk/file-system.js';
import type { Store } from '../../src/index.js';
import { openWith } from '../../src/open.js';
import { run } from '../cli/support/timekv.js';
import { start } from '../support/child.js';
import { amount, harnessSeed, isWhole, replayLine, report } from '../support/harness.js';
import { Random } from '../support/random.js';
import { say } from '../support/say.js';
import { fill, mountSmall, resize, unmount } from '../support/small-disk.js';
import { openAs } from '../support/stores.js';
import { type Action, Ledger } from './support/full-ledger.js';
import { LoopDisk } from './support/loop-disk.js';

const minutes = 60_000;
const roomy = 64 * 1024;
const probe = mountSmall(64);
if (probe === undefined) say('FULL: skipped, a tmpfs cannot be mounted here');
const ext4 = probe === undefined ? 'no mounts' : await LoopDisk.make();
if (typeof ext4 === 'string') say(`FULL: without inodes, since there is no ext4 disk: ${ext4}`);

/** The smallest tier makes the logs small too, so that they are rotated within little space. */
const smallest = { memory: 8 * 1024 * 1024 };
const open = (directory: string) => openAs<string>(directory, smallest);

/** So many writes, then one of these. */
const course: Action[] = ['snapshot', 'snapshot', 'snapshot', 'compact'];

/** Writes, flushes and merges until something does not fit, and then tries everything again. */
async function fillUp(store: Store, ledger: Ledger): Promise<void> {
  const isRefused = async (step: number): Promise<boolean> => {
    for (let i = 0; i < 20; i += 1) if (!(await ledger.try(store, 'write'))) return true;
    return !(await ledger.try(store, course[step % course.length] as Action));
  };
  for (let step = 0; !(await isRefused(step)); step += 1) {
    if (step > 10_000) throw new Error('the disk was never full');
  }
  ledger.check(store);
  for (const action of ['write', 'compact', 'write', 'snapshot', 'write'] as const) {
    await ledger.try(store, action);
    ledger.check(store);
  }
}

/** One store on a disk that gets full, and that `free` gives space again. */
async function live(disk: string, ledger: Ledger, free: () => void): Promise<void> {
  const directory = join(disk, 'store');
  const store = await open(directory);
  try {
    await fillUp(store, ledger);
    if (ledger.count > 0) {
      const reader = await openAs<string>(directory, { readOnly: true });
      ledger.check(reader);
      await reader.close();
    }
    free();
    await ledger.goOn(store);
  } finally {
    await store.close();
  }
  await ledger.checkReopened(directory);
}

/**
 * Takes all but so many bytes of the disk when a merge has written so often.
 * @returns true if the merge was refused for that, in its middle
 */
async function fullWhileMerging(
  disk: string,
  ledger: Ledger,
  { writes, leaving }: { writes: number; leaving: number },
): Promise<boolean> {
  const directory = join(disk, 'store');
  let left = Infinity;
  let taken: { free: () => void } | undefined;
  const fileSystem: FileSystem = {
    ...nodeFileSystem,
    write(file, bytes, position) {
      if (left-- === 0) taken = fill(disk, leaving);
      nodeFileSystem.write(file, bytes, position);
    },
  };
  const store = (await openWith(directory, smallest, { fileSystem })) as Store;
  for (let part = 0; part < 4; part += 1) {
    for (let i = 0; i < 60; i += 1) await ledger.try(store, 'write');
    await store.snapshot();
  }
  left = writes;
  const isMerged = await ledger.try(store, 'compact');
  ledger.check(store);
  taken?.free();
  await ledger.goOn(store);
  await store.close();
  await ledger.checkReopened(directory);
  return !isMerged && taken !== undefined;
}

/** Fills a disk by commands; answers how many versions were written before it was full. */
async function commandLine(disk: string, kibibytes: number): Promise<number> {
  const directory = join(disk, 'store');
  const value = (at: number) => 'x'.repeat(1 + ((at * 7919) % 9000));
  const lines = Array.from({ length: 1000 }, (_, at) => `set key ${value(at)} ${at}\n`);
  const batch = await run(directory, ['batch', '--json', '-'], { input: lines.join('') });
  expect(batch.code).toBe(1);
  const answers = batch.stdout.trimEnd().split('\n');
  expect(JSON.parse(answers.pop() ?? '')).toMatchObject({ error: { code: 'ERR_TIMEKV_IO' } });
  const large = await run(directory, ['set', 'large', '-'], {
    input: 'x'.repeat(kibibytes * 1024),
  });
  expect(large).toMatchObject({ code: 1, stdout: '' });
  expect(large.stderr).toMatch(/^timekv: .*disk is full.*\n$/);
  const before = await run(directory, ['history', 'key', '--format', 'ndjson']);
  const found = before.stdout.trimEnd().split('\n').filter(Boolean);
  expect(found.map((line) => (JSON.parse(line) as { value: string }).value)).toEqual(
    answers.map((_, at) => value(at)),
  );
  resize(disk, kibibytes + roomy);
  const after = await run(directory, ['set', 'key', 'after', '5000']);
  expect(after).toMatchObject({ code: 0, stdout: '', stderr: '' });
  expect((await run(directory, ['get', 'key', '5000'])).stdout).toBe('after\n');
  return answers.length;
}

/** Tells with a failure how to see it again. */
async function replayable(what: string, action: () => Promise<void>): Promise<void> {
  try {
    await action();
  } catch (error) {
    throw new Error(`${what}: ${String(error)}\n${replayLine('full-disk')}`, { cause: error });
  }
}

describe.skipIf(probe === undefined)('a disk that is full', () => {
  const mounted: string[] = [];
  const mount = (kibibytes: number): string => {
    const disk = mountSmall(kibibytes) as string;
    mounted.push(disk);
    return disk;
  };
  afterEach(() => {
    for (const disk of mounted.splice(0)) unmount(disk);
  });

  test(
    'of any size, in steps of 64 KiB',
    async () => {
      const startedAt = performance.now();
      const random = new Random(harnessSeed);
      const refused: Record<string, number> = {};
      const sizes = amount(50, 400);
      for (let step = 0; step < sizes; step += 1) {
        const kibibytes = 64 * step + 4 * random.integer(1, 17);
        const disk = mount(kibibytes);
        await replayable(`${kibibytes} KiB`, () =>
          live(disk, new Ledger(refused), () => {
            resize(disk, kibibytes + roomy);
          }),
        );
        unmount(disk);
      }
      report('FULL sizes', { sizes, ...refused }, startedAt);
      const seen = isWhole ? ['compactions', 'creations', 'snapshots', 'writes'] : ['creations'];
      expect(Object.keys(refused).sort()).toEqual(expect.arrayContaining(seen));
    },
    60 * minutes,
  );

  test(
    'in the middle of a compaction',
    async () => {
      const startedAt = performance.now();
      const random = new Random(harnessSeed);
      const merges = amount(12, 200);
      let refused = 0;
      for (let i = 0; i < merges; i += 1) {
        const disk = mount(roomy);
        const writes = random.integer(0, 4);
        const leaving = 4096 * random.integer(0, 16);
        await replayable(`${leaving} bytes left after ${writes} writes`, async () => {
          if (await fullWhileMerging(disk, new Ledger({}), { writes, leaving })) refused += 1;
        });
        unmount(disk);
      }
      report('FULL compactions', { merges, 'refused in the middle': refused }, startedAt);
      // A merge here writes more than is ever left: one that was not refused has met no full disk.
      expect(refused).toBe(merges);
    },
    60 * minutes,
  );

  test(
    'for files larger than a limit, where a write is cut short',
    async () => {
      const startedAt = performance.now();
      const random = new Random(harnessSeed);
      const limits = amount(6, 60);
      let written = 0;
      for (let i = 0; i < limits; i += 1) {
        const bytes = random.integer(40_000, 400_000);
        await replayable(`files of ${bytes} bytes`, async () => {
          const directory = join(mount(roomy), 'store');
          const child = start('full-disk', { directory, bytes });
          const { acknowledged, faults } = await child.answer<{
            acknowledged: number;
            faults: string[];
          }>();
          expect(faults).toEqual([]);
          written += acknowledged;
        });
      }
      report('FULL short writes', { limits, 'batches written': written }, startedAt);
      expect(written).toBeGreaterThan(0);
    },
    60 * minutes,
  );

  test(
    'as the command line tells it',
    async () => {
      const startedAt = performance.now();
      const random = new Random(harnessSeed);
      const sizes = amount(3, 40);
      let written = 0;
      for (let i = 0; i < sizes; i += 1) {
        // The first has space for a store and some versions, so that not only creations are refused.
        const kibibytes = i === 0 ? 1600 : 4 * random.integer(40, 400);
        const disk = mount(kibibytes);
        await replayable(`${kibibytes} KiB`, async () => {
          written += await commandLine(disk, kibibytes);
        });
        unmount(disk);
      }
      report('FULL commands', { sizes, 'versions written': written }, startedAt);
      expect(written).toBeGreaterThan(0);
    },
    60 * minutes,
  );

  test.skipIf(typeof ext4 === 'string')(
    'of inodes, on ext4',
    async () => {
      const startedAt = performance.now();
      const disk = ext4 as LoopDisk;
      const refused: Record<string, number> = {};
      const counts = amount(20, 40);
      for (let left = 0; left < counts; left += 1) {
        await disk.format({ kibibytes: 65_536, inodes: 128 });
        await disk.mount();
        await replayable(`${left} inodes left`, async () => {
          const fillers = join(disk.path, 'fillers');
          mkdirSync(fillers);
          const takes = statfsSync(disk.path).ffree - left;
          for (let i = 0; i < takes; i += 1) writeFileSync(join(fillers, String(i)), '');
          await live(disk.path, new Ledger(refused), () => {
            rmSync(fillers, { recursive: true });
          });
        });
        await disk.unmount();
      }
      report('FULL inodes', { 'counts of inodes': counts, ...refused }, startedAt);
      expect(Object.keys(refused)).toContain('creations');
    },
    60 * minutes,
  );
});
