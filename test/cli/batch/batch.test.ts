import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, it } from 'vitest';
import { answers, batch, fresh } from '../support/batch.js';
import { runHere as run } from '../support/recorded-host.js';
import { outcomeOf, start } from '../support/timekv.js';

describe('a batch', () => {
  it('answers each line as the command would', async () => {
    const lines = [
      '# what is set, is seen',
      'set a 1 10',
      'get a',
      '',
      'get nope',
      'history nope',
      '   # a comment',
      'set a "two\\nlines" 20',
      'get a',
      'get a 15',
      'get a -- -5',
      'delete a 30',
      'get a',
      'history a --from 20',
      'keys --count --at 20',
      'set "k\\xff" 1',
    ];
    const outcome = await batch(fresh(), lines);
    expect(outcome).toMatchObject({
      code: 2,
      stdout:
        '1\n\\N\n\\N\ntwo\\nlines\n1\n\\N\n\\N\na\t20\tvalue\t\\N\t2\ttwo\\nlines\na\t30\tdeleted\t\\N\t3\t\\N\n1\n',
      stderr: 'line 16: an argument is not valid UTF-8\n',
    });
  });

  it('answers each line by one line of JSON', async () => {
    const { code, rows, stderr } = await answers(fresh(), [
      'set a 1 10',
      '# nothing',
      'get a',
      'get nope',
      'history nope',
      'delete a 20',
      'keys',
      'keys --all',
      'scan --at 10',
      'keys --all --count',
      'history a',
      'snapshot',
      'stats',
      'set bytes "\\xff" 5',
    ]);
    const version = { key: 'a', timestamp: 10, time: '1970-01-01T00:00:00.000010Z' };
    const tombstone = { key: 'a', timestamp: 20, time: '1970-01-01T00:00:00.000020Z', value: null };
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(rows).toEqual([
      { ...version, value: '1', seq: 1, state: 'value' },
      { ...version, value: '1', seq: 1, state: 'value' },
      null,
      null,
      { ...tombstone, seq: 2, state: 'deleted', existed: true },
      [],
      [{ key: 'a' }],
      [{ key: 'a', value: '1' }],
      1,
      [
        { ...version, value: '1', seq: 1, state: 'value' },
        { ...tombstone, seq: 2, state: 'deleted' },
      ],
      null,
      expect.objectContaining({ seq: 2 }),
      expect.objectContaining({ key: 'bytes', value: { base64: '/w==' }, seq: 3 }),
    ]);
  });

  it('stops at the first error', async () => {
    const directory = fresh();
    const outcome = await batch(directory, ['set a 1 10', 'get a', 'set b', 'set c 1', 'get a']);
    expect(outcome).toMatchObject({ code: 2, stdout: '1\n' });
    expect(outcome.stderr).toMatch(/^line 3: set needs a VALUE.*\n$/);
    expect((await run(directory, ['keys', '--all'])).stdout).toBe('a\n');
    const { rows, code } = await answers(directory, [
      'get a',
      'set a 2 10 --on-conflict fail',
      'get a',
    ]);
    expect(code).toBe(4);
    expect(rows).toEqual([
      expect.objectContaining({ value: '1' }),
      { error: expect.objectContaining({ code: 'ERR_TIMEKV_CONFLICT' }) as unknown },
    ]);
  });

  it('goes on where it is told to, and exits as the first error does', async () => {
    const directory = fresh();
    const lines = ['set a 1 10', 'set a 2 10 --on-conflict fail', 'nonsense', 'get "a', 'get a'];
    const outcome = await batch(directory, lines, '--keep-going');
    expect(outcome).toMatchObject({ code: 4, stdout: '1\n' });
    expect(outcome.stderr.match(/^line \d/gm)).toEqual(['line 2', 'line 3', 'line 4']);
    const { rows, stderr } = await answers(directory, lines, '--keep-going');
    expect(rows).toHaveLength(5);
    expect(stderr).toBe('');
  });

  it('answers and writes nothing behind a write that fails', async () => {
    const directory = fresh();
    await run(directory, ['set', 'a', '1', '1']);
    rmSync(join(directory, 'write.lock'));
    mkdirSync(join(directory, 'write.lock'));
    const lines = ['get a', 'set a 9', 'set b 9', 'set c 1 --if-seq none', 'get a'];
    const outcome = await batch(directory, lines);
    expect(outcome).toMatchObject({ code: 1, stdout: '1\n' });
    expect(outcome.stderr).toMatch(/^line 2: [^\n]*\n$/);
    const { rows, code } = await answers(directory, lines);
    expect(code).toBe(1);
    expect(rows).toEqual([
      expect.objectContaining({ value: '1' }),
      { error: expect.objectContaining({ code: 'ERR_TIMEKV_IO' }) as unknown },
    ]);
    const going = await batch(directory, lines, '--keep-going');
    expect(going).toMatchObject({ code: 1, stdout: '1\n1\n' });
    expect(going.stderr.match(/^line \d/gm)).toEqual(['line 2', 'line 3', 'line 4']);
  });

  it('commits nothing behind a write that is refused', async () => {
    const lines = [
      'set a 1 9007199254740990',
      'set a 2',
      'set b 1',
      'set c 1 5',
      'delete a 6',
      'get a',
    ];
    const tickStore = async (): Promise<string> => {
      const directory = fresh();
      await run(directory, ['init', '--unit', 'tick']);
      return directory;
    };
    const directory = await tickStore();
    const outcome = await batch(directory, lines);
    expect(outcome).toMatchObject({ code: 2, stdout: '' });
    expect(outcome.stderr).toMatch(/^line 3: there is no timestamp after [^\n]*\n$/);
    expect((await run(directory, ['keys', '--all'])).stdout).toBe('a\n');
    const going = await batch(await tickStore(), lines, '--keep-going');
    expect(going).toMatchObject({ code: 2, stdout: '2\n' });
    expect(going.stderr).toMatch(/^line 3: [^\n]*\n$/);
  });

  it('tells the error of the first line, whichever is known first', async () => {
    const directory = fresh();
    await run(directory, ['init', '--unit', 'tick']);
    const lines = ['set a 1 9007199254740991', 'set b 1', 'nonsense', 'set c 1 5'];
    const outcome = await batch(directory, lines);
    expect(outcome.stderr).toMatch(/^line 2: [^\n]*\n$/);
    expect((await run(directory, ['keys', '--all'])).stdout).toBe('a\n');
  });

  it.each([
    ['repl', 'repl is no command of a session'],
    ['batch x', 'batch is no command of a session'],
    ['init', 'init is no command of a session'],
    ['inti', '"inti" is no command; see: timekv help'],
    ['hlep', 'did you mean help?'],
    ['help', 'help has no form in JSON'],
    ['get a --raw', '--raw has no end that a session could show; --json answers exact bytes'],
    ['set a -', 'stdin carries the commands here'],
    ['set a --file -', 'stdin carries the commands here'],
    ['import', 'stdin carries the commands here'],
    ['keys --dir x', '--dir belongs to the session as a whole'],
    ['get "a', 'a " is not closed'],
  ])('refuses %j', async (line, message) => {
    const { rows } = await answers(fresh(), [line]);
    expect(rows).toEqual([
      {
        error: {
          code: 'ERR_TIMEKV_INVALID_ARGUMENT',
          message: expect.stringContaining(message) as unknown,
        },
      },
    ]);
  });

  it('refuses more rows than a line may hold', async () => {
    const directory = fresh();
    const sets = Array.from({ length: 10_001 }, (_, index) => `set k${index} v`);
    expect((await batch(directory, sets)).code).toBe(0);
    const { rows } = await answers(
      directory,
      ['keys', 'keys --limit 10000', 'keys --count'],
      '--keep-going',
    );
    expect(rows[0]).toEqual({
      error: expect.objectContaining({
        message: expect.stringContaining('--limit') as unknown,
      }) as unknown,
    });
    expect(rows[1]).toHaveLength(10_000);
    expect(rows[2]).toBe(10_001);
  });

  it('reads nothing, and creates nothing, where no line writes', async () => {
    const directory = fresh();
    expect(await batch(directory, ['get a', 'keys', 'scan'])).toMatchObject({
      code: 0,
      stdout: '\\N\n\\N\n\\N\n',
    });
    expect(existsSync(directory)).toBe(false);
  });

  it('answers a read that finds nothing, in every form', async () => {
    const directory = fresh();
    await run(directory, ['set', 'a', '1', '10']);
    const lines = [
      'scan x',
      'keys x',
      'history a --from 11',
      'history x',
      'keys x --format ndjson',
    ];
    const outcome = await batch(directory, [...lines, 'keys x --format csv', 'keys x --json']);
    const csvAndJson = 'key\n[]\n';
    expect(outcome).toMatchObject({ code: 0, stdout: `${'\\N\n'.repeat(5)}${csvAndJson}` });
    expect((await batch(directory, lines, '--atomic')).stdout).toBe('\\N\n'.repeat(5));
    expect((await answers(directory, ['scan x', 'history a --from 11'])).rows).toEqual([[], []]);
  });

  it('knows help, as the command line does', async () => {
    const directory = fresh();
    const help = async (...words: string[]) => (await run(directory, ['help', ...words])).stdout;
    expect((await batch(directory, ['help'])).stdout).toBe(await help());
    expect((await batch(directory, ['help time'])).stdout).toBe(await help('time'));
    expect((await batch(directory, ['help get'])).stdout).toBe(await help('get'));
    expect((await batch(directory, ['get --help'])).stdout).toBe(await help('get'));
    expect(await help('help')).toBe(await help());
  });

  it('is what repl is without a terminal', async () => {
    const directory = fresh();
    const outcome = await run(directory, ['repl'], { input: 'set a 1\nget a\n' });
    expect(outcome).toMatchObject({ code: 0, stdout: '1\n', stderr: '' });
  });

  it('imports and reads files by name', async () => {
    const outcome = await answers(fresh(), ['import /nowhere.csv', 'set a --file /nowhere']);
    expect(outcome.code).toBe(1);
  });
});

