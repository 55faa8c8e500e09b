/** Plain `get` lines of a batch take a shorter way: they answer what the way of all commands does. */
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { quickGet } from '../../../src/cli/batch/quick-get.js';
import type { StoreAccess } from '../../../src/cli/base/store-access.js';
import { open } from '../../../src/index.js';
import { temporaryDirectory } from '../../support/temporary-directory.js';
import { run } from '../support/timekv.js';

const gets = [
  'get k',
  'get k 15',
  'get k 9',
  'get k 25',
  'get k -3',
  'get none',
  'get deleted',
  'get deleted 15',
  'get future',
  'get future 99999999999999',
  'get bytes',
  'get tabs',
  'get "a key"',
  "get 'a key' 7",
  'get "\\x61 key"',
  'get k 1e3',
  'get k now-1',
  'get k 99999999999999999999',
  'get ""',
  'get "\\xff"',
  `get ${'x'.repeat(2049)}`,
  'get',
  'get k 1 2',
];

describe('each get answers the same both ways', () => {
  let directory: string;

  beforeAll(async () => {
    directory = join(temporaryDirectory(), 'store');
    await run(directory, ['init', '--unit', 'tick']);
    const lines = [
      'set k one 10',
      'set k two 20',
      'set k before -5',
      'set deleted x 10',
      'delete deleted 20',
      'set bytes "\\xff\\xfe" 1',
      'set tabs "a\\tb\\nc\\\\d" 1',
      'set "a key" "" 5',
    ];
    await run(directory, ['batch'], { input: lines.join('\n') });
  });

  it.each([[[]], [['--json']]])('with %j', async (options) => {
    const answers = (lines: readonly string[]) =>
      run(directory, ['batch', '--keep-going', ...options], { input: lines.join('\n') });
    const quick = await answers(gets);
    // An option, whichever it is, makes it the way of all commands.
    const usual = await answers(gets.map((line) => `${line} --tz UTC`));
    expect(quick.stdout).toBe(usual.stdout);
    expect(quick.stderr).toBe(usual.stderr);
    expect(quick.code).toBe(usual.code);
    expect(quick.stdout).toContain('two');
  });

  it('between writes, of which it sees those before it and none behind', async () => {
    const lines = [
      'get n',
      'set n 1',
      'get n',
      'set n 2',
      'set n 3',
      'get n',
      'get k',
      'delete n',
      'get n',
    ];
    const { stdout } = await run(directory, ['batch'], { input: lines.join('\n') });
    expect(stdout).toBe('\\N\n1\n3\ntwo\n\\N\n');
  });
});

it('is taken by plain gets alone, and leaves what fails to the way of all commands', async () => {
  const store = await open(':memory:', { codec: 'bytes' });
  await store.set('k', Buffer.from('v'));
  const host = { isTerminal: false };
  const quick = (...tokens: (string | Buffer)[]) => quickGet(tokens, store, host, false);
  expect(quick('get', 'k')).toBe('v\n');
  expect(quick('get', 'none')).toBe('\\N\n');
  for (const tokens of [
    ['set', 'k'],
    ['get'],
    ['get', '-n'],
    ['get', 'k', 'now'],
    ['get', 'k', '1', '2'],
  ]) {
    expect([tokens, quick(...tokens)]).toEqual([tokens, undefined]);
  }
  expect(quick('get', Buffer.from([0xff]))).toBeUndefined();
  const failing: Pick<StoreAccess, 'version'> = {
    version: () => Promise.resolve(undefined),
  };
  expect(quickGet(['get', 'k'], failing as StoreAccess, host, false)).toBeUndefined();
  await store.close();
  expect(quick('get', 'k')).toBeUndefined();
});
