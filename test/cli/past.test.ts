/** Commands that look back, compare times, and bring the past back: seen from a shell. */
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { temporaryDirectory } from '../support/temporary-directory.js';
import { runHere as run } from './support/recorded-host.js';
import { fingerprint } from './support/timekv.js';

const nothing = { code: 0, stdout: '', stderr: '' };

async function storeOf(lines: readonly string[], unit = 'tick'): Promise<string> {
  const directory = join(temporaryDirectory(), 'store');
  await run(directory, ['init', '--unit', unit]);
  const input = lines.join('\n');
  expect(await run(directory, ['batch'], { input })).toMatchObject(nothing);
  return directory;
}

/** What each line of a batch answers, whatever became of those before. */
async function answersOf(directory: string, lines: readonly string[], ...args: string[]) {
  const { stdout } = await run(directory, ['batch', '--keep-going', ...args], {
    input: lines.join('\n'),
  });
  return stdout.split('\n').slice(0, -1);
}

describe('get', () => {
  let directory: string;

  beforeAll(async () => {
    directory = await storeOf(['set k a 10', 'delete k 20', 'set k b 30', 'set k c 40']);
  });

  it.each([
    ['get k --back 0', 'c'],
    ['get k --back 1', 'b'],
    ['get k --back 2', '\\N'],
    ['get k --back 3', 'a'],
    ['get k --back 4', '\\N'],
    ['get k 35 --back 1', '\\N'],
    ['get k 35 --back 2', 'a'],
    ['get k 25 --back 1', 'a'],
    ['get k --latest --back 1', 'b'],
    ['get k --max-age 0', 'c'],
    ['get k 49 --max-age 9', 'c'],
    ['get k 50 --max-age 9', '\\N'],
    ['get k 50 --max-age 9 --default none', 'none'],
    ['get none --back 1', '\\N'],
  ])('%s answers %s', async (line, answer) => {
    expect(await answersOf(directory, [line])).toEqual([answer]);
  });

  it('says what it has looked for', async () => {
    const back = await run(directory, ['get', 'k', '--back', '2']);
    expect(back).toMatchObject({ code: 3, stdout: '' });
    expect(back.stderr).toBe('timekv: "k" has no value as of now, 2 versions back\n');
    const aged = await run(directory, ['get', 'k', '90', '--max-age', '5']);
    expect(aged.stderr).toBe('timekv: "k" has no value as of 90, at most 5 old\n');
  });

  it('takes durations where there is a clock, and plain integers where there is none', async () => {
    const clocked = await storeOf(['set k old -2h', 'set k new -1m'], 'us');
    const lines = ['get k --max-age 5m', 'get k --max-age 10s', 'get k -1h --max-age 90m'];
    expect(await answersOf(clocked, lines)).toEqual(['new', '\\N', 'old']);
    for (const [place, age] of [
      [clocked, '5'],
      [directory, '5m'],
    ] as const) {
      const refused = await run(place, ['get', 'k', '--max-age', age]);
      expect(refused).toMatchObject({ code: 2, stdout: '' });
    }
  });
});

describe('history --last', () => {
  it('goes back so far from now, and no further on', async () => {
    const directory = await storeOf(['set k old -3h', 'set k new -1h', 'set k later +1h'], 'us');
    const { stdout } = await run(directory, ['history', 'k', '--last', '2h', '--format', 'csv']);
    const values = stdout.split('\n').slice(1, -1);
    expect(values.map((line) => line.split(',').at(-1))).toEqual(['new']);
    const none = await run(directory, ['history', 'k', '--last', '10m']);
    expect(none).toMatchObject(nothing);
    const both = await run(directory, ['history', 'k', '--last', '2h', '--from', '-1h']);
    expect(both).toMatchObject({ code: 2, stdout: '' });
  });
});

describe('diff', () => {
  let directory: string;

  beforeAll(async () => {
    directory = await storeOf([
      'set changed old 10',
      'set changed new 20',
      'set removed v 10',
      'delete removed 20',
      'set user:added "a\\tb" 20',
      'set same v 10',
    ]);
  });

  it.each([
    [
      'tsv',
      'changed\tchanged\told\tnew\nremoved\tremoved\tv\t\\N\nuser:added\tadded\t\\N\ta\\tb\n',
    ],
    [
      'csv',
      'key,change,before,after\nchanged,changed,old,new\nremoved,removed,v,\nuser:added,added,,a\tb\n',
    ],
    [
      'ndjson',
      [
        '{"key":"changed","change":"changed","before":"old","after":"new"}',
        '{"key":"removed","change":"removed","before":"v","after":null}',
        '{"key":"user:added","change":"added","before":null,"after":"a\\tb"}\n',
      ].join('\n'),
    ],
  ])('as %s', async (format, stdout) => {
    const before = fingerprint(directory);
    const answer = await run(directory, ['diff', '10', '20', '--format', format]);
    expect(answer).toMatchObject({ ...nothing, stdout });
    expect(fingerprint(directory)).toBe(before);
  });

  it('ends now, keeps to a prefix, and may find nothing', async () => {
    const { stdout } = await run(directory, ['diff', '10', '--prefix', 'user:', '--json']);
    expect(JSON.parse(stdout)).toEqual([
      { key: 'user:added', change: 'added', before: null, after: 'a\tb' },
    ]);
    expect(await run(directory, ['diff', '20'])).toMatchObject(nothing);
  });

  it('needs a time', async () => {
    expect(await run(directory, ['diff'])).toMatchObject({ code: 2, stdout: '' });
    expect(await run(directory, ['diff', 'soon'])).toMatchObject({ code: 2, stdout: '' });
  });
});

