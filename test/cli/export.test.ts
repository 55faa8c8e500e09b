/** An export is one view of the store, however long it takes to write out. */
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { open } from '../../src/index.js';
import { temporaryDirectory } from '../support/temporary-directory.js';
import { outcomeOf, start } from './support/timekv.js';

const keys = 20_000;

it('holds nothing of a batch that is committed while it waits for its reader', async () => {
  const directory = join(temporaryDirectory(), 'store');
  const store = await open(directory);
  const value = 'v'.repeat(100);
  const rows = Array.from({ length: keys }, (_, row) => ({
    key: `k${100_000 + row}`,
    value,
    at: 1,
  }));
  await store.load(rows);
  await store.snapshot();
  const child = start(directory, ['export', '--format', 'ndjson']);
  // It has begun, and cannot write more than a pipe holds before it is read on.
  await once(child.stdout, 'readable');
  await store.batch(
    ['a', 'k100000', 'k119999', 'z'].map((key) => ({ type: 'set', key, value: 'late', at: 2 })),
  );
  await store.compact({ full: true });
  const { code, stdout, stderr } = await outcomeOf(child);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).not.toContain('late');
  expect(stdout.match(/\n/g)).toHaveLength(keys);
  await store.close();
});
