/** Plain `set` lines of a batch take a shorter way: they write, and are refused, as all commands are. */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runBatch } from '../../../src/cli/batch/batch.js';
import { quickSet } from '../../../src/cli/batch/quick-set.js';
import type { StoreAccess } from '../../../src/cli/base/store-access.js';
import { TimekvError, type Operation } from '../../../src/index.js';
import { temporaryDirectory } from '../../support/temporary-directory.js';
import { RecordedHost, runHere } from '../support/recorded-host.js';

const sets = [
  'set k one',
  'set k two 20',
  'set k before -5',
  'set k zero -0',
  'set k "" 7',
  'set k "\\xff\\xfe" 8',
  'set "a key" "a value" 1',
  'set \'ein Schlüssel\' "\\x2d" 2',
  'set k v 1e3',
  'set k v now',
  'set k -v 9',
  'set k -5 9',
  'set k - 3',
  'set -- k -',
  'set',
  'set k',
  'set "" v',
  'set "\\xff" v',
  `set ${'x'.repeat(2049)} v`,
  `set ${'x'.repeat(600)} v 4`,
  `set large ${'x'.repeat(70_000)} 4`,
  'set k v 99999999999999999999',
  'set k v 9007199254740991',
  'set k v 1 2',
];

describe('each set does the same both ways', () => {
  it.each([[[]], [['--keep-going']], [['--keep-going', '--json']]])('with %j', async (options) => {
    const outcome = async (lines: readonly string[]) => {
      const directory = join(temporaryDirectory(), 'store');
      await runHere(directory, ['init', '--unit', 'tick']);
      const told = await runHere(directory, ['batch', ...options], { input: lines.join('\n') });
      const { stdout } = await runHere(directory, ['export']);
      return { code: told.code, stdout: told.stdout, stderr: told.stderr, written: stdout };
    };
    const quick = await outcome(sets);
    // An option, whichever it is, makes it the way of all commands.
    const usual = await outcome(sets.map((line) => line.replace(/^set/, 'set --tz UTC')));
    expect(quick).toEqual(usual);
    expect(quick.written.split('\n').length).toBeGreaterThan(options.length === 0 ? 8 : 12);
  });

  it('is taken by plain sets alone', () => {
    const host = { hasTerminalMessages: false };
    const quick = (...tokens: (string | Buffer)[]) => quickSet(tokens, host);
    const operation = { type: 'set', key: 'k', value: Buffer.from('v') };
    expect(quick('set', 'k', 'v')).toEqual(operation);
    expect(quick('set', 'k', 'v', '-7')).toEqual({ ...operation, at: -7 });
    for (const tokens of [
      ['get', 'k', 'v'],
      ['set', 'k'],
      ['set', '-k', 'v'],
      ['set', 'k', '-'],
      ['set', 'k', 'v', 'now'],
      ['set', 'k', 'v', '1', '2'],
      ['set', 'x'.repeat(501), 'v'],
    ]) {
      expect([tokens, quick(...tokens)]).toEqual([tokens, undefined]);
    }
    expect(quick('set', Buffer.from([0xff]), 'v')).toBeUndefined();
    // Where somebody looks on, a time may have to be commented.
    expect(quickSet(['set', 'k', 'v', '7'], { hasTerminalMessages: true })).toBeUndefined();
  });
});

describe('a set that fails', () => {
  /** A store that refuses what is called `bad`. */
  function storeOf() {
    const written: string[] = [];
    const commit = async (operations: readonly Operation<Buffer>[]) => {
      await Promise.resolve();
      const operation = operations.findIndex(({ key }) => key === 'bad');
      if (operation !== -1) {
        const error = new TimekvError('ERR_TIMEKV_IO', 'the disk is full');
        error.operation = operation;
        throw error;
      }
      written.push(...operations.map(({ key }) => key));
      return { answers: operations.map(() => 1), firstSeq: 1, seqs: undefined };
    };
    const store: Partial<StoreAccess> = { unit: 'tick', commit, version: () => undefined };
    return { store: store as StoreAccess, written };
  }

  const lines = ['set a 1', 'set bad 2', 'set c 3', 'get a', 'set bad 4', 'set d 5'].join('\n');
  const usual = { isAtomic: false, format: undefined, zone: undefined };

  it('ends the batch, and nothing behind it is written', async () => {
    const { store, written } = storeOf();
    const host = new RecordedHost({}, lines);
    await expect(runBatch('-', host, store, { ...usual, keepsGoing: false })).rejects.toThrow(
      'the errors have been told',
    );
    expect(host.told).toBe('line 2: the disk is full\n');
    expect(written).toEqual(['a']);
  });

  it('is told in its turn where the batch goes on', async () => {
    const { store, written } = storeOf();
    const host = new RecordedHost({}, lines);
    await expect(runBatch('-', host, store, { ...usual, keepsGoing: true })).rejects.toThrow(
      'the errors have been told',
    );
    await host.output.flush();
    expect(host.told).toBe('line 2: the disk is full\nline 5: the disk is full\n');
    expect(Buffer.concat(host.printed).toString()).toBe('\\N\n');
    expect(written).toEqual(['a', 'c', 'd']);
  });
});
