import { describe, expect, it } from 'vitest';
import { importRecords } from '../../src/cli/input/import-rows.js';
import { CsvReader } from '../../src/cli/input/csv-reader.js';
import { formatByName, recordsOf, type InputFormat } from '../../src/cli/input/row-input.js';
import { parseTime } from '../../src/cli/time/time-expression.js';
import type { StoreAccess } from '../../src/cli/base/store-access.js';
import { open } from '../../src/index.js';

async function* inPieces(text: string | Buffer, bytes: number): AsyncGenerator<Buffer> {
  const all = Buffer.from(text);
  for (let start = 0; start < all.length; start += bytes) {
    await Promise.resolve();
    yield all.subarray(start, start + bytes);
  }
}

interface Trial {
  format?: InputFormat;
  skipBad?: boolean;
  columns?: { key?: string; time?: string; value?: string };
  pieceBytes?: number;
  unit?: 'us' | 'tick';
}

/** Imports into an empty store, and tells what came of it. */
async function tryImport(text: string | Buffer, trial: Trial = {}) {
  const { format = 'csv', skipBad = false, columns = {}, pieceBytes = 7, unit = 'tick' } = trial;
  const store = await open(':memory:', { codec: 'bytes', unit });
  const access: StoreAccess = store;
  const context = { unit, zone: 'UTC', now: () => store.now() };
  const { key = 'key', time, value = 'value' } = columns;
  const bad: string[] = [];
  const outcome = await importRecords(
    access,
    recordsOf(inPieces(text, pieceBytes), format, { key, time, value }),
    {
      skipBad,
      ttl: undefined,
      readTime: (written) => parseTime(written, context),
      onBadRow: (message) => bad.push(message),
      onInterrupted: (message) => bad.push(message),
      onProgress: () => undefined,
      signal: new AbortController().signal,
    },
  ).catch((error: unknown) => (error as Error).message);
  const rows = [...store.keys({ all: true })].flatMap((name) =>
    [...store.history(name)].map((version) =>
      [name, version.timestamp, version.value?.toString('latin1'), version.expiresAt].filter(
        (field) => field !== undefined,
      ),
    ),
  );
  return { outcome, bad, rows };
}

describe('what is imported', () => {
  it('from CSV', async () => {
    const text =
      '\ufeffkey,note,value,timestamp\r\na,-,1,5\r\n\r\n"b,","-","x ""y""\nz",-6\r\nc,-,"",7\r\n';
    for (const pieceBytes of [1, 3, 1000]) {
      const { outcome, rows } = await tryImport(text, { pieceBytes });
      expect(outcome).toEqual({ imported: 3, skipped: 0 });
      expect(rows).toEqual([
        ['a', 5, '1'],
        ['b,', -6, 'x "y"\nz'],
        ['c', 7, ''],
      ]);
    }
  });

  it('from CSV with bytes that are no UTF-8', async () => {
    const text = Buffer.concat([Buffer.from('key,value\na,'), Buffer.from([0xff, 0xfe, 0x0a])]);
    expect((await tryImport(text)).rows).toEqual([['a', 1, '\xff\xfe']]);
  });

  it('from TSV', async () => {
    const text = 'key\ttimestamp\tvalue\na\t5\tx\\ty\\n\\\\\\xff\nb\t\\N\t\nc\t9\tend\r';
    expect((await tryImport(text, { format: 'tsv' })).rows).toEqual([
      ['a', 5, 'x\ty\n\\\xff'],
      ['b', 6, ''],
      ['c', 9, 'end\r'],
    ]);
    const windows = 'key\tvalue\r\na\t1\r\n\r\nb\t2\r\n';
    expect((await tryImport(windows, { format: 'tsv' })).rows).toEqual([
      ['a', 1, '1'],
      ['b', 2, '2'],
    ]);
  });

  it('from NDJSON', async () => {
    const text = `{"key":"a","timestamp":5,"value":"x"}

{"key":"b","timestamp":"6","value":{"base64":"/w=="},"seq":99}
{"key":"c","value":42}
{"key":"d","value":true,"timestamp":null}
{"key":"e","value":19.90}
{"no\\"t":"3.0","n":[1.0,{"value":2.0}],"value":0.1,"key" : 1.50, "value" : 0.1234567890123456789 }
{"key":"f","value":-12345678901234567890}
{"key":"g","value":1E+05,"timestamp":11}
`;
    expect((await tryImport(text, { format: 'ndjson' })).rows).toEqual([
      ['1.50', 10, '0.1234567890123456789'],
      ['a', 5, 'x'],
      ['b', 6, '\xff'],
      ['c', 7, '42'],
      ['d', 8, 'true'],
      ['e', 9, '19.90'],
      ['f', 11, '-12345678901234567890'],
      ['g', 11, '1E+05'],
    ]);
  });

  it('from other columns', async () => {
    const columns = { key: 'symbol', time: 'date', value: 'close' };
    const text = 'date,symbol,close\n2026-03-29T01:00Z,X,9.5\n';
    const { rows } = await tryImport(text, { columns, unit: 'us' });
    expect(rows).toEqual([['X', Date.UTC(2026, 2, 29, 1) * 1000, '9.5']]);
    const json = '{"symbol":"X","date":"@5","close":"9.5"}';
    expect((await tryImport(json, { columns, unit: 'us', format: 'ndjson' })).rows).toEqual([
      ['X', 5_000_000, '9.5'],
    ]);
  });

  it('with tombstones and expiry', async () => {
    const text =
      'key,timestamp,state,expiresAt,seq,value\na,1,value,,1,x\na,2,deleted,,2,\nb,3,expired,7,3,y\nc,4,,8,4,z\n';
    expect((await tryImport(text)).rows).toEqual([
      ['a', 1, 'x'],
      ['a', 2],
      ['b', 3, 'y', 7],
      ['c', 4, 'z', 8],
    ]);
  });

  it('without times: each row a now of its own, in order', async () => {
    expect((await tryImport('key,value\na,1\na,2\nb,3\n')).rows).toEqual([
      ['a', 1, '1'],
      ['a', 2, '2'],
      ['b', 3, '3'],
    ]);
  });

  it('is nothing where there is nothing', async () => {
    for (const format of ['csv', 'tsv', 'ndjson'] as const) {
      expect((await tryImport('', { format })).outcome).toEqual({ imported: 0, skipped: 0 });
    }
    expect((await tryImport('key,value\n')).outcome).toEqual({ imported: 0, skipped: 0 });
  });
});

