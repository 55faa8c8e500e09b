/** A store that is made of a backup: it goes on where that ends, as another store. */
import { mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { create, restore, verify } from '../../src/index.js';
import type { Store } from '../../src/store.js';
import { expectRefusal } from '../support/expect-refusal.js';
import { ManualClock } from '../support/manual-clock.js';
import { openAs } from '../support/stores.js';
import { temporaryDirectory } from '../support/temporary-directory.js';

const sound = { damages: [], leftovers: [] };

function contentOf(store: Store): string[] {
  return [...store.versions()].map(({ key, timestamp, seq, value }) =>
    [key, timestamp, seq, value].join(' '),
  );
}

/** A store with two segments and a backup of it; answers what is in it. */
async function backedUp(parent: string): Promise<string[]> {
  const store = await openAs<string>(join(parent, 'source'), { unit: 'tick' });
  for (let at = 1; at <= 10; at++) await store.set(`key${at % 3}`, `v${at}`, at);
  await store.snapshot('ten');
  await store.snapshot();
  await store.set('last', 'v', 99);
  await store.backup(join(parent, 'backup'));
  const content = contentOf(store);
  await store.close();
  return content;
}

test('goes on with the seqs and the last now, and leaves the backup as it is', async () => {
  const parent = temporaryDirectory();
  const content = await backedUp(parent);
  const [backup, restored] = [join(parent, 'backup'), join(parent, 'restored')];
  const result = await restore(backup, restored);
  expect(result).toMatchObject({ seq: 11, linked: 2, copied: 0, written: 0, kept: 0 });
  rmSync(join(parent, 'source'), { recursive: true });
  expect(await verify(restored)).toMatchObject(sound);
  for (const name of readdirSync(join(restored, 'segments'))) {
    expect(statSync(join(restored, 'segments', name)).nlink).toBe(2);
  }
  const store = await openAs<string>(restored);
  expect(contentOf(store)).toEqual(content);
  expect(store.now()).toBe(99);
  expect(await store.set('more', 'v')).toBe(100);
  expect(store.version('more')?.seq).toBe(12);
  const ten = await store.atSnapshot('ten');
  expect(ten.get('key1')).toBe('v10');
  await ten.close();
  for (let at = 101; at < 120; at++) await store.set('key1', `w${at}`, at);
  await store.snapshot();
  expect(await verify(restored)).toMatchObject(sound);
  await store.compact({ full: true });
  expect(await verify(restored)).toMatchObject(sound);
  expect(contentOf(store)).toHaveLength(31);

  // It is another store, so its backups go elsewhere; and they can be restored as well.
  await expectRefusal('ERR_TIMEKV_EXISTS', () => store.backup(backup));
  await store.backup(join(parent, 'second'));
  const all = contentOf(store);
  await store.close();
  await restore(join(parent, 'second'), join(parent, 'third'));
  expect(await verify(join(parent, 'third'))).toMatchObject(sound);
  const third = await openAs<string>(join(parent, 'third'));
  expect(contentOf(third)).toEqual(all);
  await third.close();
  const copy = await openAs<string>(backup);
  expect(contentOf(copy)).toEqual(content);
  await copy.close();
  expect(await verify(backup)).toMatchObject(sound);
});

test('a chain of restored stores reads the segments of all before it', async () => {
  const parent = temporaryDirectory();
  let content = await backedUp(parent);
  let backup = join(parent, 'backup');
  for (let round = 0; round < 3; round++) {
    const restored = join(parent, `restored${round}`);
    await restore(backup, restored);
    const store = await openAs<string>(restored);
    expect(contentOf(store)).toEqual(content);
    await store.set('round', `${round}`);
    backup = join(parent, `backup${round}`);
    expect(await store.backup(backup)).toMatchObject({ linked: 3 + round, written: 0 });
    content = contentOf(store);
    await store.close();
    expect(await verify(backup)).toMatchObject(sound);
  }
});

test('a now that was given is not given again', async () => {
  const parent = temporaryDirectory();
  const store = await openAs<string>(join(parent, 'source'), { clock: new ManualClock(5000) });
  await store.set('a', 'v');
  await store.backup(join(parent, 'backup'));
  await store.close();
  await restore(join(parent, 'backup'), join(parent, 'restored'));
  const restored = await openAs<string>(join(parent, 'restored'), { clock: new ManualClock(10) });
  expect(await restored.set('a', 'w')).toBe(5001);
  await restored.close();
});

test('of a store before its first write has no now', async () => {
  const parent = temporaryDirectory();
  for (const directory of [join(parent, 'source'), ':memory:']) {
    const backup = join(parent, `backup of ${directory === ':memory:' ? directory : 'source'}`);
    const store = await openAs<string>(directory, { unit: 'tick' });
    await store.snapshot('empty');
    await store.backup(backup, 'empty');
    await store.close();
    const restored = `${backup}, restored`;
    await restore(backup, restored);
    const copy = await openAs<string>(restored);
    await copy.set('a', 'v', -5);
    expect(copy.now()).toBe(-5);
    await copy.close();
  }
});

test('only of a backup, and only where nothing is', async () => {
  const parent = temporaryDirectory();
  await backedUp(parent);
  const [source, backup] = [join(parent, 'source'), join(parent, 'backup')];
  const restored = join(parent, 'restored');
  const error = await expectRefusal('ERR_TIMEKV_INVALID_ARGUMENT', () => restore(source, restored));
  expect(error.message).toContain('not a backup');
  await expectRefusal('ERR_TIMEKV_NO_STORE', () => restore(join(parent, 'nowhere'), restored));
  expect(readdirSync(parent).sort()).toEqual(['backup', 'source']);

  mkdirSync(restored);
  writeFileSync(join(restored, 'novel.txt'), 'chapter 1');
  await create(join(parent, 'empty'));
  for (const directory of [restored, source, backup, join(parent, 'empty')]) {
    await expectRefusal('ERR_TIMEKV_EXISTS', () => restore(backup, directory));
  }
  await expectRefusal('ERR_TIMEKV_EXISTS', () => restore(backup, join(restored, 'novel.txt')));
  expect(readdirSync(restored)).toEqual(['novel.txt']);
  rmSync(join(restored, 'novel.txt'));
  await restore(backup, restored);
  expect(await verify(restored)).toMatchObject(sound);
});
