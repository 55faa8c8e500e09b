import { describe, expect, it } from 'vitest';
import { isColoured } from '../../src/cli/display/colours.js';
import { rowWriter } from '../../src/cli/display/formats.js';
import { parseFormat, type Format, type Look } from '../../src/cli/base/look.js';
import { magnitudeNote } from '../../src/cli/display/magnitude-note.js';
import type { Output } from '../../src/cli/base/output.js';
import {
  factsOf,
  isoTime,
  keyShape,
  scanShape,
  versionShape,
  type Shape,
} from '../../src/cli/display/shapes.js';
import type { Version } from '../../src/index.js';

const piped: Omit<Look, 'format'> = {
  isTerminal: false,
  isColoured: false,
  isOneLine: false,
  width: Infinity,
};
const shown = { ...piped, isTerminal: true, width: 80 };

const versions: Version<Buffer>[] = [
  { key: 'a', timestamp: 1, value: Buffer.from('x,"y"'), seq: 1, state: 'value' },
  { key: 'a', timestamp: 2, value: undefined, seq: 3, state: 'deleted' },
  { key: 'b\x1b', timestamp: 3, value: Buffer.from([0xff]), seq: 2, state: 'value', expiresAt: 9 },
  { key: 'c', timestamp: 4, value: Buffer.alloc(0), seq: 4, state: 'value', expiresAt: 11 },
];
const shape = versionShape('us', 10);

async function written<Row>(
  rows: Row[],
  rowShape: Shape<Row>,
  look: Look,
  hasHeader = false,
): Promise<Buffer> {
  const chunks: Buffer[] = [];
  const output: Output = {
    write: (chunk) => void chunks.push(Buffer.from(chunk)),
    flush: () => Promise.resolve(),
  };
  const writer = await rowWriter(rowShape, look, output, hasHeader);
  for (const row of rows) await writer.row(row);
  await writer.end();
  return Buffer.concat(chunks);
}

describe('through a pipe', () => {
  it('TSV escapes, and has a header where it is asked for', async () => {
    const look = { ...piped, format: 'tsv' as const };
    const rows =
      'a\t1\tvalue\t\\N\t1\tx,"y"\na\t2\tdeleted\t\\N\t3\t\\N\nb\x1b\t3\texpired\t9\t2\t\\xff\nc\t4\tvalue\t11\t4\t\n';
    expect(String(await written(versions, shape, look))).toBe(rows);
    expect(String(await written(versions, shape, look, true))).toBe(
      `key\ttimestamp\tstate\texpiresAt\tseq\tvalue\n${rows}`,
    );
  });

  it('CSV has a header, and bytes as they are', async () => {
    const text = await written(versions, shape, { ...piped, format: 'csv' });
    expect(text.toString('latin1')).toBe(
      'key,timestamp,state,expiresAt,seq,value\na,1,value,,1,"x,""y"""\na,2,deleted,,3,\nb\x1b,3,expired,9,2,\xff\nc,4,value,11,4,""\n',
    );
  });

  it('JSON is one array, and NDJSON a line a row', async () => {
    const rows = [
      {
        key: 'a',
        timestamp: 1,
        time: '1970-01-01T00:00:00.000001Z',
        value: 'x,"y"',
        seq: 1,
        state: 'value',
      },
      {
        key: 'a',
        timestamp: 2,
        time: '1970-01-01T00:00:00.000002Z',
        value: null,
        seq: 3,
        state: 'deleted',
      },
      {
        key: 'b\x1b',
        timestamp: 3,
        time: '1970-01-01T00:00:00.000003Z',
        value: { base64: '/w==' },
        seq: 2,
        expiresAt: 9,
        state: 'expired',
      },
      {
        key: 'c',
        timestamp: 4,
        time: '1970-01-01T00:00:00.000004Z',
        value: '',
        seq: 4,
        expiresAt: 11,
        state: 'value',
      },
    ];
    const json = String(await written(versions, shape, { ...piped, format: 'json' }));
    expect(JSON.parse(json)).toEqual(rows);
    const oneLine = await written(versions, shape, { ...piped, format: 'json', isOneLine: true });
    expect(String(oneLine)).toBe(`${JSON.stringify(JSON.parse(json))}\n`);
    const lines = String(await written(versions, shape, { ...piped, format: 'ndjson' }));
    expect(
      lines
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as unknown),
    ).toEqual(rows);
  });

  it('a table is plain columns, and nothing is cut', async () => {
    const long = [{ ...versions[0], value: Buffer.from('v'.repeat(500)) } as Version<Buffer>];
    const text = String(await written(long, scanShape, { ...piped, format: 'table' }));
    expect(text).toBe(`key  value\na    ${'v'.repeat(500)}\n`);
  });

  it.each<[Format, string]>([
    ['table', ''],
    ['json', '[]\n'],
    ['ndjson', ''],
    ['csv', 'key\n'],
    ['tsv', ''],
  ])('%s of nothing is %j', async (format, expected) => {
    expect(String(await written([], keyShape, { ...piped, format }))).toBe(expected);
  });
});

