/** Rule 7: worker threads are writers like processes. */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { start } from '../support/child.js';
import { openAs } from '../support/stores.js';
import { temporaryDirectory } from '../support/temporary-directory.js';

test('two workers and the main thread write to one directory at once', async () => {
  const directory = join(temporaryDirectory('disk'), 'store');
  const threads = 3;
  const versions = 400;
  const child = start('threads', { directory, versions, threads });
  const { seen } = await child.answer<{ seen: number }>();
  expect(seen).toBe(threads);
  const store = await openAs<string>(directory);
  const histories = [...store.keys({ all: true })].map((key) => [...store.history(key)]);
  await store.close();
  expect(histories).toHaveLength(threads);
  const inOrder = Array.from({ length: versions }, (_, i) => `${i}`);
  for (const rows of histories) expect(rows.map(({ value }) => value)).toEqual(inOrder);
  const seqs = histories.flat().map(({ seq }) => seq);
  expect(new Set(seqs).size).toBe(threads * versions);
  expect(Math.max(...seqs)).toBe(threads * versions);
}, 60_000);