describe('lines in a row', () => {
  it('behave as if each had finished before the next', async () => {
    const directory = fresh();
    const lines: string[] = [];
    const expected: object[] = [];
    for (let round = 0; round < 100; round += 1) {
      const seq = 5 * round;
      lines.push(`set k first ${round}`, `set other${round} x`, `set k again ${round}`);
      expected.push(
        { value: 'first', seq: seq + 1 },
        { value: 'x' },
        { value: 'again', seq: seq + 3 },
      );
      lines.push(`get k ${round}`, `set k ours ${round} --if-seq ${seq + 3}`, `get k ${round}`);
      expected.push({ value: 'again', seq: seq + 3 }, { seq: seq + 4 }, { value: 'ours' });
      lines.push(`delete k ${round}`);
      expected.push({ existed: true, seq: seq + 5 });
    }
    const { rows, code } = await answers(directory, lines);
    expect(code).toBe(0);
    expect(rows).toMatchObject(expected);
  });

  it('take seqs in the order of the lines', async () => {
    const directory = fresh();
    const lines = Array.from({ length: 3000 }, (_, index) =>
      index % 7 === 3 ? `delete k${index % 11} ${index}` : `set k${index % 101} v${index} ${index}`,
    );
    const { rows, code } = await answers(directory, lines);
    expect(code).toBe(0);
    expect(rows.map((row) => (row as { seq: number }).seq)).toEqual(
      lines.map((_, index) => index + 1),
    );
    expect(rows.map((row) => (row as { timestamp: number }).timestamp)).toEqual(
      lines.map((_, index) => index),
    );
  });

  it('share frames, and so syncs, where no line has to wait for another', async () => {
    const walBytes = async (options: string): Promise<number> => {
      const directory = fresh();
      const lines = Array.from({ length: 2000 }, (_, index) => `set k${index} v ${options}`);
      expect((await batch(directory, lines)).code).toBe(0);
      const { stdout } = await run(directory, ['stats', '--json']);
      const stats = JSON.parse(stdout) as { entries: number; wal: { bytes: number } };
      expect(stats.entries).toBe(2000);
      return stats.wal.bytes;
    };
    // A condition makes a line wait, so that each has a frame of its own.
    expect(await walBytes('')).toBeLessThan((await walBytes('--if-seq none')) / 2);
  });
});

describe('a co-process', () => {
  it('gets each answer before it asks the next question', async () => {
    const directory = fresh();
    const child = start(directory, ['batch', '--json']);
    const outcome = outcomeOf(child);
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const ask = async (line: string): Promise<unknown> => {
      child.stdin.write(`${line}\n`);
      const { value } = (await lines.next()) as { value: string };
      return JSON.parse(value);
    };
    for (let round = 1; round <= 50; round += 1) {
      expect(await ask(`set k ${round}`)).toMatchObject({ value: String(round), seq: round });
      expect(await ask('get k')).toMatchObject({ value: String(round) });
      expect(await ask('get nope')).toBeNull();
    }
    child.stdin.end();
    expect(await outcome).toMatchObject({ code: 0, stderr: '' });
  });
});
