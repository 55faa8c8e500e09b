/** Rule 7: worker threads are writers like processes. */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { start } from '../support/child.js';
import { say } from '../support/say.js';
import { openAs } from '../support/stores.js';
import { temporaryDirectory } from '../support/temporary-directory.js';

/** No worker may open a store from there on: docs/decisions/0001-toolchain-and-dependencies.md. */
const isRefused = Number(process.versions.node.split('.')[0]) >= 22;
if (isRefused) say('threads that write: skipped, no store can be opened in a worker on this Node');

/** Tells a worker, and it alone, that it runs on Node 24. */
const laterNode = `data:text/javascript,
  import { isMainThread } from 'node:worker_threads';
  const versions = { ...process.versions, node: '24.21.0' };
  if (!isMainThread) Object.defineProperty(process, 'versions', { value: versions });`;

test('a worker is refused in one line where to terminate it could end the process', async () => {
  const directory = join(temporaryDirectory(), 'store');
  const nodeFlags = isRefused ? [] : ['--import', laterNode.replaceAll('\n', '')];
  const child = start('open-in-worker', { directory }, { nodeFlags });
  const { code, message, value } = await child.answer<Record<string, string>>();
  expect(code).toBe('ERR_TIMEKV_IO');
  expect(message).toMatch(/^no store can be opened in a worker thread on Node 2\d\.[^\n]+$/);
  expect(value).toBe('v'); // The main thread may open it always.
});

test('workers may be terminated while they deflate and inflate', async () => {
  const child = start('deflate-always', { terminations: 150 });
  expect(await child.answer()).toEqual({ terminations: 150 });
});

test.skipIf(isRefused)('workers may be terminated while they find a lock taken', async () => {
  const path = join(temporaryDirectory(), 'lock');
  const child = start('try-locks', { path, terminations: 25 });
  expect(await child.answer()).toEqual({ taken: true });
});

test.skipIf(isRefused)(
  'two workers and the main thread write to one directory at once',
  async () => {
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
  },
  60_000,
);
