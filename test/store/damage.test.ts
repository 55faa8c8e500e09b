/**
 * Rule 11: bytes that are not what was written are never answered from. A read whose answer could
 * lie there fails with file and offset; every other read answers.
 */
import { rmSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Store, TimekvError } from '../../src/index.js';
import { copyInto, flip, largestFile, lastByte } from '../support/damaged-files.js';
import { diskState } from '../support/disk-state.js';
import { expectRefusal } from '../support/expect-refusal.js';
import { openAs } from '../support/stores.js';
import { temporaryDirectory } from '../support/temporary-directory.js';
import { say } from '../support/say.js';

const keyCount = 40;
const lastTime = 25;
const parent = temporaryDirectory();
const keyOf = (key: number): string => `key/${String(key).padStart(3, '0')}`;
const valueOf = (key: number, at: number): string =>
  `${key}:${at}:`.padEnd((key * 37 + at * 11) % 200, 'v').padEnd(key === 7 ? 6000 : 0, 'w');

async function build(name: string, isFlushed: boolean): Promise<string> {
  const directory = join(parent, name);
  const store = await openAs<string>(directory, { durability: 'process' });
  for (let at = 1; at <= lastTime; at += 1) {
    const keys = Array.from({ length: keyCount }, (_, key) => key);
    await store.batch(
      keys.map((key) => ({ type: 'set', key: keyOf(key), value: valueOf(key, at), at })),
    );
  }
  if (isFlushed) await store.compact({ full: true });
  await store.close();
  return directory;
}

function damagedCopy(directory: string, change: (path: string) => void, file: string): string {
  return copyInto(join(parent, 'damaged'), directory, change, file);
}

interface Tally {
  right: number;
  refused: number;
  /** Names of files that errors named. */
  files: Set<string>;
}

function isDamage(error: unknown): error is TimekvError {
  return error instanceof TimekvError && error.code === 'ERR_TIMEKV_DAMAGED';
}

/** Every answer is right or refused as damage with its place. */
async function readAll(directory: string, options: object): Promise<Tally> {
  const tally: Tally = { right: 0, refused: 0, files: new Set() };
  const attempt = (action: () => boolean): void => {
    try {
      if (!action()) throw new Error('a wrong answer');
      tally.right += 1;
    } catch (error) {
      if (!isDamage(error)) throw error;
      expect(typeof error.offset).toBe('number');
      expect(error.message).toContain(error.file);
      tally.files.add(error.file ?? '');
      tally.refused += 1;
    }
  };
  let store: Store;
  try {
    store = await openAs<string>(directory, options);
  } catch (error) {
    if (!isDamage(error)) throw error;
    return { ...tally, refused: 1, files: new Set([error.file ?? '']) };
  }
  for (let key = 0; key < keyCount; key += 1) {
    for (const at of [1, 13, lastTime]) {
      attempt(() => store.get(keyOf(key), at) === valueOf(key, at));
    }
  }
  attempt(() => [...store.scan({ at: 2 })].every(({ value }, key) => value === valueOf(key, 2)));
  attempt(() => [...store.keys({ at: 2 })].length === keyCount);
  for (let key = 0; key < keyCount; key += 1) {
    attempt(() =>
      [...store.history(keyOf(key))].every(({ value }, i) => value === valueOf(key, i + 1)),
    );
  }
  attempt(() => [...store.history(keyOf(9), { reverse: true })].length === lastTime);
  attempt(() => store.get('no such key', lastTime) === undefined);
  await store.close();
  return tally;
}

const questions = keyCount * 4 + 4;

