/** Backups of a snapshot: nothing that came later, but for what was erased. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Store } from '../../src/store.js';
import { restore, verify } from '../../src/index.js';
import { ManualClock } from '../support/manual-clock.js';
import { openAs } from '../support/stores.js';
import { temporaryDirectory } from '../support/temporary-directory.js';

const sound = { damages: [], leftovers: [] };
const valueBytes = 3000;

function contentOf(store: Store): string[] {
  return [...store.versions()].map(({ key, timestamp, seq, state, value, expiresAt }) =>
    [key, timestamp, seq, state, expiresAt, value].join(' '),
  );
}

/** Every byte of the segments of a directory. */
function bytesOf(directory: string): Buffer {
  const segments = join(directory, 'segments');
  return Buffer.concat(readdirSync(segments).map((name) => readFileSync(join(segments, name))));
}

const word = (name: string): string => `<${name}>`.padEnd(valueBytes, name);

/** Maintenance between the snapshot and its backup. */
const between: [string, (store: Store) => Promise<unknown>][] = [
  ['nothing', () => Promise.resolve()],
  ['a flush', (store) => store.snapshot()],
  ['a merge', (store) => store.compact({ full: true })],
];

test.each(between)('after %s it answers as the snapshot does', async (_, maintain) => {
  const parent = temporaryDirectory();
  const source = join(parent, 'source');
  const backup = join(parent, 'backup');
  const store = await openAs<string>(source, { unit: 'tick', durability: 'process' });
  for (let at = 1; at <= 40; at++) {
    await store.set(`key${at % 7}`, word(`v${at}`), at, at % 3 === 0 ? { expiresAt: at + 5 } : {});
    if (at === 13) await store.snapshot();
    if (at === 20) await store.delete('key1', 20);
    if (at === 21) await store.erase('key2', 2);
  }
  await store.set('gone', word('gone'), 5);
  await store.set('gone', word('goner'), 6);
  await store.set('short', word('short'), 5, { ttl: 2 });
  await store.expire({ limit: 2 });
  await store.snapshot('named');
  const { seq, now } = (await store.snapshots())[0]!;
  await store.set('later', word('later'), 50);
  await store.set('key3', word('replaced'), 3);
  await store.expire();
  await store.erase('gone', 'all');
  await store.erase('key4', 11);
  await maintain(store);
  await store.set('last', word('last'), 60);

  const snapshot = await openAs<string>(source, { snapshot: 'named' });
  const wanted = contentOf(snapshot);
  await snapshot.close();
  const result = await store.backup(backup, 'named');
  expect(result).toMatchObject({ seq });
  expect(await verify(backup)).toMatchObject(sound);
  const copy = await openAs<string>(backup);
  expect(contentOf(copy)).toEqual(wanted);
  expect(copy.now()).toBe(now);
  expect((await copy.stats()).seq).toBe(seq);
  await copy.close();
  const bytes = bytesOf(backup);
  for (const name of ['later', 'replaced', 'last', 'gone', 'goner', 'v11']) {
    expect({ name, is: bytes.includes(`<${name}>`) }).toEqual({ name, is: false });
  }

  // A later one of everything takes its place.
  expect((await store.backup(backup)).seq).toBeGreaterThan(seq);
  expect(await verify(backup)).toMatchObject(sound);
  const whole = await openAs<string>(backup);
  expect(contentOf(whole)).toEqual(contentOf(store));
  await whole.close();
  await store.close();
});

test.each(between)('after %s expires what was not taken out yet', async (_, maintain) => {
  const parent = temporaryDirectory();
  const clock = new ManualClock(100);
  const store = await openAs<string>(join(parent, 'source'), { durability: 'process', clock });
  for (let at = 1; at <= 20; at++) await store.set(`k${at}`, 'v', at, { ttl: 5 });
  await store.expire({ limit: 5 });
  await store.snapshot('named');
  expect(await store.expire()).toHaveLength(15);
  await maintain(store);
  await store.backup(join(parent, 'backup'), 'named');
  await store.close();
  await restore(join(parent, 'backup'), join(parent, 'restored'));
  const restored = await openAs<string>(join(parent, 'restored'), { clock });
  const taken = await restored.expire();
  expect(taken.map(({ key }) => key)).toEqual(Array.from({ length: 15 }, (__, n) => `k${n + 6}`));
  await restored.close();
  expect(await verify(join(parent, 'restored'))).toMatchObject({ damages: [] });
});

test('of which nothing is left', async () => {
  const parent = temporaryDirectory();
  const store = await openAs<string>(join(parent, 'source'), { durability: 'process' });
  await store.set('a', 'v', 1);
  await store.snapshot();
  await store.set('a', 'w', 2);
  await store.snapshot('named');
  await store.set('b', 'v', 1);
  await store.erase('a', 'all');
  expect(await store.backup(join(parent, 'backup'), 'named')).toMatchObject({ seq: 2, bytes: 0 });
  await store.close();
  expect(await verify(join(parent, 'backup'))).toMatchObject(sound);
  const copy = await openAs<string>(join(parent, 'backup'));
  expect(contentOf(copy)).toEqual([]);
  await copy.close();
});
