/** Backups: a store of its own with everything up to a moment, that is only read. */
import { readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Store } from '../../src/store.js';
import { create, verify } from '../../src/index.js';
import { expectRefusal } from '../support/expect-refusal.js';
import { openAs } from '../support/stores.js';
import { temporaryDirectory } from '../support/temporary-directory.js';

const unhurried = { durability: 'process', unit: 'tick' } as const;
const soundReport = { damages: [], leftovers: [] };

function newPlaces(): { source: string; backup: string } {
  const parent = temporaryDirectory();
  return { source: join(parent, 'source'), backup: join(parent, 'backup') };
}

async function fill(store: Store, from: number, to: number): Promise<void> {
  for (let at = from; at <= to; at++) {
    const keys = ['a', 'b', 'c', 'd'];
    await store.batch(keys.map((key) => ({ type: 'set', key, value: `${key}${at}`, at })));
  }
}

/** All that a store answers, in words. */
function contentOf(store: Store): string[] {
  return [...store.versions()].map(({ key, timestamp, seq, state, value, expiresAt }) =>
    [key, timestamp, seq, state, expiresAt, value].join(' '),
  );
}

async function readOf(directory: string): Promise<string[]> {
  const store = await openAs<string>(directory);
  const content = contentOf(store);
  await store.close();
  return content;
}

function segmentsOf(directory: string): string[] {
  return readdirSync(join(directory, 'segments')).sort();
}

const inode = (directory: string, name: string) => statSync(join(directory, 'segments', name)).ino;

describe('of what is committed', () => {
  test('holds all of it, as links, and is only read', async () => {
    const { source, backup } = newPlaces();
    const store = await openAs<string>(source, unhurried);
    await fill(store, 1, 20);
    await store.snapshot();
    await store.snapshot('named');
    await fill(store, 21, 30);
    await store.delete('a', 31);
    const result = await store.backup(backup);
    expect(result).toMatchObject({ seq: 121, linked: 2, copied: 0, written: 0, kept: 0 });
    expect(await verify(backup)).toMatchObject(soundReport);
    expect(segmentsOf(backup)).toEqual(segmentsOf(source));
    for (const name of segmentsOf(backup)) expect(inode(backup, name)).toBe(inode(source, name));
    expect(await readOf(backup)).toEqual(contentOf(store));
    await store.set('a', 'later', 99);
    await store.close();

    const copy = await openAs<string>(backup);
    expect(copy.get('a', 25)).toBe('a25');
    expect(copy.get('a')).toBe(undefined);
    expect(copy.now()).toBe(31);
    expect(await copy.snapshots()).toMatchObject([{ name: 'named', seq: 80 }]);
    for (const write of [
      () => copy.set('a', 'x'),
      () => copy.snapshot(),
      () => copy.snapshot('other'),
      () => copy.compact(),
      () => copy.backup(join(backup, '..', 'another')),
    ]) {
      const error = await expectRefusal('ERR_TIMEKV_READ_ONLY', write);
      expect(error.message).toContain(`timekv restore ${backup} DIR`);
    }
    await copy.close();
    const files = readdirSync(backup).filter((name) => !name.endsWith('-journal'));
    expect(files.sort()).toEqual(['catalog.db', 'maint.lock', 'segments', 'wal', 'write.lock']);
  });

  test('may be made while writers write, and flushes and merges go on', async () => {
    const { source, backup } = newPlaces();
    const store = await openAs<string>(source, { durability: 'process', memory: 8 * 1024 ** 2 });
    const done = new AbortController();
    let last = 0;
    const writing = (async () => {
      while (!done.signal.aborted) {
        last++;
        await store.batch([
          { type: 'set', key: `k${last % 50}`, value: 'v'.repeat(5000), at: last },
          { type: 'set', key: `pair`, value: `${last}`, at: last },
        ]);
        if (last % 50 === 0) void store.compact();
      }
    })();
    const results = [];
    for (let round = 0; round < 5; round++) {
      const committed = store.version('pair', Number.MAX_SAFE_INTEGER)?.timestamp ?? 0;
      results.push(await store.backup(backup));
      expect(await verify(backup)).toMatchObject(soundReport);
      const copy = await openAs<string>(backup);
      const pairs = [...copy.history('pair')];
      expect(pairs.length).toBeGreaterThanOrEqual(committed);
      expect(pairs.length * 2).toBe(results.at(-1)?.seq);
      expect(pairs.map(({ timestamp }) => timestamp)).toEqual(pairs.map((_, at) => at + 1));
      await copy.close();
    }
    done.abort();
    await writing;
    await store.close();
    expect(results.at(-1)?.seq).toBeGreaterThan(results[0]?.seq ?? 0);
  });

  test('of an empty store, and of one in memory', async () => {
    const { source, backup } = newPlaces();
    const empty = await openAs<string>(source, unhurried);
    expect(await empty.backup(backup)).toMatchObject({ seq: 0, bytes: 0 });
    expect(await readOf(backup)).toEqual([]);
    await fill(empty, 1, 2);
    expect(await empty.backup(backup)).toMatchObject({ seq: 8, linked: 1 });
    expect(await readOf(backup)).toEqual(contentOf(empty));
    await empty.close();

    const other = newPlaces().backup;
    const memory = await openAs<string>(':memory:', { unit: 'tick' });
    await fill(memory, 1, 5);
    await memory.snapshot('five');
    await fill(memory, 6, 8);
    await memory.erase('b', 'all');
    await memory.erase('c', 2);
    expect(await memory.backup(other, 'five')).toMatchObject({ seq: 20, written: 1 });
    expect(await verify(other)).toMatchObject(soundReport);
    const five = await memory.atSnapshot('five');
    expect(await readOf(other)).toEqual(contentOf(five));
    expect(await memory.backup(other)).toMatchObject({ seq: 34, written: 1 });
    expect(await verify(other)).toMatchObject(soundReport);
    expect(await readOf(other)).toEqual(contentOf(memory));
    await memory.close();
  });
});