describe('a damaged segment', () => {
  let directory = '';
  let file = '';
  let bytes = 0;
  beforeAll(async () => {
    directory = await build('flushed', true);
    file = largestFile(directory, 'segments', '.seg');
    bytes = statSync(join(directory, file)).size;
  });

  test('without damage everything is readable', async () => {
    expect(await readAll(directory, {})).toMatchObject({ right: questions, refused: 0 });
  });

  test('a flipped byte anywhere gives no wrong answer, and names the file', async () => {
    const tallies = [];
    for (let i = 0; i < 120; i += 1) {
      const offset = Math.floor(((i + 0.5) * bytes) / 120);
      const copy = damagedCopy(directory, flip(offset), file);
      const tally = await readAll(copy, { readOnly: i % 2 === 0 });
      for (const name of tally.files) expect(name).toBe(join(copy, file));
      tallies.push(tally);
    }
    const noticed = tallies.filter(({ refused }) => refused > 0).length;
    const mostlyReadable = tallies.filter(({ right }) => right > questions * 0.8).length;
    say(
      `segment of ${bytes} bytes: ${noticed} of 120 flipped bytes were met by a read; ` +
        `beside ${mostlyReadable} of 120 more than 80 % stays readable`,
    );
    expect(noticed).toBeGreaterThan(100);
    expect(mostlyReadable).toBeGreaterThan(100);
  });

  test.each([
    [
      'cut off',
      (path: string) => {
        truncateSync(path, 5000);
      },
    ],
    [
      'emptied',
      (path: string) => {
        truncateSync(path, 0);
      },
    ],
    [
      'gone',
      (path: string) => {
        rmSync(path);
      },
    ],
    [
      'longer than it was',
      (path: string) => {
        truncateSync(path, 10_000_000);
      },
    ],
  ])('%s is named', async (_, change) => {
    const copy = damagedCopy(directory, change, file);
    const tally = await readAll(copy, {});
    expect(tally.refused).toBeGreaterThan(0);
    expect([...tally.files]).toEqual([join(copy, file)]);
  });

  test('a store with a damaged segment goes on taking writes and answering from them', async () => {
    const copy = damagedCopy(directory, flip(2000), file);
    const store = await openAs<string>(copy);
    for (let at = 100; at < 110; at += 1) await store.set('new', `${at}`, at);
    expect(store.get('new', 105)).toBe('105');
    await store.close();
    const again = await openAs<string>(copy);
    expect(again.get('new', 109)).toBe('109');
    await again.close();
  });

  test('compaction does not carry damage on', async () => {
    const copy = damagedCopy(directory, flip(2000), file);
    const store = await openAs<string>(copy);
    await store.set('new', 'v', 1);
    const error = await expectRefusal('ERR_TIMEKV_DAMAGED', () => store.compact({ full: true }));
    expect(error.file).toBe(join(copy, file));
    expect(store.get('new', 1)).toBe('v');
    await store.close();
  });
});

