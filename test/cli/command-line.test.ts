/** The commands seen from a shell: exit codes, stdout and stderr to the letter. */
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { temporaryDirectory } from '../support/temporary-directory.js';
import { runHere } from './support/recorded-host.js';
import { fingerprint, run } from './support/timekv.js';

function fresh(): string {
  return join(temporaryDirectory(), 'store');
}

const nothing = { code: 0, stdout: '', stderr: '' };

describe('the example of LeetCode 981', () => {
  it('answers as it should', async () => {
    const directory = fresh();
    const steps: [string[], string][] = [
      [['set', 'foo', 'bar', '1'], ''],
      [['get', 'foo', '1'], 'bar\n'],
      [['get', 'foo', '3'], 'bar\n'],
      [['set', 'foo', 'bar2', '4'], ''],
      [['get', 'foo', '4'], 'bar2\n'],
      [['get', 'foo', '5'], 'bar2\n'],
    ];
    for (const [args, stdout] of steps) {
      expect(await run(directory, args)).toMatchObject({ ...nothing, stdout });
    }
    expect(await run(directory, ['get', 'foo', '0'])).toMatchObject({
      code: 3,
      stdout: '',
      stderr: 'timekv: "foo" has no value as of 0\n',
    });
  });
});

describe('a store that is there', () => {
  const directory = fresh();

  beforeAll(async () => {
    const lines = [
      'set a 1 10',
      'set a 2 20',
      'delete a 30',
      'set b "x\\ty" 15',
      'set "c\\x1b" "\\xff" 15',
      'set d "" 5',
      'set future later 9000000000000000',
    ];
    await runHere(directory, ['batch'], { input: lines.join('\n') });
  });

  it.each<[string, string]>([
    ['get a 10', '1\n'],
    ['get a 19', '1\n'],
    ['get a 29', '2\n'],
    ['get -n a 29', '2'],
    ['get d', '\n'],
    ['get --raw d', ''],
    ['get a --default none', 'none\n'],
    ['get a --default=-x -n', '-x'],
    ['get a 25 --default none', '2\n'],
    ['get future --latest', 'later\n'],
    ['get future 9000000000000000', 'later\n'],
    ['get a -5 --default none', 'none\n'],
    ['get b', 'x\ty\n'],
    [
      'get a 29 --json',
      '{"key":"a","timestamp":20,"time":"1970-01-01T00:00:00.000020Z","value":"2","seq":2,"state":"value"}\n',
    ],
    [
      'get a --json --default none',
      '{"key":"a","timestamp":null,"time":null,"value":"none","seq":null,"state":null}\n',
    ],
    [
      'history a',
      'a\t10\tvalue\t\\N\t1\t1\na\t20\tvalue\t\\N\t2\t2\na\t30\tdeleted\t\\N\t3\t\\N\n',
    ],
    ['history a --reverse --limit 1', 'a\t30\tdeleted\t\\N\t3\t\\N\n'],
    ['history a --from 20 --to 20', 'a\t20\tvalue\t\\N\t2\t2\n'],
    ['history a --from 31', ''],
    ['history a --limit 0', ''],
    ['history a --from 31 --json', '[]\n'],
    [
      'history a --format csv --to 10',
      'key,timestamp,state,expiresAt,seq,value\na,10,value,,1,1\n',
    ],
    ['keys', 'b\nc\x1b\nd\n'],
    ['keys --at 20', 'a\nb\nc\x1b\nd\n'],
    ['keys --all', 'a\nb\nc\x1b\nd\nfuture\n'],
    ['keys --all --count', '5\n'],
    ['keys --reverse --limit 1', 'd\n'],
    ['keys --start b --end d', 'b\nc\x1b\n'],
    ['keys zzz', ''],
    ['keys c --json', '[{"key":"c\\u001b"}]\n'],
    ['scan', 'b\tx\\ty\nc\x1b\t\\xff\nd\t\n'],
    ['scan b', 'b\tx\\ty\n'],
    ['scan --count --at 20', '4\n'],
    ['scan --format csv --end c', 'key,value\nb,x\ty\n'],
    ['scan d --format csv', 'key,value\nd,""\n'],
    [
      'scan --format ndjson --start c',
      '{"key":"c\\u001b","value":{"base64":"/w=="}}\n{"key":"d","value":""}\n',
    ],
    ['scan --format table --end c', 'key  value\nb    x\\ty\n'],
  ])('timekv %s', async (line, stdout) => {
    const before = fingerprint(directory);
    expect(await runHere(directory, line.split(' '))).toMatchObject({ ...nothing, stdout });
    expect(fingerprint(directory)).toBe(before);
  });

  it.each<[string, number, RegExp | string]>([
    ['get a', 3, '"a" has no value as of now'],
    ['get nope', 3, '"nope" has no value as of now'],
    ['get a --latest', 3, '"a" has no value at any time'],
    ['get future', 3, '"future" has no value as of now'],
    ['history nope', 3, '"nope" has no history'],
    ['get a 5m', 2, '"5m" is a duration, not a time; did you mean -5m?'],
    ['get a 1700000000123456789', 2, /write @1700000000123456789ns$/],
    [
      'get a 2026-03-29T02:30 --tz Europe/Berlin',
      2,
      /does not exist in Europe\/Berlin; write .* or /,
    ],
    [
      'get a now --tz Mars',
      2,
      '"Mars" is no time zone; zones are written Europe/Berlin, UTC or +02:00',
    ],
    ['get', 2, 'get needs a KEY; usage: timekv get KEY [TIME]'],
    ['get a 1 2', 2, 'unexpected argument "2"; usage: timekv get KEY [TIME]'],
    ['get a --foo', 2, 'unknown option --foo; data that begins with a hyphen is written after --'],
    ['get a P1D', 2, '"P1D" is a duration, not a time; did you mean now-P1D?'],
    [
      'get a 17000000001234567890123456789',
      2,
      /too large for a timestamp; the limit is ±\(2\^53 − 1\)$/,
    ],
    ['get a -nz', 2, /^unknown option -nz: there is no -z; data that begins with a hyphen/],
    ['get a -no-color', 2, 'unknown option -no-color; did you mean --no-color?'],
    ['get a -jsn', 2, 'unknown option -jsn; did you mean --json?'],
    ['get a --lates', 2, 'unknown option --lates; did you mean --latest?'],
    ['get a 5 --latest', 2, '--latest takes no TIME'],
    ['get a --ttl 5s', 2, /^unknown option --ttl/],
    ['get a --default', 2, /^--default needs a value/],
    ['get a --json=true', 2, '--json takes no value'],
    ['get a --format xml', 2, '--format xml: the formats are table, json, ndjson, csv, tsv'],
    ['get a --limit 5', 2, /^unknown option --limit/],
    ['keys --limit many', 2, '"many" is no count; write a whole number'],
    ['keys --limit -5', 2, '"-5" is no count; write a whole number'],
    ['keys --limit 1 --limit 2', 2, 'option --limit can only be specified once'],
    ['keys --all --at 5', 2, '--all takes no --at'],
    ['keys --memory 1M', 2, /memory 1048576 is less than/],
    ['keys --busy-timeout 5', 2, /^5 needs a unit, as in 5s/],
    ['keys --durability none', 2, '--durability none: write full or process'],
    ['set a', 2, 'set needs a VALUE, or - for stdin, or --file PATH'],
    ['set a 1 --max-bump 5', 2, '--max-bump belongs to --on-conflict bump'],
    ['set a 1 --if-seq 0', 2, '--if-seq 0: write the seq of a version, or none'],
    ['set a 1 --file x 5', 2, 'with --file there is no VALUE: set KEY --file PATH [TIME]'],
    ['set a --file /nowhere/at/all', 1, 'cannot read /nowhere/at/all: there is no such file'],
    ['set a x 10 --on-conflict fail', 4, /.+/],
    ['set a x 10 --if-seq none', 4, /was not written: --if-seq asks for nothing, and/],
    ['set a x 10 --if-seq 99', 4, /was not written: --if-seq asks for seq 99, and/],
    ['set a x 10 --on-conflict bump --max-bump 0', 4, /; raise --max-bump or choose another time$/],
    ['init --unit tick', 4, /unit us/],
    [
      'import /nowhere.csv',
      1,
      'cannot read /nowhere.csv: there is no such file; nothing was imported',
    ],
    ['batch --atomic --keep-going', 2, '--atomic writes all or nothing; leave --keep-going out'],
    ['batch --format csv', 2, /^a batch answers as tsv/],
    ['gte a', 2, '"gte" is no command; did you mean get?'],
    ['purge a 10', 2, '"purge" is no command; see: timekv help'],
    ['frobnicate', 2, '"frobnicate" is no command; see: timekv help'],
    ['../cli/main', 2, '"../cli/main" is no command; see: timekv help'],
    ['--raw', 2, /^options come after the command/],
    ['help frob', 2, 'there is no help on "frob"; see: timekv help'],
    ['help kyes', 2, 'there is no help on "kyes"; did you mean keys?'],
  ])('timekv %s exits %d', async (line, code, message) => {
    const before = fingerprint(directory);
    const outcome = await runHere(directory, line.split(' '));
    expect(outcome).toMatchObject({ code, stdout: '' });
    expect(outcome.stderr).toMatch(/^timekv: .*\n$/);
    const told = outcome.stderr.slice('timekv: '.length, -1);
    if (typeof message === 'string') expect(told).toBe(message);
    else expect(told).toMatch(message);
    expect(fingerprint(directory)).toBe(before);
  });

  it('tells errors in JSON where answers are JSON', async () => {
    const absent = await runHere(directory, ['get', 'nope', '--json']);
    expect(absent).toMatchObject({ code: 3, stdout: '' });
    expect(JSON.parse(absent.stderr)).toEqual({
      error: { code: 'ERR_TIMEKV_NOTHING_THERE', message: '"nope" has no value as of now' },
    });
    const misused = await runHere(directory, ['get', '--foo', '--json']);
    expect(misused).toMatchObject({ code: 2, stdout: '' });
    expect(JSON.parse(misused.stderr)).toMatchObject({
      error: { code: 'ERR_TIMEKV_INVALID_ARGUMENT' },
    });
  });

  it('stats and exports without a change', async () => {
    const before = fingerprint(directory);
    const stats = await runHere(directory, ['stats', '--json']);
    expect(JSON.parse(stats.stdout)).toMatchObject({ unit: 'us', seq: 7, entries: 7 });
    const lines = await runHere(directory, ['stats']);
    expect(lines.stdout).toContain('unit\tus\nseq\t7\n');
    const exported = await runHere(directory, ['export']);
    expect(exported.stdout.split('\n')[0]).toBe('key\ttimestamp\tstate\texpiresAt\tseq\tvalue');
    expect(exported.stdout.split('\n')).toHaveLength(9);
    expect(fingerprint(directory)).toBe(before);
  });
});
