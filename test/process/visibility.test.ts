/** Rule 8: when a committed write is seen by others. */
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Store } from '../../src/index.js';
import { start } from '../support/child.js';
import { openAs } from '../support/stores.js';
import { temporaryDirectory } from '../support/temporary-directory.js';

let directory = '';
let writer: Store;
let reader: Store;

beforeEach(async () => {
  directory = join(temporaryDirectory(), 'store');
  writer = await openAs<string>(directory);
  await writer.set('k', 'before', 1);
  reader = await openAs<string>(directory);
  reader.get('k', 5);
});

afterEach(async () => {
  await writer.close();
  await reader.close();
});

describe('a committed write is seen', () => {
  test('by its own process as soon as it was awaited', async () => {
    for (let i = 0; i < 200; i += 1) {
      await writer.set('k', `${i}`, 1);
      expect(writer.get('k', 5)).toBe(`${i}`);
      expect(writer.version('k', 5)?.seq).toBe(i + 2);
    }
  });

  test('by another handle in a later turn of the event loop', async () => {
    for (let i = 0; i < 100; i += 1) {
      reader.get('k', 5);
      await writer.set('k', `${i}`, 1);
      await new Promise((resolve) => setImmediate(resolve));
      expect(reader.get('k', 5)).toBe(`${i}`);
    }
  });

  test('by another handle more than 1 ms later, in the same turn too', async () => {
    for (let i = 0; i < 50; i += 1) {
      await writer.set('k', `${i}`, 1);
      reader.get('k', 5);
      const until = performance.now() + 1.5;
      while (performance.now() < until);
      expect(reader.get('k', 5)).toBe(`${i}`);
    }
  });

  test('by another handle at once after refresh()', async () => {
    for (let i = 0; i < 100; i += 1) {
      reader.get('k', 5);
      await writer.set('k', `${i}`, 1);
      reader.refresh();
      expect(reader.get('k', 5)).toBe(`${i}`);
      expect([...reader.scan({ at: 5 })].map(({ value }) => value)).toEqual([`${i}`]);
    }
  });

  test('by a handle that was idle while the log was flushed and merged away', async () => {
    for (let i = 0; i < 300; i += 1) {
      await writer.set(`key ${i % 7}`, `${i}`, i);
      if (i % 40 === 0) await writer.snapshot();
      if (i % 90 === 0) await writer.compact({ full: true });
    }
    reader.refresh();
    const all = (store: Store): unknown =>
      [...store.keys({ all: true })].map((key) => [...store.history(key)]);
    expect(all(reader)).toEqual(all(writer));
    expect(await reader.set('k', 'after', 2)).toBe(2);
    writer.refresh();
    expect(writer.version('k', 2)?.seq).toBe(302);
  });

  test('by a handle that was opened before there was a store', async () => {
    const place = join(temporaryDirectory(), 'later');
    const early = await openAs<string>(place);
    expect(early.get('k', 5)).toBeUndefined();
    const late = await openAs<string>(place);
    await late.set('k', 'v', 1);
    early.refresh();
    expect(early.get('k', 5)).toBe('v');
    await early.set('k', 'w', 2);
    expect(early.version('k', 2)?.seq).toBe(2);
    await early.close();
    await late.close();
  });

  test('by a process that starts then', async () => {
    await writer.set('k', 'after', 2);
    const calls = [
      ['get', 'k', 5],
      ['set', 'k', 'theirs', 3],
    ];
    const outcomes = await start('calls', { directory, options: {}, calls }).answer<object[]>();
    expect(outcomes.slice(1)).toEqual([{ value: 'after' }, { value: 3 }]);
    expect(writer.get('k', 5)).toBe('theirs');
  });
});
