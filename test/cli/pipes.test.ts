/** Readers that are slow, or gone; signals; and what comes back through a pipe as it went in. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { temporaryDirectory } from '../support/temporary-directory.js';
import { listens, outcomeOf, run, shell, start, tellingReady } from './support/timekv.js';

const directory = join(temporaryDirectory(), 'store');
const rows = 30_000;
const value = 'v'.repeat(1000);

beforeAll(async () => {
  const lines = ['key,timestamp,value'];
  for (let row = 0; row < rows; row += 1)
    lines.push(`key${String(row).padStart(6, '0')},1,${value}`);
  await run(directory, ['import'], { input: lines.join('\n') });
});

it('what is imported is there', async () => {
  expect((await run(directory, ['keys', '--count'])).stdout).toBe(`${rows}\n`);
});

describe('a reader that goes away', () => {
  it.each(['scan', 'keys', 'export', 'scan --format csv', 'scan --json'])(
    'ends %s quietly, at once, with 0',
    async (line) => {
      const script = `set -o pipefail; timekv ${line} | head -n 1; echo "\${PIPESTATUS[0]}" >&2`;
      const outcome = await shell(directory, script);
      expect(outcome.stderr).toBe('0\n');
      expect(outcome.stdout.match(/\n/g)).toHaveLength(1);
    },
  );

  it('stops the scan long before its end', async () => {
    const child = start(directory, ['scan']);
    const ended = outcomeOf(child);
    child.stdout.once('data', () => child.stdout.destroy());
    const { code, stderr } = await ended;
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });

  it('ends a batch that goes on writing', async () => {
    const child = start(directory, ['batch']);
    const ended = outcomeOf(child);
    child.stdin.on('error', () => undefined);
    child.stdout.once('data', () => child.stdout.destroy());
    for (let line = 0; line < 200 && child.exitCode === null; line += 1) {
      child.stdin.write('get key000001 1\n');
      await wait(5);
    }
    expect(await ended).toMatchObject({ code: 0, stderr: '' });
  });
});

describe('a slow reader', () => {
  it('gets all 30 MB', async () => {
    const outcome = await shell(directory, 'timekv scan | (sleep 3; wc -c)');
    const expected = rows * ('key000000\t'.length + value.length + 1);
    expect(outcome).toMatchObject({ code: 0, stdout: `${expected}\n`, stderr: '' });
  });

  it('slows the command down, whose memory stays small', async () => {
    const child = start(directory, ['scan']);
    const ended = outcomeOf(child);
    child.stdout.pause();
    await wait(3000);
    const status = spawnSync('grep', ['VmRSS', `/proc/${child.pid}/status`]).stdout.toString();
    child.stdout.resume();
    expect((await ended).bytes.length).toBeGreaterThan(30_000_000);
    const kilobytes = Number(/\d+/.exec(status)?.[0]);
    expect(kilobytes).toBeGreaterThan(0);
    expect(kilobytes).toBeLessThan(220 * 1024);
  });
});

describe('a full disk behind stdout', () => {
  it('is an error', async () => {
    const outcome = await shell(directory, 'timekv scan > /dev/full');
    expect(outcome).toMatchObject({ code: 1 });
    expect(outcome.stderr).toBe(
      'timekv: cannot write what is answered: the disk is full; free some space there\n',
    );
  });
});

describe('stdin', () => {
  it('is left to the loop that a command stands in', async () => {
    const script = `timekv keys key00000 | while read -r k; do timekv get "$k" 1 | cut -c 1-3; done`;
    const outcome = await shell(directory, script);
    expect(outcome).toMatchObject({ code: 0, stdout: 'vvv\n'.repeat(10), stderr: '' });
  });

  it.each(['get key000001 1', 'keys --count', 'set side 1', 'delete side', 'stats', 'help'])(
    'is not read by %s',
    async (line) => {
      const script = `printf 'one\\ntwo\\n' | { timekv ${line} > /dev/null; cat; }`;
      expect((await shell(directory, script)).stdout).toBe('one\ntwo\n');
    },
  );
});

describe('what goes through a pipe', () => {
  const bytes = Buffer.from(Array.from({ length: 65_536 }, (_, index) => (index * 7919) % 256));

  it('comes out of get --raw as it went into set -', async () => {
    const store = join(temporaryDirectory(), 'store');
    await run(store, ['set', 'binary', '-'], { input: bytes });
    expect((await run(store, ['get', '--raw', 'binary'])).bytes.equals(bytes)).toBe(true);
  });

  it.each(['ndjson', 'csv', 'tsv'])('comes back from an export as %s', async (format) => {
    const [store, copy] = [join(temporaryDirectory(), 'store'), join(temporaryDirectory(), 'copy')];
    await run(store, ['set', 'binary', '-', '5'], { input: bytes });
    const lines = [
      'set a "" 1',
      'set a "x,\\"y\\"\\r\\n\\t\\\\N" 2',
      'delete a 3',
      'set a "\\\\N" 4',
      'set a " " 5',
      'set "k,\\"e\\"\\ty\\n" 1 -5',
      'set "\\\\N" 1 0',
      'set future 1 9000000000000000',
      'delete gone',
    ];
    expect((await run(store, ['batch'], { input: lines.join('\n') })).code).toBe(0);
    const exported = await run(store, ['export', '--format', format]);
    const args = ['import', '--input-format', format];
    expect(await run(copy, args, { input: exported.bytes })).toMatchObject({ code: 0, stderr: '' });
    const again = await run(copy, ['export', '--format', 'json']);
    const original = await run(store, ['export', '--format', 'json']);
    const withoutSeq = (text: string) =>
      (JSON.parse(text) as object[]).map((version) => ({ ...version, seq: 0 }));
    expect(withoutSeq(again.stdout)).toEqual(withoutSeq(original.stdout));
    expect(withoutSeq(original.stdout)).toHaveLength(10);
  });

  it('may be the largest value, of bytes that are all escaped, in little memory', async () => {
    const store = join(temporaryDirectory(), 'store');
    const bytesMax = 16 * 1024 * 1024;
    await run(store, ['set', 'a', '-', '1'], { input: Buffer.alloc(bytesMax, 0xff) });
    const environment = { NODE_OPTIONS: '--max-old-space-size=48' };
    const scanned = await run(store, ['scan'], { environment });
    expect(scanned).toMatchObject({ code: 0, stderr: '' });
    expect(scanned.bytes.length).toBe('a\t\n'.length + bytesMax * '\\xff'.length);
    const answered = await run(store, ['batch'], { environment, input: 'get a\n' });
    expect(answered.bytes.equals(scanned.bytes.subarray(2))).toBe(true);
  });

  it('keeps values with expiry', async () => {
    const [store, copy] = [join(temporaryDirectory(), 'store'), join(temporaryDirectory(), 'copy')];
    const input =
      '{"key":"a","timestamp":5,"value":"gone","expiresAt":9}\n{"key":"b","timestamp":5,"value":"stays","expiresAt":9000000000000000}\n';
    await run(store, ['import', '--input-format', 'ndjson'], { input });
    const exported = await run(store, ['export']);
    expect(exported.stdout).toContain(
      'a\t5\texpired\t9\t1\tgone\nb\t5\tvalue\t9000000000000000\t2\tstays\n',
    );
    await run(copy, ['import', '--input-format', 'tsv'], { input: exported.bytes });
    expect((await run(copy, ['export'])).stdout).toBe(exported.stdout);
    expect((await run(copy, ['scan'])).stdout).toBe('b\tstays\n');
    expect((await run(copy, ['get', 'a', '8'])).stdout).toBe('gone\n');
  });
});

describe('import', () => {
  it('names a bad row, and keeps what stands before it', async () => {
    const store = join(temporaryDirectory(), 'store');
    const input = 'key,timestamp,value\na,1,x\nb,soon,y\nc,3,z\n';
    const stopped = await run(store, ['import'], { input });
    expect(stopped).toMatchObject({ code: 2, stdout: '' });
    expect(stopped.stderr).toMatch(
      /^timekv: line 3: "soon" .*; what stands up to line 2 is imported\n$/,
    );
    expect((await run(store, ['keys', '--all'])).stdout).toBe('a\n');
    const skipped = await run(store, ['import', '--skip-bad'], { input });
    expect(skipped).toMatchObject({ code: 2, stdout: '' });
    expect(skipped.stderr).toMatch(/^line 3: .*\ntimekv: 1 bad row was skipped\n$/);
    expect((await run(store, ['keys', '--all'])).stdout).toBe('a\nc\n');
  });
});

async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await wait(100);
}

describe('a signal', () => {
  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('%s ends a waiting command with %d, in good order', async (signal, code) => {
    for (const args of [['set', 'waiting', '-'], ['batch'], ['import']]) {
      const child = start(directory, args, tellingReady);
      const ended = outcomeOf(child);
      await listens(child);
      // Also well after its start, when it waits for its input.
      await wait(500);
      child.kill(signal);
      expect(await ended).toMatchObject({ code, signal: null, stdout: '' });
    }
    expect((await run(directory, ['get', 'waiting'])).code).toBe(3);
  });

  it('leaves whole what an import has committed', async () => {
    const store = join(temporaryDirectory(), 'store');
    const child = start(store, ['import']);
    const ended = outcomeOf(child);
    child.stdin.on('error', () => undefined);
    child.stdin.write('key,value\n');
    for (let row = 0; row < 5000; row += 1) child.stdin.write(`k${row},${value}\n`);
    await until(async () => Number((await run(store, ['keys', '--count'])).stdout) > 0);
    child.kill('SIGINT');
    const { code, stderr } = await ended;
    expect(code).toBe(130);
    const line = Number(/up to line (\d+) is imported/.exec(stderr)?.[1]);
    expect((await run(store, ['keys', '--count'])).stdout).toBe(`${line - 1}\n`);
  });
});
