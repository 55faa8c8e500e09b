/** Where stores come from, what writes do, maintenance, and help: seen from a shell. */
import { existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryDirectory } from '../support/temporary-directory.js';
import { runHere as run } from './support/recorded-host.js';
import { fingerprint, shell } from './support/timekv.js';

function fresh(): string {
  return join(temporaryDirectory(), 'store');
}

const nothing = { code: 0, stdout: '', stderr: '' };

describe('where there is no store', () => {
  it.each([
    'get a',
    'get a --json',
    'history a',
    'keys',
    'scan --count',
    'export',
    'stats',
    'snapshot',
    'compact --full',
  ])('timekv %s creates nothing', async (line) => {
    const directory = fresh();
    expect(await run(directory, line.split(' '))).toMatchObject({ code: 3, stdout: '' });
    expect(existsSync(directory)).toBe(false);
  });

  it('the first write creates one, for its owner alone', async () => {
    const directory = fresh();
    expect(await run(directory, ['set', 'a', '1'])).toMatchObject(nothing);
    expect(statSync(directory).mode & 0o777).toBe(0o700);
    for (const name of readdirSync(directory, { recursive: true, encoding: 'utf8' })) {
      const status = statSync(join(directory, name));
      expect([name, status.mode & 0o077]).toEqual([name, 0]);
    }
  });

  it('init creates one, once', async () => {
    const directory = fresh();
    expect(await run(directory, ['init', '--unit', 'tick'])).toMatchObject(nothing);
    expect(await run(directory, ['init', '--unit', 'tick'])).toMatchObject(nothing);
    expect(await run(directory, ['init'])).toMatchObject(nothing);
    expect(await run(directory, ['init', '--unit', 'us'])).toMatchObject({ code: 4, stdout: '' });
    const again = await run(directory, ['init', '--json']);
    expect(JSON.parse(again.stdout)).toEqual({ dir: directory, unit: 'tick' });
    const elsewhere = join(fresh(), 'by-name');
    const made = await run(directory, ['init', elsewhere, '--json']);
    expect(JSON.parse(made.stdout)).toEqual({ dir: elsewhere, unit: 'us' });
    expect((await run(elsewhere, ['keys'])).code).toBe(0);
    expect((await run(directory, ['init', elsewhere, '--dir', 'x'])).code).toBe(2);
  });

  it('a directory that holds something else is left alone', async () => {
    const directory = temporaryDirectory();
    writeFileSync(join(directory, 'novel.txt'), 'chapter 1');
    const before = fingerprint(directory);
    expect(await run(directory, ['set', 'a', '1'])).toMatchObject({ code: 2, stdout: '' });
    expect((await run(directory, ['get', 'a'])).code).toBe(3);
    expect(fingerprint(directory)).toBe(before);
  });
});

describe('a directory that cannot be made', () => {
  it.runIf(existsSync('/proc/self'))(
    'is refused at once, also where it seems to be missing',
    async () => {
      const { code, stderr } = await shell('/proc/none/store', 'timeout 20 "$NODE" "$RUN" set a 1');
      expect({ code, stderr }).toEqual({
        code: 1,
        stderr: expect.stringContaining('cannot create a store in /proc/none/store') as string,
      });
    },
  );

  it('is refused below a file', async () => {
    const file = join(temporaryDirectory(), 'file');
    writeFileSync(file, '');
    const { code, stderr } = await run(join(file, 'a', 'b'), ['set', 'a', '1']);
    expect(code).not.toBe(0);
    expect(stderr).toContain(file);
  });

  it('with its parents is for the owner alone', async () => {
    const directory = fresh();
    await run(join(directory, 'a', 'b'), ['set', 'a', '1']);
    for (const made of [directory, join(directory, 'a')]) {
      expect(statSync(made).mode & 0o777).toBe(0o700);
    }
  });
});

describe('get --default', () => {
  it('answers where there is no store, and creates nothing', async () => {
    const directory = fresh();
    const words = ['get', 'a', '--default', '0'];
    expect(await run(directory, words)).toMatchObject({ ...nothing, stdout: '0\n' });
    const { stdout } = await run(directory, [...words, '--json']);
    expect(JSON.parse(stdout)).toMatchObject({ key: 'a', value: '0', seq: null });
    expect(existsSync(directory)).toBe(false);
  });
});

describe('where the store is', () => {
  it('is a directory, also one that is called :memory:', async () => {
    const place = temporaryDirectory();
    const outcome = await shell(
      ':memory:',
      `cd ${place}; timekv set a 1; timekv get a; timekv set b 2 -d :memory:; timekv get b`,
    );
    expect(outcome).toMatchObject({ ...nothing, stdout: '1\n2\n' });
    expect(readdirSync(place)).toEqual([':memory:']);
  });

  it('is said by --dir, else TIMEKV_DIR, else the XDG directory', async () => {
    const [option, variable, data] = [fresh(), fresh(), temporaryDirectory()];
    const environment = { XDG_DATA_HOME: data };
    await run(variable, ['set', 'a', 'option', '-d', option], { environment });
    await run(variable, ['set', 'a', 'variable'], { environment });
    await run('', ['set', 'a', 'xdg'], { environment });
    expect((await run(option, ['get', 'a'])).stdout).toBe('option\n');
    expect((await run(variable, ['get', 'a'])).stdout).toBe('variable\n');
    expect((await run(join(data, 'timekv'), ['get', 'a'])).stdout).toBe('xdg\n');
  });
});

