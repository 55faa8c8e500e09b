/** Values that an answer does not hold are not read: large ones cost nothing, damaged ones no answer. */
import { randomBytes } from 'node:crypto';
import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { openWith } from '../../src/open.js';
import { countingFileSystem } from '../support/counting-file-system.js';
import { expectRefusal } from '../support/expect-refusal.js';
import { openAs } from '../support/stores.js';
import { temporaryDirectory } from '../support/temporary-directory.js';

const valueBytes = 200_000;
const keys = Array.from({ length: 10 }, (_, index) => `key ${index}`);
const values = [...keys, 'replaced'].map(() => randomBytes(valueBytes / 2).toString('hex'));
const replaced = values.at(-1) ?? '';
let directory = '';

/** One large value each, all of the key `k` too, and one that was replaced there. */
beforeAll(async () => {
  directory = temporaryDirectory();
  const store = await openAs<string>(directory);
  await store.set('k', replaced, 5);
  for (const [index, key] of keys.entries()) {
    await store.set(key, values[index] ?? '', 1);
    await store.set('k', values[index] ?? '', index);
  }
  await store.compact({ full: true });
  await store.close();
});

async function bytesRead(read: (store: Awaited<ReturnType<typeof openWith>>) => unknown[]) {
  const fileSystem = countingFileSystem(directory);
  const store = await openWith(directory, {}, { fileSystem });
  const answers = read(store);
  await store.close();
  const reads = fileSystem.operations.filter(({ name }) => name === 'read');
  return { answers, bytes: reads.reduce((sum, { bytes }) => sum + bytes, 0) };
}

describe('a large value', () => {
  test.each([false, true])('is not read for its key, reverse: %s', async (reverse) => {
    const { answers, bytes } = await bytesRead((store) => [...store.keys({ reverse })]);
    expect(answers).toHaveLength(keys.length + 1);
    expect(bytes).toBeLessThan(valueBytes);
  });

  test('is read once for a scan', async () => {
    const { answers, bytes } = await bytesRead((store) => [...store.scan({ prefix: 'key' })]);
    expect(answers).toHaveLength(keys.length);
    expect(bytes).toBeLessThan((keys.length + 1) * valueBytes);
  });

  test.each([
    ['forward', false, 1],
    ['backward', true, 0],
  ])('is read once for a history %s', async (_, reverse, others) => {
    const { answers, bytes } = await bytesRead((store) => [...store.history('k', { reverse })]);
    expect(answers).toHaveLength(keys.length);
    expect(bytes).toBeLessThan((keys.length + others + 1) * valueBytes);
  });
});

describe('a damaged value', () => {
  async function withDamage(value: string) {
    const copy = join(temporaryDirectory(), 'store');
    cpSync(directory, copy, { recursive: true });
    const [name = ''] = readdirSync(join(copy, 'segments'));
    const path = join(copy, 'segments', name);
    const bytes = readFileSync(path);
    for (let at = bytes.indexOf(value); at >= 0; at = bytes.indexOf(value, at + 1)) bytes[at] = 0;
    writeFileSync(path, bytes);
    return openAs<string>(copy);
  }

  test('keeps no key from being listed, and is refused where it is asked for', async () => {
    const store = await withDamage(values[3] ?? '');
    expect([...store.keys()]).toEqual(['k', ...keys].sort());
    expect([...store.keys({ reverse: true })]).toHaveLength(keys.length + 1);
    await expectRefusal('ERR_TIMEKV_DAMAGED', () => [...store.scan()]);
    await expectRefusal('ERR_TIMEKV_DAMAGED', () => [...store.history('k')]);
    expect([...store.history('k', { to: 2 })]).toHaveLength(3);
    await store.close();
  });

  test.each([false, true])('that was replaced is in no history, reverse: %s', async (reverse) => {
    const store = await withDamage(replaced);
    expect([...store.history('k', { reverse })]).toHaveLength(keys.length);
    await store.close();
  });
});
