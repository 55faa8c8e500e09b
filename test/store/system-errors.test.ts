/** What the operating system refuses reaches the caller as one class, with a code of the closed list. */
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openWith } from '../../src/open.js';
import type { Store } from '../../src/index.js';
import { expectRefusal } from '../support/expect-refusal.js';
import { type Call, faultyFileSystem } from '../support/faulty-file-system.js';
import { openAs } from '../support/stores.js';
import { temporaryDirectory } from '../support/temporary-directory.js';

async function openFaulty(directory: string) {
  const fileSystem = faultyFileSystem(directory);
  const store = (await openWith(directory, {}, { fileSystem })) as Store;
  return { store, fileSystem };
}

const isRegisterRead = ({ name, path }: Call) => name === 'read' && path.endsWith('.end');

describe('a register that cannot be read', () => {
  const reads: [string, (store: Store) => unknown][] = [
    ['get', (store) => store.get('k')],
    ['version', (store) => store.version('k', 1)],
    ['scan', (store) => [...store.scan({ at: 1 })]],
    ['keys', (store) => [...store.keys()]],
    ['history', (store) => [...store.history('k')]],
    ['now', (store) => store.now()],
    ['refresh', (store) => store.refresh()],
    ['stats', (store) => store.stats()],
    ['snapshot', (store) => store.snapshot()],
    ['compact', (store) => store.compact()],
  ];

  test.each(reads)('is told by %s', async (_, read) => {
    const { store, fileSystem } = await openFaulty(temporaryDirectory());
    await store.set('k', 'v', 1);
    fileSystem.failAll(isRegisterRead, 'EIO');
    const error = await expectRefusal('ERR_TIMEKV_IO', () => read(store));
    expect(error.cause).toMatchObject({ code: 'EIO' });
    fileSystem.mend();
    expect(store.get('k', 1)).toBe('v');
    await store.close();
  });
});

describe('a snapshot and a compaction that fail', () => {
  test.each([
    ['ENOSPC', 'create'],
    ['EMFILE', 'create'],
    ['EIO', 'syncData'],
  ])('with %s at %s say so', async (code, name) => {
    for (const act of ['snapshot', 'compact'] as const) {
      const { store, fileSystem } = await openFaulty(temporaryDirectory());
      await store.set('k', 'v', 1);
      fileSystem.failAll((call) => call.name === name, code);
      const error = await expectRefusal('ERR_TIMEKV_IO', () => store[act]());
      expect(error.cause).toMatchObject({ code });
      fileSystem.mend();
      expect(store.get('k', 1)).toBe('v');
      await store.close();
    }
  });
});

test('a directory that may not be looked into is told by open', async () => {
  const directory = temporaryDirectory();
  const fileSystem = faultyFileSystem(directory);
  fileSystem.failAll(({ name }) => name === 'type', 'EACCES');
  const error = await expectRefusal('ERR_TIMEKV_IO', () => openWith(directory, {}, { fileSystem }));
  expect(error.message).toContain('permission denied');
});

describe('a segment that has gone for good', () => {
  async function withoutSegment(): Promise<{ store: Store; path: string }> {
    const directory = temporaryDirectory();
    const folder = join(directory, 'segments');
    const paths: string[] = [];
    for (const at of [1, 2]) {
      const store = await openAs<string>(directory);
      await store.set('k', 'v', at);
      await store.snapshot();
      await store.close();
      paths.push(...readdirSync(folder).map((name) => join(folder, name)));
    }
    const [path = ''] = paths; // The one with the version at 1.
    rmSync(path);
    return { store: await openAs<string>(directory), path };
  }

  test('is damage to compact', async () => {
    const { store, path } = await withoutSegment();
    const error = await expectRefusal('ERR_TIMEKV_DAMAGED', () => store.compact({ full: true }));
    expect(error.file).toBe(path);
    await store.close();
  });

  test('is damage to a condition that needs it, and nothing to other writes', async () => {
    const { store, path } = await withoutSegment();
    const refused = expectRefusal('ERR_TIMEKV_DAMAGED', () =>
      store.set('k', 'w', 1, { ifSeq: 'none', onConflict: 'fail' }),
    );
    const other = store.set('k', 'w', 3);
    expect((await refused).file).toBe(path);
    expect(await other).toBe(3);
    expect(store.get('k', 3)).toBe('w');
    await store.close();
  });
});

test('bytes that are no JSON are refused by the json codec, naming key and codec', async () => {
  const directory = temporaryDirectory();
  const text = await openAs<string>(directory);
  await text.set('k', 'no\nJSON', 1);
  await text.close();
  const json = await openAs<unknown>(directory, { codec: 'json' });
  for (const read of [() => json.get('k', 1), () => [...json.history('k')]]) {
    const error = await expectRefusal('ERR_TIMEKV_INVALID_ARGUMENT', read);
    expect(error.message).toContain('the value of "k" is no JSON');
    expect(error.message).not.toContain('\n');
    expect(error.cause).toBeInstanceOf(SyntaxError);
  }
  await json.close();
});