describe('again into the same directory', () => {
  test('takes what is new, and removes what is merged away', async () => {
    const { source, backup } = newPlaces();
    const store = await openAs<string>(source, unhurried);
    await fill(store, 1, 5);
    expect(await store.backup(backup)).toMatchObject({ linked: 1, kept: 0 });
    const reader = await openAs<string>(backup);
    expect(reader.get('a')).toBe('a5');
    await fill(store, 6, 10);
    expect(await store.backup(backup)).toMatchObject({ linked: 1, kept: 1 });
    expect(await store.backup(backup)).toMatchObject({ linked: 0, kept: 2 });
    await store.compact({ full: true });
    expect(await store.backup(backup)).toMatchObject({ linked: 1, kept: 0 });
    reader.refresh();
    await new Promise((resolve) => setTimeout(resolve, 1100));
    expect(reader.get('a')).toBe('a10');
    await reader.close();
    expect(segmentsOf(backup)).toEqual(segmentsOf(source));
    expect(readdirSync(join(backup, 'wal'))).toHaveLength(2);
    expect(await verify(backup)).toMatchObject(soundReport);
    expect(await readOf(backup)).toEqual(contentOf(store));
    await store.close();
  });

  test('not into anything else', async () => {
    const { source, backup } = newPlaces();
    const store = await openAs<string>(source, unhurried);
    await fill(store, 1, 2);
    await store.snapshot('early');
    await fill(store, 3, 4);
    await store.backup(backup);
    const exists = (directory: string, name?: string) =>
      expectRefusal('ERR_TIMEKV_EXISTS', () => store.backup(directory, name));
    expect((await exists(backup, 'early')).message).toContain('of a later moment');
    expect((await exists(source)).message).toContain('a store that is no backup');
    const other = newPlaces();
    await create(other.source);
    expect((await exists(other.source)).message).toContain('a store that is no backup');
    const otherStore = await openAs<string>(other.source);
    await otherStore.backup(other.backup);
    await otherStore.close();
    expect((await exists(other.backup)).message).toContain('a backup of another store');

    const foreign = temporaryDirectory();
    writeFileSync(join(foreign, 'novel.txt'), 'chapter 1');
    const error = await expectRefusal('ERR_TIMEKV_NOT_A_STORE', () => store.backup(foreign));
    expect(error.message).toContain('novel.txt');
    expect(readdirSync(foreign)).toEqual(['novel.txt']);
    const file = join(foreign, 'novel.txt');
    await expectRefusal('ERR_TIMEKV_NOT_A_STORE', () => store.backup(file));
    await expectRefusal('ERR_TIMEKV_NO_SNAPSHOT', () => store.backup(other.backup, 'none'));
    for (const wrong of ['', ':memory:', 5 as never]) {
      await expectRefusal('ERR_TIMEKV_INVALID_ARGUMENT', () => store.backup(wrong));
    }
    expect(await readOf(backup)).toEqual(contentOf(store));
    await store.close();
  });
});
