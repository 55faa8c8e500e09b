/** The adapter for Keyv: its public suite, whole, and what Keyv does not know of. */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Keyv } from 'keyv';
import keyvTestSuite, { keyvIteratorTests } from '@keyv/test-suite';
import * as vitest from 'vitest';
import { afterAll, describe, expect, test } from 'vitest';
import { open, type Store, TimekvError } from '../../src/index.js';
import { KeyvTimekv } from '../../src/keyv.js';
import { expectRefusal } from '../support/expect-refusal.js';
import { say } from '../support/say.js';
import { temporaryDirectory } from '../support/temporary-directory.js';

let declared = 0;
/** Counts what a suite declares. */
const counting = {
  ...vitest,
  it: ((...args: Parameters<typeof vitest.it>) => {
    declared++;
    vitest.it(...args);
  }) as typeof vitest.it,
};
/** As of 2.1.2; one that has fewer is not the one that we mean. */
const suiteTests = 38;
const iteratorTests = 4;

describe.each(['a directory', 'memory'])('in %s, the public suite:', (place) => {
  const before = declared;
  const store = open(place === 'memory' ? ':memory:' : temporaryDirectory());
  afterAll(async () => {
    await (await store).close();
  });
  const adapter = () => new AdapterTo(store);
  keyvTestSuite(counting, Keyv, adapter);
  // Keyv 5 only asks backends that it knows by name for their keys: we take the name of one.
  keyvIteratorTests(counting, Keyv, () => {
    const known = adapter();
    known.opts['dialect'] = 'redis';
    return known;
  });
  const count = declared - before;
  test('is whole', () => {
    expect(count).toBe(suiteTests + iteratorTests);
    say(`KEYV in ${place}: ${count} tests of @keyv/test-suite`);
  });
});

/** Suites make their stores at once. */
class AdapterTo extends KeyvTimekv {
  readonly #store: Promise<Store>;

  constructor(store: Promise<Store>) {
    super(':memory:');
    this.#store = store;
  }

  override get store(): Promise<Store> {
    return this.#store;
  }
}

describe('KeyvTimekv', () => {
  test('keeps what was set, deleted and cleared', async () => {
    let time = 0;
    const store = await open(':memory:', { clock: { now: () => time++ } });
    const keyv = new Keyv({ store: new KeyvTimekv(store), namespace: 'rates' });
    await keyv.set('eur', 1.1);
    const first = store.now();
    await keyv.set('eur', 1.2);
    await keyv.set('usd', 1);
    const second = store.now();
    await keyv.delete('eur');
    await keyv.clear();
    expect(await keyv.get('usd')).toBeUndefined();
    expect(JSON.parse(store.get('rates:eur', first) ?? '')).toEqual({ value: 1.1 });
    expect(JSON.parse(store.get('rates:eur', second) ?? '')).toEqual({ value: 1.2 });
    const states = Array.from(store.history('rates:eur'), ({ state }) => state);
    expect(states).toEqual(['value', 'value', 'deleted']);
    await store.close();
  });

  test('leaves other keys of the store alone', async () => {
    const store = await open(':memory:');
    await store.set('mine', 'v');
    await store.set('ratesfoo', 'v');
    const keyv = new Keyv({ store: new KeyvTimekv(store), namespace: 'rates' });
    await keyv.set('eur', 1);
    await keyv.clear();
    expect([...store.keys()]).toEqual(['mine', 'ratesfoo']);
    await store.close();
  });

  test('clears more keys than go into one batch', async () => {
    const store = await open(':memory:');
    const keyv = new Keyv({ store: new KeyvTimekv(store) });
    const entries = Array.from({ length: 2500 }, (_, at) => ({ key: `key ${at}`, value: at }));
    await keyv.setMany(entries);
    expect([...store.keys()]).toHaveLength(2500);
    await keyv.clear();
    expect([...store.keys()]).toEqual([]);
    expect(await keyv.delete(['key 1', 'key 2'])).toBe(false);
    await store.close();
  });

  test('lets what lives for a while expire by the clock of the store too', async () => {
    let now = 0;
    const store = await open(':memory:', { clock: { now: () => now } });
    const adapter = new KeyvTimekv(store);
    await adapter.set('k', 'v', 1.5);
    await adapter.setMany([
      { key: 'l', value: 'v', ttl: 2 },
      { key: 'm', value: 'v' },
    ]);
    now = 1499;
    expect(await adapter.hasMany(['k', 'l', 'm'])).toEqual([true, true, true]);
    now = 1501;
    expect(await adapter.hasMany(['k', 'l', 'm'])).toEqual([false, true, true]);
    now = 2001;
    expect(await adapter.getMany(['k', 'l', 'm'])).toEqual([undefined, undefined, 'v']);
    await store.close();
  });

  test('opens a directory when it is needed, and closes it', async () => {
    const directory = temporaryDirectory();
    const keyv = new Keyv({ store: new KeyvTimekv(directory) });
    await keyv.set('foo', 'bar');
    expect(await keyv.get('foo')).toBe('bar');
    await keyv.disconnect();
    expect(await keyv.get('foo')).toBe('bar');
    await keyv.disconnect();
    await keyv.disconnect();
    const store = await open(directory);
    expect([...store.keys()]).toEqual(['keyv:foo']);
    const lent = new KeyvTimekv(store);
    await lent.disconnect();
    expect(await lent.has('keyv:foo')).toBe(true);
    await store.close();
  });

  test('tries again to open what could not be opened', async () => {
    const place = join(temporaryDirectory(), 'store');
    writeFileSync(place, 'no directory');
    const adapter = new KeyvTimekv(place);
    await expect(adapter.get('k')).rejects.toThrow(TimekvError);
    rmSync(place);
    await adapter.set('k', 'v');
    expect(await adapter.get('k')).toBe('v');
    await adapter.disconnect();
  });

  test('goes through the keys of a namespace, or of all', async () => {
    const store = await open(':memory:');
    const adapter = new KeyvTimekv(store);
    for (const key of ['a:1', 'a:2', 'ab:1', 'b:1']) await adapter.set(key, `at ${key}`);
    const keysOf = async (namespace?: string) => {
      const keys = [];
      for await (const [key] of adapter.iterator(namespace)) keys.push(key);
      return keys;
    };
    expect(await keysOf('a')).toEqual(['a:1', 'a:2']);
    expect(await keysOf()).toEqual(['a:1', 'a:2', 'ab:1', 'b:1']);
    adapter.namespace = 'b';
    expect(await keysOf()).toEqual(['b:1']);
    await store.close();
  });

  test('refuses what it cannot keep: values that are no text, ticks', async () => {
    const store = await open(':memory:');
    const adapter = new KeyvTimekv(store);
    await expectRefusal('ERR_TIMEKV_INVALID_ARGUMENT', () => adapter.set('k', { value: 1 }));
    await expectRefusal('ERR_TIMEKV_INVALID_ARGUMENT', () =>
      adapter.setMany([
        { key: 'a', value: 'v' },
        { key: 'b', value: 1 },
      ]),
    );
    expect(await adapter.has('a')).toBe(false);
    await store.close();
    const ticks = await open(':memory:', { unit: 'tick' });
    await expectRefusal('ERR_TIMEKV_INVALID_ARGUMENT', () => new KeyvTimekv(ticks));
    await ticks.close();
  });
});
