/** Closing waits for what has begun, and then no file of the store is open any more. */
import { readdirSync, readlinkSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Store } from '../../src/index.js';
import { expectRefusal } from '../support/expect-refusal.js';
import { openAs } from '../support/stores.js';
import { temporaryDirectory } from '../support/temporary-directory.js';

const descriptors = '/proc/self/fd';

function isLinux(): boolean {
  try {
    return readdirSync(descriptors).length > 0;
  } catch {
    return false;
  }
}

/** Files below the directory that this process has open. */
function openFiles(directory: string): string[] {
  return readdirSync(descriptors).flatMap((descriptor) => {
    try {
      const path = readlinkSync(`${descriptors}/${descriptor}`);
      return path.startsWith(directory) ? [path] : [];
    } catch {
      return []; // The one that lists the others.
    }
  });
}

async function filled(directory: string): Promise<Store> {
  const store = await openAs<string>(directory);
  for (let round = 0; round < 2; round++) {
    await store.load(Array.from({ length: 100 }, (_, at) => ({ key: `${at}`, value: 'v', at })));
    await store.snapshot();
  }
  await store.set('last', 'v', 1);
  return store;
}

describe.skipIf(!isLinux())('a store that is closed', () => {
  test.each<[string, (store: Store) => Promise<unknown>]>([
    ['a snapshot', (store) => store.snapshot()],
    ['a compaction', (store) => store.compact({ full: true })],
    ['several at once', (store) => Promise.all([store.compact(), store.snapshot()])],
    ['a write and a snapshot', (store) => Promise.all([store.set('k', 'v', 1), store.snapshot()])],
  ])('right after %s was begun ends it first', async (_, begin) => {
    const directory = temporaryDirectory();
    const store = await filled(directory);
    const begun = begin(store);
    let isDone = false;
    const done = begun.then(() => (isDone = true));
    await store.close();
    expect(isDone).toBe(true);
    await done;
    expect(openFiles(directory)).toEqual([]);
    const again = await openAs<string>(directory);
    expect(again.get('last', 1)).toBe('v');
    await again.close();
  });

  test('before its first write was done has made the store and holds nothing of it', async () => {
    const directory = temporaryDirectory();
    const store = await openAs<string>(directory);
    const writing = store.set('k', 'v', 1);
    await store.close();
    expect(await writing).toBe(1);
    expect(openFiles(directory)).toEqual([]);
  });

  test('holds no file for an iterator that was begun and dropped', async () => {
    const directory = temporaryDirectory();
    const store = await filled(directory);
    const iterators = [store.scan({ at: 100 }), store.history('7'), store.keys({ all: true })].map(
      (iterable) => iterable[Symbol.iterator](),
    );
    for (const iterator of iterators) expect(iterator.next().done).toBe(false);
    await store.compact({ full: true });
    await store.close();
    expect(openFiles(directory)).toEqual([]);
    const [scan, history, keys] = iterators;
    for (const iterator of [scan, history, keys]) {
      await expectRefusal('ERR_TIMEKV_CLOSED', () => iterator?.next());
    }
  });

  test('holds no file of an iterator that is left after closing', async () => {
    const directory = temporaryDirectory();
    const store = await filled(directory);
    for (const version of store.scan({ at: 100 })) {
      if (version.key !== '5') continue;
      await store.close();
      break;
    }
    expect(openFiles(directory)).toEqual([]);
  });
});
