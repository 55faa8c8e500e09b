/** `verify`: each kind of damage is found and named, and nothing else is taken for damage. */
import { readdirSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { open, verify, type Damage } from '../../src/index.js';
import { copyInto, flip, largestFile, lastByte, type Change } from '../support/damaged-files.js';
import { expectRefusal } from '../support/expect-refusal.js';
import { openAs } from '../support/stores.js';
import { temporaryDirectory } from '../support/temporary-directory.js';
import { fillStore, type FilledStore } from './support/filled-store.js';

const parent = temporaryDirectory();
let filled: FilledStore;

beforeAll(async () => {
  filled = await fillStore(join(parent, 'whole'));
});

/** What is found in a copy in which one file was changed; paths are told from the store on. */
async function found(change: Change, file: string): Promise<Damage[]> {
  const copy = copyInto(join(parent, 'damaged'), filled.directory, change, file);
  const { damages } = await verify(copy);
  return damages.map((damage) => ({ ...damage, file: damage.file.slice(copy.length + 1) }));
}

const cutTo = (bytes: number) => (path: string) => {
  truncateSync(path, bytes);
};

const remove: Change = (path) => {
  rmSync(path);
};

describe('a store with nothing wrong', () => {
  test('is told to be clean, by an open one, a read-only one, and without opening it', async () => {
    const report = await verify(filled.directory);
    expect(report).toMatchObject({ damages: [], leftovers: [], losses: [] });
    expect(report.entries).toBe(filled.entries);
    for (const options of [{}, { readOnly: true }]) {
      const store = await openAs(filled.directory, options);
      expect(await store.verify()).toEqual(report);
      await store.close();
    }
    const inMemory = await open(':memory:');
    await inMemory.set('k', 'v');
    expect(await inMemory.verify()).toMatchObject({ files: 0, entries: 1, damages: [] });
  });

  test('is none where there is no store', async () => {
    const nowhere = join(parent, 'nowhere');
    await expectRefusal('ERR_TIMEKV_NO_STORE', () => verify(nowhere));
    const store = await openAs(nowhere);
    expect(await store.verify()).toMatchObject({ files: 0, damages: [] });
    await store.close();
  });

  test('stays clean while others write, flush, merge and compact', async () => {
    const directory = join(parent, 'busy');
    const store = await openAs<string>(directory, { durability: 'process' });
    await store.set('k', 'v', 0);
    const over = new AbortController();
    const writing = (async () => {
      for (let at = 1; at < 12; at++) {
        for (let i = 0; i < 40; i++) await store.set(`k${i}`, 'v'.repeat(2000), at);
        if (at % 2 === 0) await store.snapshot();
        if (at % 3 === 0) await store.compact({ full: true });
      }
      over.abort();
    })();
    let times = 0;
    for (; !over.signal.aborted; times++) {
      const { damages } = await verify(directory);
      expect(damages).toEqual([]);
    }
    await writing;
    expect(times).toBeGreaterThan(3);
    expect((await store.verify()).entries).toBe(1 + 11 * 40);
    await store.close();
  });

  test('may have files that nothing leads to, which are no damage', async () => {
    const stray = `segments/${'0'.repeat(32)}.seg`;
    const add: Change = (path) => {
      writeFileSync(path, 'half a segment');
    };
    const copy = copyInto(join(parent, 'damaged'), filled.directory, add, stray);
    const report = await verify(copy);
    expect(report.damages).toEqual([]);
    expect(report.leftovers).toEqual([join(copy, stray)]);
  });
});

describe('damage is named with file, offset and loss', () => {
  test.each<[string, Change, Partial<Damage>]>([
    ['missing', remove, { offset: 0, what: 'the file is missing' }],
    [
      'cut off',
      cutTo(1000),
      { offset: 1000, what: expect.stringContaining('instead of') as string },
    ],
    ['empty', cutTo(0), { offset: 0 }],
    ['with another byte in its header', flip(20), { offset: 0 }],
  ])('a segment that is %s', async (_, change, damage) => {
    const file = largestFile(filled.directory, 'segments', '.seg');
    const damages = await found(change, file);
    expect(damages).toMatchObject([{ file, ...damage }]);
    expect(damages[0]?.lost).toMatch(/^all \d+ versions in it: keys from "key\/00"/);
  });

  test('a block of a segment', async () => {
    const file = largestFile(filled.directory, 'segments', '.seg');
    const damages = await found(flip(200), file);
    expect(damages).toEqual([
      {
        file,
        offset: 64,
        what: 'the checksum of a data block does not match',
        lost: expect.stringMatching(/^versions of keys from "key\/00" to "key\/\d+"$/) as string,
      },
    ]);
  });

  test('a segment in place of another', async () => {
    const [one = '', two = ''] = readdirSync(join(filled.directory, 'segments'));
    const damages = await found((path) => {
      renameSync(join(path, '..', two), path);
    }, `segments/${one}`);
    expect(damages.map(({ file, what }) => [file, what])).toEqual(
      expect.arrayContaining([
        [`segments/${two}`, 'the file is missing'],
        [`segments/${one}`, expect.stringMatching(/bytes instead of|another file/)],
      ]),
    );
    expect(damages).toHaveLength(2);
  });

  test.each<[string, Change, Partial<Damage>]>([
    ['missing', remove, { offset: 0, what: 'the file is missing' }],
    ['empty', cutTo(0), { offset: 0, what: 'the file header is not one that was written' }],
    ['with another header', flip(25), { offset: 0, lost: 'what is in the file, of any key' }],
  ])('a live log that is %s', async (_, change, damage) => {
    const damages = await found(change, filled.liveLog);
    expect(damages[0]).toMatchObject({ file: filled.liveLog, ...damage });
  });

  test('a frame in the log, in its middle and at its end', async () => {
    const end = lastByte(join(filled.directory, filled.liveLog));
    const [middle, ...none] = await found(flip(Math.floor(end / 2)), filled.liveLog);
    expect(none).toEqual([]);
    expect(middle).toMatchObject({ file: filled.liveLog });
    expect(middle?.what).toMatch(/^frame \d+ cannot be read$/);
    expect(middle?.lost).toMatch(/^seqs \d+ to \d+, of any key$/);
    const last = await found(flip(end - 100), filled.liveLog);
    expect(last).toMatchObject([
      { what: expect.stringMatching(/at its end cannot be read$/) as string },
    ]);
  });

  test('a log that is only kept for watchers', async () => {
    const damages = await found(flip(300), filled.keptLog);
    expect(damages).toMatchObject([{ file: filled.keptLog, offset: 128 }]);
    expect(await found(remove, filled.keptLog)).toMatchObject([{ what: 'the file is missing' }]);
  });

  test.each<[string, Change, string]>([
    ['missing', remove, 'the file is missing'],
    ['empty', cutTo(0), 'the end register is empty'],
    ['filled with something else', flip(1, 2), 'a byte has no meaning'],
  ])('an end register that is %s', async (_, change, what) => {
    const file = filled.liveLog.replace(/wal$/, 'end');
    expect(await found(change, file)).toMatchObject([{ file, what }]);
  });

  test('a register of a kept log that has lost its end', async () => {
    const file = filled.keptLog.replace(/wal$/, 'end');
    expect(await found(cutTo(3), file)).toMatchObject([{ file, offset: 3 }]);
  });

  test.each<[string, Change]>([
    ['missing', remove],
    ['empty', cutTo(0)],
    ['no SQLite file', flip(0, 64)],
    ['with other bytes in its pages', flip(4096, 4000)],
    ['not marked as ours', flip(68)],
  ])('a catalog that is %s, and still every file is checked by itself', async (_, change) => {
    const copy = copyInto(join(parent, 'damaged'), filled.directory, change, 'catalog.db');
    const segment = largestFile(filled.directory, 'segments', '.seg');
    flip(200)(join(copy, segment));
    const { damages, entries } = await verify(copy);
    expect(damages[0]).toMatchObject({
      file: join(copy, 'catalog.db'),
      offset: 0,
      lost: 'which files belong to the store',
    });
    expect(damages.at(-1)).toMatchObject({ file: join(copy, segment), offset: 64 });
    expect(entries).toBeGreaterThan(filled.entries / 2);
  });

  test('a lock that is no SQLite file', async () => {
    expect(await found(flip(0, 64), 'write.lock')).toMatchObject([
      { file: 'write.lock', offset: 0, lost: expect.stringContaining('remove the file') as string },
    ]);
  });
});

test('a store whose catalog is gone is not made anew over what is left of it', async () => {
  const copy = copyInto(join(parent, 'damaged'), filled.directory, remove, 'catalog.db');
  const before = readdirSync(copy, { recursive: true });
  await expectRefusal('ERR_TIMEKV_DAMAGED', () => openAs(copy));
  expect(readdirSync(copy, { recursive: true })).toEqual(before);
});
