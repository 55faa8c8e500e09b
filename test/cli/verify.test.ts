/** `verify` and `dump` on the command line. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { copyInto, flip, largestFile } from '../support/damaged-files.js';
import { temporaryDirectory } from '../support/temporary-directory.js';
import { fingerprint, run } from './support/timekv.js';

const parent = temporaryDirectory();
const whole = join(parent, 'whole');
const damaged = join(parent, 'damaged');
const lines = ['key\ttimestamp\tvalue'];
for (let i = 100; i < 400; i++) lines.push(`key-${i}\t1\t${'v'.repeat(40)}`);
let segment = '';

beforeAll(async () => {
  await run(whole, ['import', '--input-format', 'tsv'], { input: `${lines.join('\n')}\n` });
  await run(whole, ['snapshot']);
  await run(whole, ['set', 'live', 'in the log', '2']);
  segment = largestFile(whole, 'segments', '.seg');
});

function damage(): void {
  copyInto(damaged, whole, flip(200), segment);
}

test('a clean store: nothing on stdout, exit 0', async () => {
  const { code, stdout, stderr } = await run(whole, ['verify']);
  expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
  expect(stderr).toMatch(/^no damage: 6 files, .* KiB, 301 versions\n$/);
  const json = await run(whole, ['verify', '--json']);
  expect(JSON.parse(json.stdout)).toMatchObject({ entries: 301, damages: [], losses: [] });
});

test('damage: a row for each, exit 6, nothing changed; --quarantine needs --yes', async () => {
  damage();
  const before = fingerprint(damaged);
  const { code, stdout, stderr } = await run(damaged, ['verify']);
  const file = join(damaged, segment);
  const row = `${file}\t64\tthe checksum of a data block does not match\tversions of keys from "key-100" to "key-1`;
  expect({ code, row: stdout.slice(0, row.length) }).toEqual({ code: 6, row });
  expect(stderr).toContain('1 damage in 1 file');
  expect(stderr).toContain('timekv verify --quarantine');
  const asking = await run(damaged, ['verify', '--quarantine']);
  expect(asking.code).toBe(2);
  expect(asking.stdout).toBe(stdout);
  expect(asking.stderr).toContain('--yes');
  const inSession = await run(damaged, ['batch'], { input: 'verify --quarantine --yes\n' });
  expect(inSession.code).toBe(2);
  expect(fingerprint(damaged)).toBe(before);
});

test('--quarantine --yes: the loss is told, then and later, and the rest is there', async () => {
  damage();
  const { code, stdout, stderr } = await run(damaged, ['verify', '--quarantine', '--yes']);
  expect(code).toBe(0);
  expect(stdout).toContain('the checksum of a data block does not match');
  expect(stderr).toMatch(
    /^lost with .*\.seg: \d+ of 300 versions: versions of keys from "key-100"/m,
  );
  const again = await run(damaged, ['verify']);
  expect({ code: again.code, stdout: again.stdout }).toEqual({ code: 0, stdout: '' });
  expect(again.stderr).toMatch(/^note: .*\.seg was put aside .* and lost with it: /);
  expect((await run(damaged, ['get', 'key-399', '2'])).stdout).toBe(`${'v'.repeat(40)}\n`);
  expect((await run(damaged, ['get', 'live', '2'])).stdout).toBe('in the log\n');
  const [aside = ''] = readdirSync(join(damaged, 'quarantine'));
  expect(segment).toBe(`segments/${aside}`);
  const dumped = await run(damaged, ['dump', join(damaged, 'quarantine', aside)]);
  expect(dumped.code).toBe(6);
  expect(dumped.stdout.split('\n').length).toBeGreaterThan(200);
  expect(dumped.stderr).toContain('is damaged at offset 64');
});

test('dump shows logs and segments, in a form that import reads', async () => {
  const logs = readdirSync(join(whole, 'wal')).filter((name) => name.endsWith('.wal'));
  const [, live = ''] = logs.sort();
  const log = await run(whole, ['dump', join(whole, 'wal', live)]);
  expect(log).toMatchObject({ code: 0, stdout: 'live\t2\tvalue\t\\N\t301\tin the log\n' });
  expect(log.stderr).toMatch(
    /^log generation 2 of the store .*\nframe 1 at 128: seq 301, written /,
  );
  const dumped = await run(whole, ['dump', join(whole, segment), '--format', 'ndjson']);
  const copy = join(parent, 'copy');
  await run(copy, ['import', '--input-format', 'ndjson'], { input: dumped.bytes });
  const keys = await run(copy, ['keys', '--all', '--count']);
  expect(keys.stdout).toBe('300\n');
});

test('dump refuses what is no file of a store', async () => {
  const foreign = await run(whole, ['dump', join(whole, 'catalog.db')]);
  expect(foreign.code).toBe(2);
  expect(foreign.stderr).toContain('neither a WAL');
  expect((await run(whole, ['dump', join(whole, 'nowhere.seg')])).code).toBe(1);
});
