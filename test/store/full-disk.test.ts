/**
 * A disk that is full: the write that does not fit says so, nothing acknowledged is lost, reads go
 * on, and after space is freed so do writes. On a small tmpfs, which takes root to mount.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type Store, TimekvError } from '../../src/index.js';
import { fill, mountSmall, unmount } from '../support/small-disk.js';
import { openAs } from '../support/stores.js';
import { say } from '../support/say.js';

const KiB = 1024;

const probe = mountSmall(64);
if (probe === undefined) say('full disk: skipped, a tmpfs cannot be mounted here');

const valueOf = (i: number): string => `${i}:`.padEnd(1 + ((i * 7919) % 3000), 'x');

/** Writes until it is refused; answers how many were acknowledged, and the refusal. */
async function writeUntilFull(
  store: Store,
  from: number,
): Promise<{ acknowledged: number; error: TimekvError }> {
  for (let i = from; ; i += 1) {
    try {
      await store.set(`key ${i % 10}`, valueOf(i), i);
    } catch (error) {
      if (error instanceof TimekvError) return { acknowledged: i, error };
      throw error;
    }
    if (i > 100_000) throw new Error('the disk was never full');
  }
}

function expectAll(store: Store, count: number): void {
  for (let i = 0; i < count; i += 1) {
    if (store.get(`key ${i % 10}`, i) !== valueOf(i)) throw new Error(`version ${i} is not there`);
  }
}

describe.skipIf(probe === undefined)('on a full disk', () => {
  // Different amounts of free space end in different places: the log, its end register, a flush,
  // the catalog.
  test.each([0, 4, 20, 36, 100, 500, 2000, 4200, 9000, 14_000])(
    'with %i KiB left nothing acknowledged is lost, and writing goes on later',
    async (kibibytes) => {
      const disk = mountSmall(60_000) as string;
      const directory = join(disk, 'store');
      const store = await openAs<string>(directory);
      await store.set('key 0', valueOf(0), 0);
      const { free } = fill(disk, kibibytes * KiB);
      const { acknowledged, error } = await writeUntilFull(store, 1);
      expect(['ERR_TIMEKV_IO', 'ERR_TIMEKV_OUTCOME_UNKNOWN']).toContain(error.code);
      expect(error.message).toMatch(/full/);
      expectAll(store, acknowledged);
      const again = await writeUntilFull(store, acknowledged);
      expectAll(store, again.acknowledged);
      const reader = await openAs<string>(directory, { readOnly: true });
      expectAll(reader, again.acknowledged);
      await reader.close();

      free();
      const mended = await goOn(store, directory, again.acknowledged);
      expectAll(mended, again.acknowledged + 100);
      await mended.snapshot();
      expectAll(mended, again.acknowledged + 100);
      await mended.close();
      const after = await openAs<string>(directory);
      expectAll(after, again.acknowledged + 100);
      const numbers = [...after.keys({ all: true })].flatMap((key) => [...after.history(key)]);
      const seqs = numbers.map(({ seq }) => seq).sort((a, b) => a - b);
      expect(new Set(seqs).size).toBe(seqs.length);
      await after.close();
      unmount(disk);
    },
    30_000,
  );

  test('that has no inodes left is told as full, though SQLite does not say so', async () => {
    const disk = mountSmall(4000, 2) as string;
    const store = await openAs<string>(join(disk, 'store'));
    await expect(store.set('k', 'v', 1)).rejects.toMatchObject({
      code: 'ERR_TIMEKV_IO',
      message: expect.stringMatching(
        /write\.lock: the disk is full, it has no inodes left/,
      ) as string,
    });
    await store.close();
    unmount(disk);
  });

  test('a store is created once there is space, and not before', async () => {
    const disk = mountSmall(4000) as string;
    const directory = join(disk, 'store');
    const { free } = fill(disk, 0);
    const store = await openAs<string>(directory);
    await expect(store.set('k', 'v', 1)).rejects.toMatchObject({ code: 'ERR_TIMEKV_IO' });
    expect(store.get('k', 1)).toBeUndefined();
    free();
    const mended = await goOn(store, directory, 0);
    expectAll(mended, 100);
    await mended.close();
    expect(readdirSync(directory)).toContain('catalog.db');
    unmount(disk);
  });
});

/** Writes 100 more. A handle that an unknown outcome has poisoned is opened again first. */
async function goOn(store: Store, directory: string, from: number): Promise<Store> {
  let current = store;
  for (let i = from; i < from + 100; i += 1) {
    try {
      await current.set(`key ${i % 10}`, valueOf(i), i);
    } catch (error) {
      if (!(error instanceof TimekvError) || error.code !== 'ERR_TIMEKV_POISONED') throw error;
      await current.close();
      current = await openAs<string>(directory);
      await current.set(`key ${i % 10}`, valueOf(i), i);
    }
  }
  return current;
}
