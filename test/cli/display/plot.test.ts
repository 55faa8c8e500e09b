/** `history --plot`: the drawing by itself, and from a shell. */
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { numberIn, Plot } from '../../../src/cli/display/plot.js';
import { temporaryDirectory } from '../../support/temporary-directory.js';
import { run } from '../support/timekv.js';

const plain = { from: 0, to: 9, width: 10, height: 3, isPlain: true };
type Point = [timestamp: number, value: number | undefined, until?: number];

/** The drawing without what stands beside it. */
function drawn(points: readonly Point[], frame = plain): string[] {
  const plot = new Plot(frame);
  for (const point of points) plot.add(...point);
  return plot
    .lines(String)
    .slice(0, frame.height)
    .map((line) => line.slice(line.indexOf('|') + 1));
}

describe('a drawing', () => {
  it('holds each number until the next one', () => {
    const points: Point[] = [
      [0, 1],
      [3, 3],
      [6, 2],
    ];
    expect(drawn(points)).toEqual(['   ****', '   *  ****', '****']);
  });

  it('is empty where nothing is valid: after a deletion, and after an expiry', () => {
    const points: Point[] = [
      [0, 1],
      [2, undefined],
      [4, 1],
      [7, 3, 8],
    ];
    expect(drawn(points)).toEqual(['       **', '       *', '*** ****']);
  });

  it('keeps the one peak and the one trough among a hundred thousand', () => {
    const points = Array.from({ length: 100_000 }, (_, at): Point => [at, 50]);
    points[54_321] = [54_321, 99];
    points[54_322] = [54_322, 1];
    const [top, middle, bottom] = drawn(points, { ...plain, to: 99_999 });
    expect(top).toBe('     *');
    expect(middle).toBe('**********');
    expect(bottom).toBe('     *');
  });

  it('of a single number is a line in the middle', () => {
    expect(drawn([[0, 5]], { ...plain, to: 0 })).toEqual(['', '**********', '']);
  });

  it('has eight dots in each character where that can be shown', () => {
    const plot = new Plot({ ...plain, height: 3, width: 2, to: 3, isPlain: false });
    plot.add(0, 0);
    plot.add(1, 3);
    plot.add(2, 1);
    expect(plot.lines(String).slice(0, 3)).toEqual([
      '  3 \u2524\u28b8\u2847',
      '1.5 \u2524\u28b8\u28c7',
      '  0 \u2524\u28f8\u2800',
    ]);
  });

  it('names the least and the greatest number, and the first and the last time', () => {
    const plot = new Plot({ ...plain, width: 20 });
    plot.add(0, -1.25);
    plot.add(9, 1e9 / 3);
    expect(plot.lines((time) => `t${time}`).map((line) => line.trimEnd())).toEqual([
      '333333000 |                   *',
      '166667000 |                   *',
      '    -1.25 |********************',
      '          +--------------------',
      '           t0                t9',
    ]);
  });
});

it.each([
  ['19.90', 19.9],
  ['-5', -5],
  [' 7\n', 7],
  ['1e3', 1000],
  ['.5', 0.5],
  ['', undefined],
  ['0x10', undefined],
  ['12 apples', undefined],
  ['Infinity', undefined],
  ['1e999', undefined],
  ['1'.repeat(65), undefined],
])('%j as a number is %s', (text, number) => {
  expect(numberIn(Buffer.from(text))).toBe(number);
});

describe('history --plot', () => {
  let directory: string;

  beforeAll(async () => {
    directory = join(temporaryDirectory(), 'store');
    await run(directory, ['init', '--unit', 'tick']);
    const lines = [
      'set k 10 0',
      'set k 30 50',
      'set k n/a 60',
      'set k 20 100',
      'set words hello 1',
    ];
    await run(directory, ['batch'], { input: lines.join('\n') });
  });

  const plot = (...args: string[]) =>
    run(directory, ['history', '--plot', ...args], { environment: { TERM: 'dumb' } });

  it('draws from the first version to the last, and tells what it left out', async () => {
    const { code, stdout, stderr } = await plot('k');
    expect(code).toBe(0);
    expect(stderr).toBe('note: values that are no numbers and left out: 1\n');
    const lines = stdout.split('\n');
    expect(lines).toHaveLength(14);
    expect(lines[0]).toMatch(/^30 \| {42}\*{9,10}$/);
    expect(lines[5]).toMatch(/^20 \|.*\*$/);
    expect(lines[10]).toMatch(/^10 \|\*{43}$/);
    expect(lines[12]).toMatch(/^ {4}0 +100$/);
  });

  it('begins with what was valid by then', async () => {
    const { stdout } = await plot('k', '--from', '20', '--to', '40');
    expect(stdout).toMatch(/^10 \|\*+$/m);
    expect(stdout).toMatch(/^ {4}20 +40$/m);
  });

  it('of nothing that is a number finds nothing', async () => {
    const { code, stdout, stderr } = await plot('words');
    expect([code, stdout]).toEqual([3, '']);
    expect(stderr).toBe('timekv: "words" has no numbers there\n');
    const later = await plot('k', '--from', '500', '--to', '600');
    expect(later).toMatchObject({ code: 0, stdout: expect.stringContaining('20 |*') as string });
  });

  it.each([['--json'], ['--format', 'csv'], ['--reverse'], ['--limit', '3']])(
    'does not go with %s',
    async (...args) => {
      const { code, stdout, stderr } = await plot('k', ...args);
      expect([code, stdout]).toEqual([2, '']);
      expect(stderr).toContain('--plot');
    },
  );

  it('is no answer in one line', async () => {
    const { code, stderr } = await run(directory, ['batch'], { input: 'history k --plot\n' });
    expect(code).toBe(2);
    expect(stderr).toContain('--plot draws several lines');
  });
});
