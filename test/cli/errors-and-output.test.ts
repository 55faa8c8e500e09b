/** A command that ends in an error has still answered what it answered. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { temporaryDirectory } from '../support/temporary-directory.js';
import { runHere as run } from './support/recorded-host.js';

const badRows = 'key,timestamp,value\na,1,x\nb,1.5,y\n,3,z\n';

function fresh(): string {
  return join(temporaryDirectory(), 'store');
}

describe('an import that skips bad rows', () => {
  const words = ['import', '--skip-bad'];

  it('answers with --json how many, and tells of all in one object on stderr', async () => {
    const { code, stdout, stderr } = await run(fresh(), [...words, '--json'], { input: badRows });
    expect(code).toBe(2);
    expect(JSON.parse(stdout)).toEqual({ imported: 1, skipped: 2 });
    const { error } = JSON.parse(stderr) as { error: { code: string; message: string } };
    expect(error.code).toBe('ERR_TIMEKV_INVALID_ARGUMENT');
    expect(error.message).toMatch(/^2 bad rows were skipped; line 3: "1.5".*; line 4: has no key$/);
  });

  it('names only the first of very many in that object', async () => {
    const input = `key,value\n${',x\n'.repeat(105)}`;
    const { stderr } = await run(fresh(), [...words, '--json'], { input });
    expect(stderr).toContain('105 bad rows were skipped; line 2: has no key');
    expect(stderr).toContain('line 101: has no key; and 5 more');
  });

  it('tells without --json of each by itself', async () => {
    const { code, stdout, stderr } = await run(fresh(), words, { input: 'key,value\n,x\n' });
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toBe('line 2: has no key\ntimekv: 1 bad row was skipped\n');
  });
});

describe('a scan that meets a damaged block', () => {
  const directory = fresh();
  const rows = 2000;

  beforeAll(async () => {
    const lines = Array.from({ length: rows }, (_, row) => `key${1000 + row},1,${'v'.repeat(100)}`);
    await run(directory, ['import'], { input: ['key,timestamp,value', ...lines].join('\n') });
    await run(directory, ['snapshot']);
    const [name = ''] = readdirSync(join(directory, 'segments'));
    const path = join(directory, 'segments', name);
    const bytes = readFileSync(path);
    const last = bytes.lastIndexOf('v'.repeat(100));
    bytes.writeUInt8(0x77, last);
    writeFileSync(path, bytes);
  });

  it.each(['tsv', 'csv', 'ndjson', 'json', 'table'])(
    'has printed as %s what it read',
    async (format) => {
      const { code, stdout } = await run(directory, ['scan', '--format', format]);
      expect(code).toBe(6);
      const printed = new Set(stdout.match(/key\d+/g));
      expect(printed.size).toBeGreaterThan(rows - 150);
      expect(printed.size).toBeLessThan(rows);
      // An array is not closed, so that nobody takes it for a whole one.
      if (format === 'json') expect(() => JSON.parse(stdout) as unknown).toThrow(SyntaxError);
    },
  );
});

it('more rows than one JSON line holds: says what can be done about it', async () => {
  const directory = fresh();
  const lines = Array.from({ length: 10_001 }, (_, row) => `key${row},1,x`);
  await run(directory, ['import'], { input: ['key,timestamp,value', ...lines].join('\n') });
  const input = 'export\nscan --at 1\n';
  const { stdout } = await run(directory, ['batch', '--json', '--keep-going'], { input });
  const [ofExport, ofScan] = stdout.split('\n');
  expect(ofExport).toContain('more than 10000 rows for one line; run export outside of the batch');
  expect(ofScan).toContain('more than 10000 rows for one line; set a smaller --limit');
});
