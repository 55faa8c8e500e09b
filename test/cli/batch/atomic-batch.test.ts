import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { answers, batch, fresh } from '../support/batch.js';
import { run } from '../support/timekv.js';

describe('an atomic batch', () => {
  it('writes all at once; its reads see the state before', async () => {
    const directory = fresh();
    await run(directory, ['set', 'a', 'old', '1']);
    const lines = ['set a new 2', 'get a', 'set b 1', 'get b', 'delete a 3', 'keys'];
    expect(await batch(directory, lines, '--atomic')).toMatchObject({
      code: 0,
      stdout: 'old\n\\N\na\n',
      stderr: '',
    });
    expect(
      (await run(directory, ['history', 'a', '--format', 'ndjson'])).stdout.match(/"seq":\d/g),
    ).toEqual(['"seq":1', '"seq":2', '"seq":4']);
    const { rows } = await answers(directory, ['set c 1', 'set d 2', 'get c'], '--atomic');
    const [first, second, third] = rows as { timestamp: number; seq: number }[];
    expect(third).toBeNull();
    expect(first?.timestamp).toBe(second?.timestamp);
    expect([first?.seq, second?.seq]).toEqual([5, 6]);
  });

  it('tells the seq that each write was given', async () => {
    const directory = fresh();
    await batch(directory, ['set a 0 1', 'set a 0 2']);
    const lines = ['set a 1 5', 'set a 2 5', 'get a 5', 'set a 2 5', 'delete a 5'];
    const { rows } = await answers(directory, lines, '--atomic');
    expect(rows).toMatchObject([
      { value: '1', seq: 3 },
      { value: '2', seq: 4 },
      { value: '0', seq: 2 },
      { value: '2', seq: 5 },
      { value: null, seq: 6, state: 'deleted', existed: true },
    ]);
    const one = await run(directory, ['set', 'a', '2', '5', '--json']);
    expect(JSON.parse(one.stdout)).toMatchObject({ value: '2', timestamp: 5, seq: 7 });
    const plain = await answers(directory, ['set a 2 5', 'set a 2 5', 'delete a 5', 'set a 2 5']);
    expect(plain.rows.map((row) => (row as { seq: number }).seq)).toEqual([8, 9, 10, 11]);
  });

  it('answers every line with what went wrong', async () => {
    const directory = fresh();
    await run(directory, ['set', 'old', '1', '1']);
    const error = (code: string, message: string): unknown => ({
      error: expect.objectContaining({
        code,
        message: expect.stringContaining(message) as unknown,
      }) as unknown,
    });
    const faulty = await answers(directory, ['get old', 'set a 1', 'nonsense', 'x'], '--atomic');
    expect(faulty).toMatchObject({ code: 2, stderr: '' });
    const nonsense = error('ERR_TIMEKV_INVALID_ARGUMENT', 'line 3: "nonsense" is no command');
    expect(faulty.rows).toEqual([nonsense, nonsense, nonsense]);
    const lines = ['set a 1', '# two', 'set old 2 1 --on-conflict fail', 'get old'];
    const conflict = await answers(directory, lines, '--atomic');
    expect(conflict).toMatchObject({ code: 4, stderr: '' });
    const taken = error('ERR_TIMEKV_CONFLICT', 'line 3: "old" has a version at 1 already');
    expect(conflict.rows).toEqual([taken, taken, taken]);
    expect(await batch(directory, lines, '--atomic')).toMatchObject({
      code: 4,
      stdout: '',
      stderr: expect.stringMatching(/^line 3: "old" has .*\n$/) as unknown,
    });
    const long = await batch(directory, ['set a 1', `set ${'k'.repeat(2049)} 1`], '--atomic');
    expect(long.stderr).toMatch(/^line 2: the key has 2049 bytes; the most is 2048/);
    rmSync(join(directory, 'write.lock'));
    mkdirSync(join(directory, 'write.lock'));
    const unwritable = await answers(directory, ['set a 1', 'get old'], '--atomic');
    expect(unwritable).toMatchObject({ code: 1, stderr: '' });
    expect(unwritable.rows).toEqual(Array(2).fill(error('ERR_TIMEKV_IO', '')));
  });

  it.each([
    ['a line that is wrong', ['set a 1', 'set b', 'set c 1'], 2],
    ['a condition that fails', ['set a 1', 'set old 2 1 --on-conflict fail'], 4],
    ['what cannot be part of it', ['set a 1', 'snapshot'], 2],
    ['a value that is refused', ['set a 1', `set ${'k'.repeat(2049)} 1`], 2],
  ])('writes nothing for %s', async (_, lines, code) => {
    const directory = fresh();
    await run(directory, ['set', 'old', '1', '1']);
    expect(await batch(directory, lines, '--atomic')).toMatchObject({ code, stdout: '' });
    expect((await run(directory, ['keys', '--all'])).stdout).toBe('old\n');
  });
});
