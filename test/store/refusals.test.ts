/** Directories that are no store, not this user's, or of another format: refused and not touched. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { sqlite } from '../../src/catalog/binding.js';
import { create, open } from '../../src/index.js';
import { catalogPath } from '../../src/disk/names.js';
import { diskState } from '../support/disk-state.js';
import { expectRefusal } from '../support/expect-refusal.js';
import { openAs } from '../support/stores.js';
import { temporaryDirectory } from '../support/temporary-directory.js';

const { Database } = sqlite();

async function makeStore(): Promise<string> {
  const directory = join(temporaryDirectory(), 'store');
  const store = await openAs<string>(directory);
  await store.set('k', 'v', 1);
  await store.close();
  return directory;
}

describe('where there is no store', () => {
  test('opening and reading finds nothing and creates nothing', async () => {
    const directory = join(temporaryDirectory(), 'a', 'b');
    const store = await openAs<string>(directory);
    expect(store.get('k')).toBeUndefined();
    expect(store.version('k', 5)).toBeUndefined();
    expect([...store.history('k')]).toEqual([]);
    expect([...store.scan()]).toEqual([]);
    expect([...store.keys({ all: true })]).toEqual([]);
    store.refresh();
    expect(store.now()).toBeGreaterThan(0);
    await store.close();
    expect(diskState(join(directory, '../..'))).toEqual({});
  });

  test('maintenance finds nothing to do and creates nothing', async () => {
    const directory = join(temporaryDirectory(), 'store');
    const store = await openAs<string>(directory);
    await store.snapshot();
    await store.compact({ full: true });
    expect((await store.stats()).entries).toBe(0);
    await store.close();
    expect(diskState(directory)).toEqual({});
  });

  test.each([{ create: false }, { readOnly: true }])('%j is refused', async (options) => {
    const directory = join(temporaryDirectory(), 'store');
    await expectRefusal('ERR_TIMEKV_NO_STORE', () => openAs(directory, options));
    expect(diskState(join(directory, '..'))).toEqual({});
  });

  test('an empty directory is as good as none', async () => {
    const directory = temporaryDirectory();
    await expectRefusal('ERR_TIMEKV_NO_STORE', () => openAs(directory, { create: false }));
    const store = await openAs<string>(directory);
    expect(diskState(directory)).toEqual({});
    await store.set('k', 'v', 1);
    expect(store.get('k', 1)).toBe('v');
    await store.close();
  });

  test('a refused first write creates nothing either', async () => {
    const directory = join(temporaryDirectory(), 'store');
    const store = await openAs<string>(directory);
    await expectRefusal('ERR_TIMEKV_INVALID_ARGUMENT', () => store.set('', 'v'));
    await store.close();
    expect(diskState(join(directory, '..'))).toEqual({});
  });

  test('two handles that create it at once make one store', async () => {
    const directory = join(temporaryDirectory(), 'store');
    const [a, b] = await Promise.all([openAs<string>(directory), openAs<string>(directory)]);
    await Promise.all([a.set('a', 'v', 1), b.set('b', 'v', 1)]);
    for (const store of [a, b]) {
      store.refresh();
      expect([...store.keys({ all: true })]).toEqual(['a', 'b']);
      expect([...store.scan({ at: 1 })].map(({ seq }) => seq)).toContain(2);
      await store.close();
    }
  });

  test('of two that create it with different units one is refused', async () => {
    const directory = join(temporaryDirectory(), 'store');
    const a = await openAs<string>(directory, { unit: 'us' });
    const b = await openAs<string>(directory, { unit: 'tick' });
    await a.set('k', 'v', 1);
    await expectRefusal('ERR_TIMEKV_EXISTS', () => b.set('k', 'w', 2));
    await a.close();
    await b.close();
  });

  test('files are private to their owner', async () => {
    const modes = Object.values(diskState(await makeStore())).map((state) => state.split(' '));
    for (const [mode, content] of modes) {
      expect(mode).toBe(content === 'directory' ? '40700' : '100600');
    }
  });
});

describe('a directory that holds something else', () => {
  test.each([
    ['a file', 'notes.txt', 'hello'],
    ['a hidden file', '.hidden', ''],
    ['a file of another store', 'MANIFEST-000001', ''],
  ])('%s: refused and not touched', async (_, name, content) => {
    const directory = temporaryDirectory();
    writeFileSync(join(directory, name), content);
    const before = diskState(directory);
    await expectRefusal('ERR_TIMEKV_NOT_A_STORE', async () => {
      const store = await openAs<string>(directory);
      await store.set('k', 'v');
    });
    for (const options of [{ create: false }, { readOnly: true }]) {
      const code = /^ERR_TIMEKV_(NOT_A|NO)_STORE$/;
      await expect(openAs(directory, options)).rejects.toMatchObject({
        code: expect.stringMatching(code) as string,
      });
    }
    expect(diskState(directory)).toEqual(before);
  });

  test('a directory in it: refused and not touched', async () => {
    const directory = temporaryDirectory();
    mkdirSync(join(directory, 'photos'));
    const before = diskState(directory);
    await expectRefusal('ERR_TIMEKV_NOT_A_STORE', async () => {
      const store = await openAs<string>(directory);
      await store.set('k', 'v');
    });
    expect(diskState(directory)).toEqual(before);
  });

  test('a file where the directory should be', async () => {
    const path = join(temporaryDirectory(), 'file');
    writeFileSync(path, 'hello');
    const opening = openAs<string>(path).then((store) => store.set('k', 'v'));
    await expect(opening).rejects.toMatchObject({
      code: expect.stringMatching(/^ERR_TIMEKV_(NOT_A_STORE|IO)$/) as string,
    });
  });

  test('an SQLite file of somebody else named like the catalog', async () => {
    const directory = temporaryDirectory();
    const database = new Database(catalogPath(directory));
    database.exec('CREATE TABLE theirs (a)');
    database.close();
    const before = diskState(directory);
    await expectRefusal('ERR_TIMEKV_NOT_A_STORE', async () => {
      const store = await openAs<string>(directory);
      await store.set('k', 'v');
    });
    expect(diskState(directory)).toEqual(before);
  });
});

describe('a store of another kind', () => {
  test.each([
    ['a newer format', 'UPDATE settings SET format = format + 1'],
    ['a feature this one does not know', "UPDATE settings SET incompatible = 'colours'"],
  ])('%s is refused and not touched', async (_, change) => {
    const directory = await makeStore();
    const database = new Database(catalogPath(directory));
    database.exec(change);
    database.close();
    const before = diskState(directory);
    for (const options of [{}, { readOnly: true }]) {
      await expectRefusal('ERR_TIMEKV_UNSUPPORTED_FORMAT', () => openAs(directory, options));
    }
    expect(diskState(directory)).toEqual(before);
  });

  test('another unit than it was created with is refused', async () => {
    const directory = await makeStore();
    const before = diskState(directory);
    await expectRefusal('ERR_TIMEKV_EXISTS', () => openAs(directory, { unit: 'tick' }));
    expect(diskState(directory)).toEqual(before);
    const store = await openAs<string>(directory, { unit: 'us' });
    expect(store.get('k', 1)).toBe('v');
    await store.close();
  });
});

test('readOnly refuses every write and changes nothing', async () => {
  const directory = await makeStore();
  const before = diskState(directory);
  const store = await openAs<string>(directory, { readOnly: true });
  const code = 'ERR_TIMEKV_READ_ONLY';
  await expectRefusal(code, () => store.set('k', 'w'));
  await expectRefusal(code, () => store.delete('k'));
  await expectRefusal(code, () => store.batch([{ type: 'delete', key: 'k' }]));
  await expectRefusal(code, () => store.load([{ key: 'k', value: 'w' }]));
  await expectRefusal(code, () => store.snapshot());
  await expectRefusal(code, () => store.compact());
  expect([...store.scan({ at: 5 })]).toHaveLength(1);
  expect([...store.history('k')]).toHaveLength(1);
  await store.close();
  expect(diskState(directory)).toEqual(before);
});

test('readOnly refuses every write in memory too', async () => {
  const store = await openAs<string>(':memory:', { readOnly: true });
  const code = 'ERR_TIMEKV_READ_ONLY';
  await expectRefusal(code, () => store.set('k', 'w'));
  await expectRefusal(code, () => store.load([{ key: 'k', value: 'w' }]));
  await expectRefusal(code, () => store.snapshot());
  await expectRefusal(code, () => store.compact());
  expect([...store.keys({ all: true })]).toEqual([]);
});

test('create makes nothing in memory, nor anything of that name', async () => {
  await expectRefusal('ERR_TIMEKV_INVALID_ARGUMENT', () => create(':memory:'));
  await expectRefusal('ERR_TIMEKV_INVALID_ARGUMENT', () => create(''));
});

test.each([null, 5, 'text'])('open and create with %j for options', async (options) => {
  const directory = join(temporaryDirectory(), 'store');
  await expectRefusal('ERR_TIMEKV_INVALID_ARGUMENT', () => open(directory, options as never));
  await expectRefusal('ERR_TIMEKV_INVALID_ARGUMENT', () => create(directory, options as never));
  expect(diskState(join(directory, '..'))).toEqual({});
});

test('a codec that encodes to something else than bytes', async () => {
  const codec = { encode: () => 'text' as never, decode: String };
  const store = await open(':memory:', { codec });
  await expectRefusal('ERR_TIMEKV_INVALID_ARGUMENT', () => store.set('k', 'v'));
});