describe('on a terminal', () => {
  it.each<Format>(['table', 'json', 'ndjson', 'csv', 'tsv'])(
    '%s cannot drive it',
    async (format) => {
      const evil = '\x1b]0;x\x07\u009b\r';
      const rows = [{ ...versions[0], key: evil, value: Buffer.from(evil) } as Version<Buffer>];
      const text = String(await written(rows, shape, { ...shown, format }));
      // eslint-disable-next-line no-control-regex -- what a terminal would obey
      expect(text).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/);
      expect(text).toMatch(/\\x1b|\\u001b/);
    },
  );

  it('a table fits, and leaves out what nobody has', async () => {
    const rows = versions.slice(0, 2).map((version) => ({
      ...version,
      key: 'k'.repeat(60),
      value: Buffer.from('漢'.repeat(300)),
    }));
    const lines = String(await written(rows, shape, { ...shown, format: 'table' })).split('\n');
    const widths = lines.map((line) => line.length + (line.match(/漢/g)?.length ?? 0));
    expect(Math.max(...widths)).toBeLessThanOrEqual(80);
    expect(lines[1]).toContain('time ');
    expect(lines[1]).not.toContain('expiresAt');
    expect(lines.at(-2)).toBe('4 cells cut; --format json shows all');
  });

  it('a table that fits says nothing of it', async () => {
    const text = String(await written(versions.slice(0, 1), shape, { ...shown, format: 'table' }));
    expect(text.trimEnd().endsWith('┘')).toBe(true);
  });

  it.each<[number, string]>([
    [72, '1 cell cut; --format json shows all'],
    [66, '1 cell cut; left out: timestamp; --format json shows all'],
    [40, '1 cell cut; left out: timestamp, time; --format json shows all'],
  ])('a table of %i columns leaves out what still does not fit', async (width, note) => {
    const rows = [{ ...versions[0]!, timestamp: 1.7e15, value: Buffer.from('v'.repeat(60)) }];
    const look = { ...shown, format: 'table', width } as const;
    const lines = String(await written(rows, shape, look))
      .trimEnd()
      .split('\n');
    expect(Math.max(...lines.slice(0, -1).map((line) => line.length))).toBeLessThanOrEqual(width);
    expect(lines.at(-1)).toBe(note);
  });

  it('a long table comes in parts', async () => {
    const keys = Array.from({ length: 501 }, (_, index) => `key${index}`);
    const text = String(await written(keys, keyShape, { ...shown, format: 'table' }));
    expect(text.match(/│ key +│/g)).toHaveLength(2);
    expect(text).toContain('key500');
  });
});

it('a tick store has no times', async () => {
  const ticks = versionShape('tick', 10);
  expect(ticks.json(versions[0] as Version<Buffer>)).toMatchObject({ timestamp: 1, time: null });
  const text = String(await written(versions, ticks, { ...shown, format: 'table' }));
  expect(text).not.toContain('time ');
});

it('ISO times have microseconds where there are any', () => {
  expect(isoTime(1_700_000_000_000_000, 'us')).toBe('2023-11-14T22:13:20.000Z');
  expect(isoTime(1_700_000_000_123_456, 'us')).toBe('2023-11-14T22:13:20.123456Z');
  expect(isoTime(-1, 'us')).toBe('1969-12-31T23:59:59.999999Z');
  expect(isoTime(Number.MAX_SAFE_INTEGER, 'us')).toMatch(/^2255-/);
});

it('facts are named by their path', () => {
  expect(factsOf({ unit: 'us', wal: { files: 1 } })).toEqual([
    ['unit', 'us'],
    ['wal.files', 1],
  ]);
});

it('an unknown format is refused', () => {
  expect(parseFormat('csv')).toBe('csv');
  expect(() => parseFormat('xml')).toThrow('the formats are table, json, ndjson, csv, tsv');
});

describe('colour', () => {
  it.each([
    [true, false, {}, true],
    [false, false, {}, false],
    [true, true, {}, false],
    [true, false, { NO_COLOR: '1' }, false],
    [true, false, { NO_COLOR: '' }, true],
    [true, false, { TERM: 'dumb' }, false],
    [false, false, { FORCE_COLOR: '1' }, true],
    [true, false, { FORCE_COLOR: '0' }, false],
    [false, false, { FORCE_COLOR: '1', NO_COLOR: '1' }, true],
    [true, true, { FORCE_COLOR: '1' }, false],
  ])('terminal %s, --no-color %s, %j: %s', (isTerminal, isRefused, environment, expected) => {
    expect(isColoured(isTerminal, isRefused, environment)).toBe(expected);
  });
});

describe('an integer that looks like another unit', () => {
  const now = Date.UTC(2026, 10, 20) * 1000;
  it.each([
    ['1700000000', 'for seconds since 1970 write @1700000000'],
    ['1700000000000', 'for milliseconds since 1970 write @1700000000000ms'],
    ['1700000000000000', undefined],
    ['5', undefined],
    ['-1700000000', undefined],
    ['@1700000000', undefined],
    ['now', undefined],
  ])('%s', (text, expected) => {
    const note = magnitudeNote(text, now);
    if (expected === undefined) expect(note).toBeUndefined();
    else expect(note).toContain(expected);
  });
});