describe('a bad row', () => {
  const head = 'key,timestamp,value,state,expiresAt\n';
  it.each([
    [`${head}a,1,x,,\n,2,y,,\n`, 'line 3: has no key'],
    [`${head}a,1,x,,\n"",2,y,,\n`, 'line 3: has no key'],
    [`${head}a,1,x,,\n${'k'.repeat(2049)},2,y,,\n`, 'line 3: the key has 2049 bytes'],
    [`${head}a,1,x,,\nb,1.5,y,,\n`, 'line 3: "1.5"'],
    [`${head}a,1,x,,\nb,99999999999999999,y,,\n`, 'line 3: 99999999999999999 is too large'],
    [
      `${head}a,1,x,,\nb,2,,expired,\n`,
      'line 3: has expired and has no value: then it needs its time',
    ],
    [
      `${head}a,1,x,,\nb,,,expired,5\n`,
      'line 3: has expired and has no value: then it needs its time',
    ],
    [`${head}a,1,x,,\nb,5,,expired,5\n`, 'line 3: expiresAt is not later than the time'],
    [`${head}a,1,x,,\nb,2,,erased,\n`, 'line 3: the state "erased"'],
    [`${head}a,1,x,,\nb,2,,,\n`, 'line 3: has no value'],
    [`${head}a,1,x,,\nb,2,y\n`, 'line 3: 3 cells, where the header has 5'],
    [`${head}a,1,x,,\nb,2,y,gone,\n`, 'line 3: the state "gone"'],
    [`${head}a,1,x,,\nb,2,y,deleted,\n`, 'line 3: is deleted, but has a value'],
    [`${head}a,1,x,,\nb,2,,deleted,9\n`, 'line 3: is deleted, but expires'],
    [`${head}a,1,x,,\nb,2,y,,2\n`, 'line 3: expiresAt is not later'],
    [`${head}a,1,"x\n\nx",,\nb,2,"y"y,,\n`, 'line 5: a closing quote'],
    [`${head}a,1,x,,\nb,2,"y,,\nc,3,z,,\n`, 'line 3: a quote is not closed'],
  ])('%j is told by its line, and what stands before it stays', async (text, message) => {
    const { outcome, rows } = await tryImport(text);
    expect(outcome).toContain(message);
    expect(outcome).toMatch(/; what stands up to line 2 is imported$/);
    expect(rows.map(([key]) => key)).toEqual(['a']);
  });

  it.each([
    ['{"key":"b"', 'is no JSON'],
    ['[1]', 'is no JSON object'],
    ['{"value":"x"}', 'has no key'],
    ['{"key":5,"value":"x","timestamp":1e300}', 'no exact integer'],
    ['{"key":"b","value":"x","timestamp":1.5}', 'no exact integer'],
    ['{"key":"b","value":"x","timestamp":[]}', 'neither text nor a number'],
    ['{"key":"b","value":["x"]}', 'neither text nor {"base64": …}'],
    ['{"key":"b","value":{"base64":"?"}}', 'neither text nor {"base64": …}'],
    ['{"key":"b","value":"\\ud800"}', 'the value has a lone surrogate'],
    ['{"key":"\\ud800","value":"x"}', 'the key has a lone surrogate'],
    ['{"key":"b","value":null}', 'has no value'],
  ])('%s is one in NDJSON: %s', async (line, message) => {
    const { outcome } = await tryImport(`{"key":"a","value":"1"}\n${line}\n`, { format: 'ndjson' });
    expect(outcome).toMatch(/^line 2: .*; what stands up to line 1 is imported$/);
    expect(outcome).toContain(message);
  });

  it('in NDJSON is one that is not valid UTF-8', async () => {
    const text = Buffer.from('{"key":"a","value":"x\xff"}\n', 'latin1');
    const { outcome, rows } = await tryImport(text, { format: 'ndjson' });
    expect(outcome).toBe('line 1: is not valid UTF-8; nothing was imported');
    expect(rows).toEqual([]);
  });

  it('in TSV is one with a wrong escape', async () => {
    const { outcome } = await tryImport('key\tvalue\na\t\\q\n', { format: 'tsv' });
    expect(outcome).toBe(
      'line 2: \\q is no escape; write \\\\ for a backslash; nothing was imported',
    );
  });

  it('costs only itself where bad rows are skipped', async () => {
    const text = 'key,timestamp,value\na,1,x\nb,2\n"c"c,3,y\nd,4,z\n,5,z\ne,6,z\n';
    const { outcome, bad, rows } = await tryImport(text, { skipBad: true });
    expect(outcome).toEqual({ imported: 3, skipped: 3 });
    expect(bad.map((message) => message.slice(0, 7))).toEqual(['line 3:', 'line 4:', 'line 6:']);
    expect(rows.map(([key]) => key)).toEqual(['a', 'd', 'e']);
  });
});