describe('a write', () => {
  it('says with --json what it wrote', async () => {
    const directory = fresh();
    const set = await run(directory, ['set', 'a', '1', '10', '--json']);
    expect(JSON.parse(set.stdout)).toEqual({
      key: 'a',
      timestamp: 10,
      time: '1970-01-01T00:00:00.000010Z',
      value: '1',
      seq: 1,
      state: 'value',
    });
    const bumped = await run(directory, ['set', 'a', '2', '10', '--on-conflict', 'bump', '--json']);
    expect(JSON.parse(bumped.stdout)).toMatchObject({ timestamp: 11, value: '2', seq: 2 });
    const limited = ['set', 'a', '2', '10', '--on-conflict', 'bump', '--max-bump', '1'];
    expect((await run(directory, limited)).code).toBe(4);
    const swapped = await run(directory, ['set', 'a', '3', '20', '--if-seq', '2', '--json']);
    expect(JSON.parse(swapped.stdout)).toMatchObject({ timestamp: 20, seq: 3 });
    const deleted = await run(directory, ['delete', 'a', '30', '--json']);
    expect(JSON.parse(deleted.stdout)).toMatchObject({
      state: 'deleted',
      value: null,
      existed: true,
    });
    const again = await run(directory, ['delete', 'never', '--json']);
    expect(JSON.parse(again.stdout)).toMatchObject({ key: 'never', seq: 5, existed: false });
  });

  it('takes its value from an argument, stdin or a file', async () => {
    const directory = fresh();
    const file = join(temporaryDirectory(), 'value');
    const bytes = Buffer.from(Array.from({ length: 1000 }, (_, index) => index % 256));
    writeFileSync(file, bytes);
    await run(directory, ['set', 'stdin', '-', '5'], { input: bytes });
    await run(directory, ['set', 'file', '--file', file, '5']);
    await run(directory, ['set', 'both', '--file', '-', '5'], { input: bytes });
    await run(directory, ['set', 'hyphen', '--', '-', '5']);
    await run(directory, ['set', 'dashes', '--', '--json', '-5']);
    await run(directory, ['set', 'number', '-5', '-10']);
    await run(directory, ['set', 'fraction', '-.5', '5']);
    await run(directory, ['set', 'empty', '', '5']);
    for (const key of ['stdin', 'file', 'both']) {
      expect((await run(directory, ['get', '--raw', key, '5'])).bytes.equals(bytes)).toBe(true);
      const shown = await run(directory, ['get', key, '5']);
      expect(shown.bytes.equals(Buffer.concat([bytes, Buffer.from('\n')]))).toBe(true);
    }
    const rest = await run(directory, ['scan', '--at', '5', '--start', 'dashes', '--end', 'file']);
    expect(rest.stdout).toBe('dashes\t--json\nempty\t\n');
    expect((await run(directory, ['get', 'fraction', '5'])).stdout).toBe('-.5\n');
    expect((await run(directory, ['get', 'number', '-10'])).stdout).toBe('-5\n');
    expect((await run(directory, ['get', 'hyphen', '5'])).stdout).toBe('-\n');
  });

  it('of more than a value may hold is refused', async () => {
    const directory = fresh();
    const input = Buffer.alloc(16 * 1024 * 1024 + 1);
    const refused = await run(directory, ['set', 'a', '-'], { input });
    expect(refused).toMatchObject({ code: 2, stdout: '' });
    expect(refused.stderr).toContain('stdin holds more than 16777216 bytes');
    const most = input.subarray(1);
    expect((await run(directory, ['set', 'a', '-'], { input: most })).code).toBe(0);
    expect((await run(directory, ['get', 'a', '-n'])).bytes.equals(most)).toBe(true);
  });

  it('reads times in the zone that was asked for', async () => {
    const directory = fresh();
    await run(directory, ['set', 'a', 'utc', '2026-07-01T00:00']);
    const environment = { TZ: 'Europe/Berlin' };
    await run(directory, ['set', 'a', 'berlin', '2026-07-01'], { environment });
    await run(directory, ['set', 'a', 'tokyo', '2026-07-01', '--tz', 'Asia/Tokyo'], {
      environment,
    });
    const { stdout } = await run(directory, ['history', 'a', '--json']);
    const versions = JSON.parse(stdout) as { time: string; value: string }[];
    expect(versions.map(({ time, value }) => [time, value])).toEqual([
      ['2026-06-30T15:00:00.000Z', 'tokyo'],
      ['2026-06-30T22:00:00.000Z', 'berlin'],
      ['2026-07-01T00:00:00.000Z', 'utc'],
    ]);
  });

  it('with an argument that is no UTF-8 is refused', async () => {
    const directory = fresh();
    const outcome = await shell(directory, `timekv set a $'\\xff'`);
    expect(outcome).toMatchObject({ code: 2, stdout: '' });
    expect(outcome.stderr).toContain('argument 3 is not valid UTF-8');
    expect(existsSync(directory)).toBe(false);
    expect((await shell(directory, `timekv set a '\u{fffd}' && timekv get a`)).stdout).toBe(
      '\u{fffd}\n',
    );
  });

  it.each([
    ['', 'key'],
    ['k'.repeat(2049), 'key'],
  ])('of the key %j is refused', async (key) => {
    const directory = fresh();
    expect(await run(directory, ['set', key, '1'])).toMatchObject({ code: 2, stdout: '' });
    expect(existsSync(directory)).toBe(false);
  });
});