describe('revert', () => {
  const past = ['set a 1 10', 'set a 2 20', 'set b x 20', 'set c same 10', 'set d gone 10'];

  it('writes what was valid then, or a tombstone, or nothing', async () => {
    const directory = await storeOf([...past, 'delete d 20']);
    const lines = ['revert a 10', 'get a', 'revert b 10', 'get b', 'revert c 10', 'revert d 10'];
    expect(await answersOf(directory, lines)).toEqual(['1', '\\N']);
    expect(await answersOf(directory, ['get d', 'get a 21', 'get a 22'])).toEqual([
      'gone',
      '1',
      '1',
    ]);
    const { stdout } = await run(directory, ['history', 'c', '--format', 'csv']);
    expect(stdout.split('\n')).toHaveLength(3);
  });

  it('answers the version in JSON, or null', async () => {
    const directory = await storeOf(past);
    const answers = await answersOf(directory, ['revert a 10', 'revert a 10'], '--json');
    expect(answers.map((each) => JSON.parse(each) as unknown)).toEqual([
      { key: 'a', timestamp: 21, time: null, value: '1', seq: 6, state: 'value' },
      null,
    ]);
  });

  it('leaves the expiry behind', async () => {
    const directory = await storeOf([]);
    const rows =
      'key,timestamp,state,expiresAt,seq,value\nk,10,value,15,1,short\nk,20,value,,2,new\n';
    await run(directory, ['import'], { input: rows });
    await run(directory, ['revert', 'k', '12']);
    expect(await answersOf(directory, ['get k', 'get k 999'])).toEqual(['short', 'short']);
  });

  it('takes all keys with a prefix as one batch', async () => {
    const directory = await storeOf([...past, 'set other 1 10', 'set other 2 20']);
    const { stdout } = await run(directory, ['revert', '--prefix', '', '15', '--json']);
    const written = JSON.parse(stdout) as { key: string; timestamp: number; state: string }[];
    expect(written.map(({ key, state }) => `${key} ${state}`)).toEqual([
      'a value',
      'b deleted',
      'other value',
    ]);
    const again = await run(directory, ['revert', '--prefix', '', '15', '--json']);
    expect(again).toMatchObject({ ...nothing, stdout: '[]\n' });
  });

  it('tells of versions that are still to come', async () => {
    const directory = await storeOf(['set k a -2h', 'set k b -1h', 'set k later +1h'], 'us');
    const { stderr } = await run(directory, ['revert', 'k', '-90m']);
    expect(stderr).toBe('note: "k" has 1 version of the future, which stay\n');
    expect(await answersOf(directory, ['get k', 'get k --latest'])).toEqual(['a', 'later']);
  });

  it('is part of an atomic batch', async () => {
    const directory = await storeOf(past);
    const input = 'set z 1\nrevert --prefix "" 15\nrevert c 10\n';
    const { stdout } = await run(directory, ['batch', '--atomic', '--json'], { input });
    const shapes = stdout
      .split('\n')
      .slice(0, -1)
      .map((each) => JSON.parse(each) as unknown);
    expect(shapes).toMatchObject([{ key: 'z' }, [{ key: 'a' }, { key: 'b' }], null]);
  });

  it.each(['revert', 'revert k', 'revert --prefix p', 'revert k 10 --prefix p'])(
    '%s is refused, and changes nothing',
    async (line) => {
      const directory = await storeOf(past);
      const before = fingerprint(directory);
      const answer = await run(directory, line.split(' '));
      expect(answer).toMatchObject({ code: 2, stdout: '' });
      expect(answer.stderr.split('\n')).toHaveLength(2);
      expect(fingerprint(directory)).toBe(before);
    },
  );
});

describe('delete --prefix', () => {
  it('writes tombstones for all keys that have a value then, as one batch', async () => {
    const directory = await storeOf([
      'set p:a 1 10',
      'set p:b 1 20',
      'set q 1 10',
      'delete p:c 10',
    ]);
    const { stdout } = await run(directory, ['delete', '--prefix', 'p:', '15', '--json']);
    expect(JSON.parse(stdout)).toMatchObject([{ key: 'p:a', timestamp: 15, existed: true }]);
    await run(directory, ['delete', '--prefix', 'p:']);
    expect(await answersOf(directory, ['keys'])).toEqual(['q']);
    expect(await run(directory, ['delete', '--prefix', 'p:'])).toMatchObject(nothing);
  });

  it.each([['delete'], ['delete', '--prefix', 'p', 'k', '10']])(
    '%s %s is refused',
    async (...args) => {
      const directory = await storeOf(['set k 1 10']);
      expect(await run(directory, args)).toMatchObject({ code: 2, stdout: '' });
    },
  );
});