describe('a damaged log', () => {
  let directory = '';
  let file = '';
  let used = 0;
  beforeAll(async () => {
    directory = await build('in the log', false);
    file = largestFile(directory, 'wal', '.wal');
    used = lastByte(join(directory, file)) + 1;
  });

  test('a flipped byte anywhere gives no wrong answer, and names the file', async () => {
    let noticed = 0;
    for (let i = 0; i < 120; i += 1) {
      const offset = Math.floor(((i + 0.5) * used) / 120);
      const copy = damagedCopy(directory, flip(offset), file);
      const tally = await readAll(copy, { readOnly: i % 2 === 0 });
      for (const name of tally.files) expect(name).toBe(join(copy, file));
      if (tally.refused > 0) noticed += 1;
    }
    say(`log of ${used} bytes: ${noticed} of 120 flipped bytes were met by a read`);
    // A few bytes are there twice: what they say is known without them.
    expect(noticed).toBeGreaterThan(110);
  });

  test('a byte in the last frame too: the end register tells it from a torn tail', async () => {
    for (const back of [20, 100, 3000, 5000]) {
      const copy = damagedCopy(directory, flip(used - back), file);
      const tally = await readAll(copy, {});
      expect(tally.refused).toBeGreaterThan(0);
      expect([...tally.files]).toEqual([join(copy, file)]);
    }
  });

  test.each([
    [
      'cut off',
      (path: string) => {
        truncateSync(path, 20_000);
      },
    ],
    [
      'emptied',
      (path: string) => {
        truncateSync(path, 0);
      },
    ],
    [
      'gone',
      (path: string) => {
        rmSync(path);
      },
    ],
  ])('%s is named', async (_, change) => {
    const copy = damagedCopy(directory, change, file);
    const tally = await readAll(copy, {});
    expect(tally.refused).toBeGreaterThan(0);
    expect([...tally.files]).toEqual([join(copy, file)]);
  });

  test.each([
    [
      'gone',
      (path: string) => {
        rmSync(path);
      },
    ],
    [
      'emptied',
      (path: string) => {
        truncateSync(path, 0);
      },
    ],
  ])('an end register that is %s is named', async (_, change) => {
    const register = file.replace(/wal$/, 'end');
    const copy = damagedCopy(directory, change, register);
    const tally = await readAll(copy, {});
    expect(tally.right).toBe(0);
    expect([...tally.files]).toEqual([join(copy, register)]);
  });

  test('bytes behind the last frame that are no frame disturb nobody', async () => {
    const copy = damagedCopy(directory, flip(used + 50, 200), file);
    expect(await readAll(copy, {})).toMatchObject({ right: questions, refused: 0 });
    const store = await openAs<string>(copy);
    await store.set('new', 'v', 1);
    await store.close();
    const again = await openAs<string>(copy);
    expect(again.get('new', 1)).toBe('v');
    await again.close();
  });

  test('unconditional writes go on; conditions fail', async () => {
    const copy = damagedCopy(directory, flip(Math.floor(used / 2)), file);
    const store = await openAs<string>(copy);
    await store.set('new', 'v', 1000);
    const guarded = [{ onConflict: 'fail' }, { onConflict: 'bump' }, { ifSeq: 'none' }] as const;
    for (const options of guarded) {
      await expectRefusal('ERR_TIMEKV_DAMAGED', () => store.set('other', 'v', 1000, options));
    }
    await store.close();
  });
});

describe('a damaged catalog', () => {
  test('a flipped byte anywhere gives no wrong answer', async () => {
    const directory = await build('for the catalog', true);
    const bytes = statSync(join(directory, 'catalog.db')).size;
    let refused = 0;
    for (let i = 0; i < 60; i += 1) {
      const copy = damagedCopy(
        directory,
        flip(Math.floor(((i + 0.5) * bytes) / 60), 64),
        'catalog.db',
      );
      try {
        const tally = await readAll(copy, { readOnly: true });
        if (tally.refused > 0) refused += 1;
      } catch (error) {
        // What marks the file as ours, or names its format, may be what is damaged.
        const codes = ['ERR_TIMEKV_NOT_A_STORE', 'ERR_TIMEKV_UNSUPPORTED_FORMAT'];
        if (!(error instanceof TimekvError) || !codes.includes(error.code)) throw error;
        refused += 1;
      }
    }
    expect(refused).toBeGreaterThan(3);
  });

  test.each([
    ['gone', rmSync, true],
    ['gone', rmSync, false],
    [
      'emptied',
      (path: string) => {
        truncateSync(path, 0);
      },
      false,
    ],
  ])('that is %s is named, and what is left of the store stays', async (_, change, isFlushed) => {
    const directory = await build('without a catalog', isFlushed);
    const copy = damagedCopy(directory, change, 'catalog.db');
    const before = diskState(copy);
    for (const readOnly of [true, false]) {
      const error = await expectRefusal('ERR_TIMEKV_DAMAGED', () => openAs(copy, { readOnly }));
      expect(error.file).toBe(join(copy, 'catalog.db'));
    }
    expect(diskState(copy)).toEqual(before);
  });
});