describe('maintenance', () => {
  it.each([
    [9_999, 0],
    [10_000, 1],
  ])('an import of %i rows leaves %i segments', async (rows, segments) => {
    const directory = fresh();
    const lines = Array.from({ length: rows }, (_, row) => `key${row},1,v`);
    const input = ['key,timestamp,value', ...lines].join('\n');
    expect(await run(directory, ['import'], { input })).toMatchObject({ code: 0, stderr: '' });
    const { stdout } = await run(directory, ['stats', '--json']);
    expect(JSON.parse(stdout)).toMatchObject({ entries: rows, segments: { count: segments } });
  });

  it('keeps every answer', async () => {
    const directory = fresh();
    await run(directory, ['set', 'a', '1', '10']);
    expect(await run(directory, ['snapshot'])).toMatchObject(nothing);
    await run(directory, ['set', 'a', '2', '20']);
    expect((await run(directory, ['snapshot', '--json'])).stdout).toBe('null\n');
    const compacted = await run(directory, ['compact', '--full', '--json']);
    expect(JSON.parse(compacted.stdout)).toMatchObject({ segmentsBefore: 2, segmentsAfter: 1 });
    expect((await run(directory, ['compact'])).stdout).toMatch(
      /^segments: 1 before, 1 now; with the log: .* before, .* now; gave back 0 bytes\n$/,
    );
    const { stdout } = await run(directory, ['history', 'a']);
    expect(stdout).toBe('a\t10\tvalue\t\\N\t1\t1\na\t20\tvalue\t\\N\t2\t2\n');
  });

  it('deflates what it merges, or does not', async () => {
    const directory = fresh();
    const input = Array.from({ length: 3000 }, (_, i) => `k${i},${i},same old value\n`).join('');
    await run(directory, ['import', '--input-format', 'csv'], {
      input: `key,timestamp,value\n${input}`,
    });
    const sizeAfter = async (compress: string): Promise<number> => {
      const args = ['compact', '--full', '--compress', compress];
      expect(await run(directory, args)).toMatchObject({ code: 0, stderr: '' });
      const { stdout } = await run(directory, ['stats', '--json']);
      return (JSON.parse(stdout) as { segments: { bytes: number } }).segments.bytes;
    };
    const off = await sizeAfter('off');
    expect(await sizeAfter('auto')).toBeLessThan(off / 2);
    expect(await sizeAfter('off')).toBe(off);
    expect(await run(directory, ['compact', '--compress', 'zip'])).toMatchObject({ code: 2 });
  });
});

describe('help', () => {
  it('lists every command, and has a page with three examples for each', async () => {
    const directory = fresh();
    const root = await run(directory, ['help']);
    expect(root).toMatchObject({ code: 0, stderr: '' });
    const names = readdirSync(new URL('../../commands/', import.meta.url)).map((name) =>
      name.replace('.ts', ''),
    );
    for (const name of names) {
      expect(root.stdout).toMatch(new RegExp(`^ {2}${name} `, 'm'));
      const page = await run(directory, [name, '--help']);
      expect(page).toMatchObject({ code: 0, stderr: '' });
      const [, examples = ''] = page.stdout.split('EXAMPLES\n');
      expect(examples.match(/timekv/g)?.length).toBeGreaterThanOrEqual(3);
      // eslint-disable-next-line no-control-regex -- no colour through a pipe
      expect(page.stdout).not.toMatch(/\u001b/);
    }
    expect((await run(directory, ['help', 'get'])).stdout).toBe(
      (await run(directory, ['get', '--help'])).stdout,
    );
    expect((await run(directory, ['help', 'time'])).stdout).toContain("'2h ago'");
    expect((await run(directory, ['--version'])).stdout).toMatch(/^timekv \d+\.\d+\.\d+\n$/);
    expect(existsSync(directory)).toBe(false);
  });

  it('bare, without a terminal, is bad usage', async () => {
    expect(await run(fresh(), [])).toMatchObject({ code: 2, stdout: '' });
  });
});

it('a directory without permission is told as such', async () => {
  // The superuser may do everything.
  if (process.getuid?.() === 0) return;
  const parent = temporaryDirectory();
  mkdirSync(join(parent, 'locked'), { mode: 0o500 });
  const outcome = await run(join(parent, 'locked', 'store'), ['set', 'a', '1']);
  expect(outcome).toMatchObject({ code: 1, stdout: '' });
});
