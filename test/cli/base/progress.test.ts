/** The line that tells how far a long command is. */
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { Host } from '../../../src/cli/base/host.js';
import { Progress, progressLine } from '../../../src/cli/base/progress.js';
import { temporaryDirectory } from '../../support/temporary-directory.js';
import { run } from '../support/timekv.js';

it.each<[number, number, number | undefined, string]>([
  [500, 200, undefined, '500 rows'],
  [500, 200, 0.5, '500 rows, 50 %'],
  [1_234_567, 10_000, undefined, '1,234,567 rows, 120,000 rows/s'],
  [1_234_567, 10_000, 0.25, '1,234,567 rows, 25 %, 120,000 rows/s, 30 s left'],
  [10, 60_000, 0.1, '10 rows, 10 %, 0.17 rows/s, 9 min left'],
  [10, 3_600_000, 0.1, '10 rows, 10 %, 0.003 rows/s, 9 h left'],
  [10, 2000, 0.005, '10 rows, 0 %, 5 rows/s'],
  [10, 2000, 1.2, '10 rows, 100 %, 5 rows/s'],
])('%i rows after %i ms, %s of the whole: %s', (count, elapsed, share, line) => {
  expect(progressLine(count, 'rows', elapsed, share)).toBe(line);
});

it('is neither drawn nor counted where nobody could see it', () => {
  const drawn: string[] = [];
  const host = { hasTerminalMessages: false, draw: (text: string) => drawn.push(text) };
  const progress = new Progress(host as unknown as Host, 'rows', () => {
    throw new Error('nobody asked for it');
  });
  for (let count = 0; count < 1000; count++) progress.show(count);
  progress.total(1000);
  expect(drawn).toEqual([]);
});

const quiet = { code: 0, stdout: '', stderr: '' };

it('never shows in a pipe', async () => {
  const directory = join(temporaryDirectory(), 'store');
  const rows = Array.from({ length: 20_000 }, (_, at) => `k,${at},v`);
  const input = ['key,timestamp,value', ...rows].join('\n');
  expect(await run(directory, ['import'], { input })).toMatchObject(quiet);
  const { code, stderr } = await run(directory, ['export']);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
});
