/** Rows with a key and a time, joined with the values as of those times: seen from a shell. */
import { join } from 'node:path';
import { writeFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { temporaryDirectory } from '../support/temporary-directory.js';
import { fingerprint, run } from './support/timekv.js';

const place = temporaryDirectory();
const directory = join(place, 'store');

beforeAll(async () => {
  await run(directory, ['init', '--unit', 'tick']);
  const lines = ['set a 1 10', 'set a 2 20', 'set b "x,\\ty" 15', 'delete b 30', 'set c "" 10'];
  await run(directory, ['batch'], { input: [...lines, 'set d "\\xff" 10'].join('\n') });
});

const csv = 'id,key,timestamp\n1,a,10\n2,a,25\n3,b,20\n4,b,30\n5,c,10\n6,none,10\n7,a,9\n8,d,10\n';

function asofJoin(args: readonly string[], input: string) {
  return run(directory, ['asof-join', ...args], { input });
}

describe('asof-join', () => {
  it('adds a column to TSV, which is what a pipe gets', async () => {
    const before = fingerprint(directory);
    const { code, stderr, stdout } = await asofJoin([], csv);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout.split('\n')).toEqual([
      'id\tkey\ttimestamp\tvalue',
      '1\ta\t10\t1',
      '2\ta\t25\t2',
      '3\tb\t20\tx,\\ty',
      '4\tb\t30\t\\N',
      '5\tc\t10\t',
      '6\tnone\t10\t\\N',
      '7\ta\t9\t\\N',
      '8\td\t10\t\\xff',
      '',
    ]);
    expect(fingerprint(directory)).toBe(before);
  });

  it('as CSV tells an empty value from none, and keeps bytes', async () => {
    const { bytes } = await asofJoin(['--format', 'csv', '--as', 'the, value'], csv);
    expect(bytes.toString('latin1').split('\n')).toEqual([
      'id,key,timestamp,"the, value"',
      '1,a,10,1',
      '2,a,25,2',
      '3,b,20,"x,\ty"',
      '4,b,30,',
      '5,c,10,""',
      '6,none,10,',
      '7,a,9,',
      '8,d,10,\xff',
      '',
    ]);
  });

  it('as JSON has an object a row', async () => {
    const { stdout } = await asofJoin(['--json', '--as', 'v'], csv);
    const rows = JSON.parse(stdout) as unknown[];
    expect(rows[0]).toEqual({ id: '1', key: 'a', timestamp: '10', v: '1' });
    expect(rows[5]).toEqual({ id: '6', key: 'none', timestamp: '10', v: null });
    expect(rows[7]).toEqual({ id: '8', key: 'd', timestamp: '10', v: { base64: '/w==' } });
  });

  it('reads what it wrote: TSV, with escapes', async () => {
    const first = await asofJoin([], csv);
    const { stdout } = await asofJoin(['--input-format', 'tsv', '--as', 'again'], first.stdout);
    expect(stdout.split('\n')[3]).toBe('3\tb\t20\tx,\\ty\tx,\\ty');
  });

  it('adds a field to NDJSON and changes nothing else of it', async () => {
    const input =
      ' {"key":"a", "timestamp":12,"price":19.90,"big":12345678901234567890} \n\n{"timestamp":"21","key":"a"}\n';
    const { stdout } = await asofJoin(['--input-format', 'ndjson', '--format', 'ndjson'], input);
    expect(stdout).toBe(
      '{"key":"a", "timestamp":12,"price":19.90,"big":12345678901234567890,"value":"1"}\n' +
        '{"timestamp":"21","key":"a","value":"2"}\n',
    );
  });

  it('gives NDJSON columns where it is asked for them', async () => {
    const input = '{"key":"a","timestamp":12,"price":19.90}\n{"timestamp":21,"key":"a"}\n';
    const { stdout } = await asofJoin(['--input-format', 'ndjson', '--format', 'csv'], input);
    expect(stdout).toBe('key,timestamp,price,value\na,12,19.90,1\na,21,,2\n');
    const more = '{"key":"a","timestamp":12}\n{"timestamp":21,"key":"a","more":1}\n';
    const refused = await asofJoin(['--input-format', 'ndjson', '--format', 'csv'], more);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain('line 2: has a field "more"');
  });

  it('takes columns of other names, a file, a default, and values that are young enough', async () => {
    const file = join(place, 'rows.tsv');
    writeFileSync(file, 'at\tname\n12\ta\n19\ta\n12\tnone\n');
    const args = ['--key', 'name', '--time', 'at', '--max-age', '5', '--default', '?', file];
    const { stdout } = await asofJoin(args, '');
    expect(stdout).toBe('at\tname\tvalue\n12\ta\t1\n19\ta\t?\n12\tnone\t?\n');
  });

  it('names a bad row and stops, with what stands before it answered', async () => {
    const input = 'key,timestamp\na,10\na\na,20\n';
    const { code, stdout, stderr } = await asofJoin([], input);
    expect({ code, stdout }).toEqual({ code: 2, stdout: 'key\ttimestamp\tvalue\na\t10\t1\n' });
    expect(stderr).toBe('timekv: line 3: 1 cells, where the header has 2\n');
  });

  it('leaves bad rows out if it is told to, names each, and exits 2', async () => {
    const input = 'key,timestamp\na,10\na\na,\n,10\na,soon\na,20\n';
    const { code, stdout, stderr } = await asofJoin(['--skip-bad'], input);
    expect({ code, stdout }).toEqual({
      code: 2,
      stdout: 'key\ttimestamp\tvalue\na\t10\t1\na\t20\t2\n',
    });
    const told = stderr.split('\n').slice(0, -1);
    expect(told.map((line) => /^line \d/.exec(line)?.[0])).toEqual([
      'line 3',
      'line 4',
      'line 5',
      'line 6',
      undefined,
    ]);
    expect(told.at(-1)).toBe('timekv: 4 bad rows were skipped');
  });

  it('has nothing to say to no rows at all', async () => {
    expect(await asofJoin(['--json'], '')).toMatchObject({ code: 0, stdout: '[]\n', stderr: '' });
    expect(await asofJoin(['--json'], 'key,timestamp\n')).toMatchObject({
      code: 0,
      stdout: '[]\n',
    });
  });

  it.each([
    [['--key', 'gone'], 'there is no column "gone"'],
    [['--time', 'gone'], 'there is no column "gone"'],
    [['--as', 'key'], 'there is a column "key"'],
    [['--max-age', 'soon'], 'plain integer'],
    [['--format', 'xml'], 'the formats are'],
  ])('%s is refused in one line', async (args, message) => {
    const { code, stdout, stderr } = await asofJoin(args, 'key,timestamp\na,10\n');
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(message);
    expect(stderr.split('\n')).toHaveLength(2);
  });

  it('needs a store', async () => {
    const { code } = await run(join(place, 'none'), ['asof-join'], { input: csv });
    expect(code).toBe(3);
  });
});