describe('a quote that is not closed costs its own line, where bad rows are skipped', () => {
  const head = 'key,timestamp,value\n';
  const skipBad = true;

  it('to the end of the file', async () => {
    const text = `${head}a,1,x\nb,2,"y\nc,3,z\nd,4,"z\n\nz"\ne,5,""\n`;
    const { outcome, bad, rows } = await tryImport(text, { skipBad });
    // The quote in line 5 closes the one in line 3, at a wrong place.
    expect(bad).toEqual(['line 3: a closing quote is not followed by a comma']);
    expect(outcome).toEqual({ imported: 4, skipped: 1 });
    expect(rows).toEqual([
      ['a', 1, 'x'],
      ['c', 3, 'z'],
      ['d', 4, 'z\n\nz'],
      ['e', 5, ''],
    ]);
    const unclosed = await tryImport(`${head}b,2,"y\nc,3,z\nd,4,"z"\n`, { skipBad });
    expect(unclosed.bad).toEqual(['line 2: a quote is not closed']);
    expect(unclosed.rows.map(([key]) => key)).toEqual(['c', 'd']);
  });

  it('more than once', async () => {
    const text = `${head}${'a,1,"x\nb,2,y\n'.repeat(500)}c,3,"z`;
    const { outcome, bad } = await tryImport(text, { skipBad });
    expect(outcome).toEqual({ imported: 500, skipped: 501 });
    expect(bad.slice(0, 2).map((message) => message.slice(0, 7))).toEqual(['line 2:', 'line 4:']);
  });

  it('to the longest that a row may be', () => {
    const reader = new CsvReader({ bytesMax: 20 });
    const lines = ['a,"x', 'b,y', 'c,0123456789012345678', 'd,"z', '"', 'e,z'];
    const found = [...lines.flatMap((line) => [...reader.add(line)]), ...reader.end()];
    expect(found.map((row) => ('fault' in row ? `${row.line}: ${row.fault}` : row.line))).toEqual([
      '1: a quote is not closed within 20 bytes',
      2,
      3,
      4,
      6,
    ]);
  });

  it('and a row of several lines says where it ends', async () => {
    const { bad } = await tryImport(`${head}a,1,"x\nx"\nb,"2\n2"\nc,3,z\n`, { skipBad });
    expect(bad).toEqual([
      'line 4: 2 cells, where the header has 3; a quoted cell in it goes on to line 5',
    ]);
  });
});

it('a huge column that nobody asked for does no harm beside a number', async () => {
  const text = `{"key":"a","value":1.0,"note":"${'x\\n'.repeat(5_000_000)}"}\n`;
  const { rows } = await tryImport(text, { format: 'ndjson', pieceBytes: 65_536 });
  expect(rows).toEqual([['a', 1, '1.0']]);
});

describe('a header', () => {
  it.each([
    [
      'k,value\na,1\n',
      {},
      'there is no column "key"; the columns are "k", "value"; name the right one with --key',
    ],
    ['key,v\na,1\n', {}, 'name the right one with --value'],
    ['key,value\na,1\n', { time: 'when' }, 'there is no column "when"'],
    ['key,val"ue\na,1\n', {}, 'line 1: a cell with a quote in it'],
  ])('%j %j is refused', async (text, columns, message) => {
    expect((await tryImport(text, { columns })).outcome).toContain(message);
  });
});

it.each([
  ['a.csv', 'csv'],
  ['a.TSV', 'tsv'],
  ['a.tab', 'tsv'],
  ['dir.csv/a.ndjson', 'ndjson'],
  ['a.jsonl', 'ndjson'],
  ['a.txt', 'csv'],
  ['-', 'csv'],
])('%s is taken for %s', (path, format) => {
  expect(formatByName(path)).toBe(format);
});
