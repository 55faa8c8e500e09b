/** An export is one view of the store, however long it takes to write out. */
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { open } from '../../src/index.js';
import { temporaryDirectory } from '../support/temporary-directory.js';
import { outcomeOf, run, start } from './support/timekv.js';

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

it.each(['csv', 'tsv', 'ndjson'])(
  'comes back as it was, with what was taken out, in %s',
  async (format) => {
    const directory = join(temporaryDirectory(), 'store');
    await run(directory, ['init', '--unit', 'tick']);
    const lines = ['set k before 1', 'set k short 10 --expires-at 15', 'set k after 30', 'expire'];
    const more = ['set k empty 40', 'set k "" 41', 'delete k 50', 'set k late 60 --expires-at 61'];
    const input = [...lines, ...more, 'set other v 99'].join('\n');
    await run(directory, ['batch'], { input });
    const exported = await run(directory, ['export', '--format', format]);
    expect(exported.stdout).toMatch(/expired/);

    const copy = join(temporaryDirectory(), 'copy');
    await run(copy, ['init', '--unit', 'tick']);
    const imported = await run(copy, ['import', '--input-format', format], {
      input: exported.stdout,
    });
    expect(imported).toMatchObject({ code: 0 });
    const withoutSeqs = async (store: string) =>
      (await run(store, ['history', 'k'])).stdout.replaceAll(/\t\d+\t(?=[^\t]*\n)/g, '\t');
    expect(await withoutSeqs(copy)).toBe(await withoutSeqs(directory));
    for (const store of [directory, copy]) {
      const reads = 'get k 9\nget k 15\nget k 41\nget k 60\nget k 61\nget k 10\n';
      const { code, stdout, stderr } = await run(store, ['batch'], { input: reads });
      expect({ code, stdout }).toEqual({ code: 7, stdout: 'before\n\\N\n\nlate\n\\N\n' });
      expect(stderr).toContain('line 6: the value that "k" had from 10 to 15 has expired');
    }
    // Of that which expired elsewhere nothing is left to be taken out.
    const taken = await run(copy, ['expire']);
    expect(taken.stdout).toMatch(/^k\t60\texpired\t61\t\d+\tlate\n$/);
  },
);
