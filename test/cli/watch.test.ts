/** `watch`, `get --wait` and `get --keys-from`: seen from a shell. */
import { join } from 'node:path';
import { readdirSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { KernelLock } from '../../src/catalog/lock.js';
import { maintenanceLockPath, segmentDirectory } from '../../src/disk/names.js';
import { open } from '../../src/index.js';
import { temporaryDirectory } from '../support/temporary-directory.js';
import { fingerprint, outcomeOf, run, shell, start } from './support/timekv.js';

async function storeOf(lines: readonly string[], unit = 'tick'): Promise<string> {
  const directory = join(temporaryDirectory(), 'store');
  await run(directory, ['init', '--unit', unit]);
  await run(directory, ['batch'], { input: lines.join('\n') });
  return directory;
}

/** Four operations: a replaced value, a tombstone, and bytes that TSV escapes. */
const four = ['set a 1 10', 'set a 2 10', 'delete ab 20', 'set b "x\\ty" 30'];

const tsv = 'a\t10\tvalue\t\\N\t1\t1\na\t10\tvalue\t\\N\t2\t2\nab\t20\tdeleted\t\\N\t3\t\\N\n';
const csv = 'key,timestamp,state,expiresAt,seq,value\n';
const first = { key: 'a', timestamp: 10, time: null, value: '1', seq: 1, state: 'value' };
const second = { ...first, value: '2', seq: 2 };

/** Starts a command, and resolves to the lines that it prints, as soon as there are so many. */
function starting(directory: string, args: readonly string[]) {
  const child = start(directory, args);
  const finished = outcomeOf(child);
  let said = '';
  let wake = () => {};
  child.stdout.on('data', (chunk: Buffer) => {
    said += chunk.toString();
    wake();
  });
  const lines = async (count: number): Promise<string[]> => {
    while (said.split('\n').length <= count) await new Promise<void>((resolve) => (wake = resolve));
    return said.split('\n').slice(0, -1);
  };
  return { child, finished, lines };
}

/** Writes so often that one of them comes after the command has begun to wait; stops when it ends. */
async function writingUntil<T>(directory: string, words: string[], ended: Promise<T>): Promise<T> {
  for (;;) {
    const written = run(directory, words);
    const over = await Promise.race([ended, written.then(() => undefined)]);
    expect(await written).toMatchObject({ code: 0, stderr: '' });
    if (over !== undefined) return over;
  }
}

describe('watch', () => {
  it('does the merge meanwhile that waits, and the forms of stats told of', async () => {
    const directory = join(temporaryDirectory(), 'store');
    await run(directory, ['init', '--unit', 'tick']);
    const engine = await open(directory);
    const lock = KernelLock.open(maintenanceLockPath(directory), 1000);
    for (let each = 0; each < 8; each++) {
      await engine.set(`key ${each}`, 'value', each);
      await engine.snapshot();
    }
    lock.tryAcquire();
    await engine.close();
    lock.close();
    const told = async (format: string) =>
      (await run(directory, ['stats', '--format', format])).stdout;
    expect(JSON.parse(await told('json'))).toMatchObject({ waiting: { flushes: 0, merges: 1 } });
    expect(JSON.parse(await told('ndjson'))).toMatchObject({ waiting: { flushes: 0, merges: 1 } });
    expect(await told('tsv')).toContain('waiting.merges\t1\n');
    expect(await told('table')).toMatch(/waiting\.merges +1\n/);
    const watching = starting(directory, ['watch']);
    while (readdirSync(segmentDirectory(directory)).length > 1) {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    watching.child.kill('SIGTERM');
    expect((await watching.finished).code).toBe(143);
    expect(JSON.parse(await told('json'))).toMatchObject({ waiting: { flushes: 0, merges: 0 } });
  });

  it.each([
    [['--limit', '3'], tsv],
    [['a', '--limit', '3'], tsv],
    [['--format', 'csv', '--limit', '1'], `${csv}a,10,value,,1,1\n`],
    [
      ['--key', 'a', '--limit', '2', '--json'],
      `${JSON.stringify(first)}\n${JSON.stringify(second)}\n`,
    ],
    [['--key', 'a', '--limit', '1', '--format', 'json'], `${JSON.stringify(first)}\n`],
    [['--limit', '1', '--format', 'ndjson'], `${JSON.stringify(first)}\n`],
    [['--limit', '0'], ''],
    [['c', '--timeout', '50ms'], ''],
    [['--timeout', '50ms', '--format', 'csv', 'none'], csv],
  ])('--since 0 %j', async (args, stdout) => {
    const directory = await storeOf(four);
    const before = fingerprint(directory);
    const outcome = await run(directory, ['watch', '--since', '0', ...args]);
    expect(outcome).toMatchObject({ code: 0, stdout, stderr: '' });
    expect(fingerprint(directory)).toBe(before);
  });

  it('shows a table that does not wait for more', async () => {
    const directory = await storeOf(four);
    const watching = starting(directory, ['watch', '--since', '0', '--format', 'table']);
    expect(await watching.lines(5)).toEqual([
      'key  timestamp  state  expiresAt  seq  value',
      'a    10         value             1    1',
      'a    10         value             2    2',
      'ab   20         deleted             3',
      'b    30         value               4    x\\ty',
    ]);
    watching.child.kill('SIGTERM');
    expect(await watching.finished).toMatchObject({ code: 143, stderr: '' });
  });

  it('ends with 5 where a limit was not reached in time', async () => {
    const directory = await storeOf(four);
    const args = ['watch', '--since', '2', '--limit', '9', '--timeout', '100ms'];
    const outcome = await run(directory, args);
    expect(outcome.code).toBe(5);
    expect(outcome.stdout.split('\n')).toHaveLength(3);
    expect(outcome.stderr).toBe(
      'timekv: 2 of 9 operations came in the time given; raise --timeout to wait for longer\n',
    );
    const none = await run(directory, ['watch', '--limit', '1', '--timeout', '0ms', '--json']);
    expect(none).toMatchObject({ code: 5, stdout: '' });
    expect(JSON.parse(none.stderr)).toMatchObject({ error: { code: 'ERR_TIMEKV_TIMEOUT' } });
  });

  it('sends each line at once, and ends in good order at a signal', async () => {
    const directory = await storeOf(four);
    const watching = starting(directory, ['watch', '--since', '3']);
    await watching.lines(1);
    await run(directory, ['set', 'c', 'v', '50']);
    expect(await watching.lines(2)).toEqual([
      'b\t30\tvalue\t\\N\t4\tx\\ty',
      'c\t50\tvalue\t\\N\t5\tv',
    ]);
    watching.child.kill('SIGINT');
    expect(await watching.finished).toMatchObject({ code: 130, signal: null, stderr: '' });
  });

  it('tells only what comes, unless told since when', async () => {
    const directory = await storeOf(four);
    const { finished } = starting(directory, ['watch', '--key', 'c', '--limit', '1', '--json']);
    const { code, stdout } = await writingUntil(directory, ['set', 'c', 'v'], finished);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ key: 'c', value: 'v' });
  });

  it('ends quietly with the next line once nobody reads any more', async () => {
    const directory = await storeOf(four);
    const watching = starting(directory, ['watch', '--since', '3']);
    await watching.lines(1);
    watching.child.stdout.destroy();
    await writingUntil(directory, ['set', 'c', 'v'], watching.finished);
    expect(await watching.finished).toMatchObject({ code: 0, stderr: '' });
  });

  it('refuses what is no longer kept, and names what is', async () => {
    const directory = await storeOf(four);
    await run(directory, ['compact', '--full']);
    const refused = await run(directory, ['watch', '--since', '0']);
    expect(refused).toMatchObject({ code: 7, stdout: '' });
    expect(refused.stderr).toMatch(/oldest seq that can be asked for is 4\n$/);
    const args = ['watch', '--since', '4', '--timeout', '50ms'];
    expect(await run(directory, args)).toMatchObject({ code: 0, stdout: '', stderr: '' });
  });

  it.each([
    [['a', '--key', 'a'], 2, /exclude each other/],
    [['--since', '-1'], 2, /is no count/],
    [['--limit', 'x'], 2, /is no count/],
    [['--timeout', '5'], 2, /5 needs a unit/],
    [['--key', ''], 2, /the key is empty/],
  ])('refuses %j', async (args, code, message) => {
    const directory = await storeOf([]);
    const outcome = await run(directory, ['watch', ...args]);
    expect(outcome).toMatchObject({ code, stdout: '' });
    expect(outcome.stderr).toMatch(message);
  });

  it('makes no store', async () => {
    const directory = join(temporaryDirectory(), 'store');
    const outcome = await run(directory, ['watch', '--timeout', '50ms']);
    expect(outcome).toMatchObject({ code: 3, stdout: '' });
    expect(outcome.stderr).toMatch(/^timekv: there is no timekv store in .*\n$/);
  });

  it('shows what was erased or taken out since in its place, without a value', async () => {
    const lines = ['set a secret 10', 'set b secret 10 --expires-at 20', 'set c v 20', 'expire'];
    const erased = ['erase a 10 --yes', 'set d secret 5', 'erase d --all --yes'];
    const directory = await storeOf([...lines, ...erased]);
    const all = ['watch', '--since', '0', '--limit', '7'];
    expect(await run(directory, all)).toMatchObject({
      code: 0,
      stdout: [
        'a\t10\terased\t\\N\t1\t\\N',
        'b\t10\texpired\t20\t2\t\\N',
        'c\t20\tvalue\t\\N\t3\tv',
        'b\t10\texpired\t20\t4\t\\N',
        'a\t10\terased\t\\N\t5\t\\N',
        'd\t5\terased\t\\N\t6\t\\N',
        'd\t\\N\terased\t\\N\t7\t\\N\n',
      ].join('\n'),
      stderr: '',
    });
    const csvRows = (await run(directory, [...all, '--format', 'csv'])).stdout.split('\n');
    expect([csvRows[1], csvRows[2], csvRows[7]]).toEqual([
      'a,10,erased,,1,',
      'b,10,expired,20,2,',
      'd,,erased,,7,',
    ]);
    const json = (await run(directory, [...all, '--json'])).stdout.split('\n').slice(0, -1);
    const none = { time: null, value: null };
    expect(json.map((line) => JSON.parse(line) as unknown)).toEqual([
      { key: 'a', timestamp: 10, ...none, seq: 1, state: 'erased' },
      { key: 'b', timestamp: 10, ...none, seq: 2, expiresAt: 20, state: 'expired' },
      { key: 'c', timestamp: 20, time: null, value: 'v', seq: 3, state: 'value' },
      { key: 'b', timestamp: 10, ...none, seq: 4, expiresAt: 20, state: 'expired' },
      { key: 'a', timestamp: 10, ...none, seq: 5, state: 'erased' },
      { key: 'd', timestamp: 5, ...none, seq: 6, state: 'erased' },
      { key: 'd', timestamp: null, ...none, seq: 7, state: 'erased' },
    ]);
    const table = starting(directory, [...all, '--format', 'table']);
    expect((await table.lines(8)).at(-1)).toMatch(/^d +erased +7$/);
    await table.finished;
  });

  it('is a line of a batch like others, if it has an end', async () => {
    const directory = await storeOf(four);
    const input = ['watch --since 3 --limit 1', 'watch', 'watch --timeout 10ms', 'get a'].join(
      '\n',
    );
    const plain = await run(directory, ['batch', '--keep-going'], { input });
    expect(plain).toMatchObject({ code: 2, stdout: 'b\t30\tvalue\t\\N\t4\tx\\ty\n\\N\n2\n' });
    expect(plain.stderr).toBe('line 2: watch has no end here; set --limit or --timeout\n');
    const json = await run(directory, ['batch', '--keep-going', '--json'], { input });
    const answers = json.stdout
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as unknown);
    expect(answers).toMatchObject([[{ key: 'b', seq: 4 }], { error: {} }, [], { value: '2' }]);
    const atomic = await run(directory, ['batch', '--atomic'], { input: 'watch --timeout 1s' });
    expect(atomic).toMatchObject({ code: 2, stdout: '' });
    expect(atomic.stderr).toBe('line 1: watch cannot be part of an atomic batch\n');
  });
});

describe('get --wait', () => {
  it('answers at once what is there', async () => {
    const directory = await storeOf(four);
    expect(await run(directory, ['get', 'a', '--wait'])).toMatchObject({ code: 0, stdout: '2\n' });
    expect(await run(directory, ['get', 'a', '15', '--wait'])).toMatchObject({ stdout: '2\n' });
    const none = await run(directory, ['get', 'a', '5', '--wait']);
    expect(none).toMatchObject({ code: 3, stdout: '' });
    const fallback = await run(directory, ['get', 'a', '5', '--wait', '--default', 'x']);
    expect(fallback).toMatchObject({ code: 0, stdout: 'x\n' });
  });

  it('waits for the first value', async () => {
    const directory = await storeOf(four, 'us');
    const waiting = outcomeOf(start(directory, ['get', 'c', '--wait', '--json']));
    const { code, stdout } = await writingUntil(directory, ['set', 'c', 'v'], waiting);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ key: 'c', value: 'v' });
  });

  it('waits for a version up to a time', async () => {
    const directory = await storeOf(four);
    const waiting = outcomeOf(start(directory, ['get', 'b', '1000000', '--wait']));
    const { stdout } = await writingUntil(directory, ['set', 'b', 'v'], waiting);
    expect(stdout).toBe('v\n');
  });

  it('waits for the time', async () => {
    const directory = await storeOf(['set a now', 'set a then +200ms'], 'us');
    expect(await run(directory, ['get', 'a', '+300ms', '--wait'])).toMatchObject({ code: 0 });
    expect(await run(directory, ['get', 'a', '--wait'])).toMatchObject({ stdout: 'then\n' });
    const planned = await storeOf(['set a then +1s'], 'us');
    expect(await run(planned, ['get', 'a', '--wait'])).toMatchObject({ stdout: 'then\n' });
  });

  it.each([
    [['c', '--wait'], '"c" had no value in the time given'],
    [['c', '2100-01-01', '--wait'], 'no version of "c" was committed within 100 ms'],
  ])('gives up after a while: %j', async (args, message) => {
    const directory = await storeOf(four, 'us');
    const outcome = await run(directory, ['get', ...args, '--timeout', '100ms']);
    expect(outcome).toMatchObject({ code: 5, stdout: '' });
    expect(outcome.stderr).toBe(`timekv: ${message}; raise --timeout to wait for longer\n`);
  });

  it.each([
    [['a', '--timeout', '1s'], '--timeout is nothing without --wait'],
    [['a', '--wait', '--latest'], '--latest does not go with --wait; leave one out'],
  ])('refuses %j', async (args, message) => {
    const outcome = await run(await storeOf(four), ['get', ...args]);
    expect(outcome).toMatchObject({ code: 2, stdout: '', stderr: `timekv: ${message}\n` });
  });

  it('is no part of an atomic batch, where nothing can come', async () => {
    const input = 'set k v 1\nget k --wait';
    const outcome = await run(await storeOf(four), ['batch', '--atomic'], { input });
    expect(outcome).toMatchObject({ code: 2, stdout: '' });
  });
});

describe('get --keys-from', () => {
  const keys = 'b\nnone\nab\na\n';

  it.each([
    [[], 3, 'x\\ty\n\\N\n\\N\n2\n'],
    [['--format', 'csv'], 3, 'value\nx\ty\n\n\n2\n'],
    [['15'], 3, '\\N\n\\N\n\\N\n2\n'],
    [['--default', '-'], 0, 'x\\ty\n-\n-\n2\n'],
    [['--back', '1', '--default', ''], 0, '\n\n\n\n'],
  ])('%j', async (args, code, stdout) => {
    const directory = await storeOf(four);
    const before = fingerprint(directory);
    const asked = await run(directory, ['get', '--keys-from', '-', ...args], { input: keys });
    expect(asked).toMatchObject({ code, stdout });
    expect(fingerprint(directory)).toBe(before);
  });

  it('answers in JSON too, null where there is nothing', async () => {
    const directory = await storeOf(four);
    const file = join(temporaryDirectory(), 'keys');
    writeFileSync(file, keys);
    const args = ['get', '--keys-from', file];
    const json = await run(directory, [...args, '--json']);
    expect(json.code).toBe(3);
    const b = { key: 'b', timestamp: 30, time: null, value: 'x\ty', seq: 4, state: 'value' };
    expect(JSON.parse(json.stdout)).toEqual([b, null, null, second]);
    expect(json.stdout.split('\n')).toHaveLength(5);
    const lines = await run(directory, [...args, '--format', 'ndjson']);
    expect(lines.stdout).toBe(`${JSON.stringify(b)}\nnull\nnull\n${JSON.stringify(second)}\n`);
    expect(lines.stderr).toBe('timekv: 2 of the keys have no value as of now\n');
  });

  it('reads what keys writes', async () => {
    const strange = ['set "tab\\there" 1 1', 'set "back\\\\slash" 2 1', 'set "ä\\r" 3 1'];
    const directory = await storeOf(strange);
    const outcome = await shell(directory, 'timekv keys | timekv get --keys-from -');
    expect(outcome).toMatchObject({ code: 0, stdout: '2\n1\n3\n', stderr: '' });
  });

  it('names a bad line, and stops or goes on', async () => {
    const directory = await storeOf(four);
    const args = ['get', '--keys-from', '-'];
    const input = `a\r\n\nb\\q\n\\N\na`;
    const stopped = await run(directory, args, { input });
    expect(stopped).toMatchObject({
      code: 2,
      stdout: '2\n',
      stderr: 'timekv: line 2: has no key\n',
    });
    const passed = await run(directory, [...args, '--skip-bad'], { input });
    expect(passed).toMatchObject({ code: 2, stdout: '2\n2\n' });
    expect(passed.stderr).toBe(
      'line 2: has no key\nline 3: \\q is no escape; write \\\\ for a backslash\nline 4: has no key\ntimekv: 3 bad rows were skipped\n',
    );
  });

  it('answers before the next key is there', async () => {
    const directory = await storeOf(four);
    const asking = starting(directory, ['get', '--keys-from', '-']);
    for (const [count, key] of ['a', 'none', 'a'].entries()) {
      asking.child.stdin.write(`${key}\n`);
      expect(await asking.lines(count + 1)).toHaveLength(count + 1);
    }
    asking.child.stdin.end();
    expect(await asking.finished).toMatchObject({ code: 3, stdout: '2\n\\N\n2\n' });
  });

  it.each([
    [['k', 't', '--keys-from', '-'], '"k": with --keys-from there is no KEY'],
    [['--keys-from', '-', '--wait'], '--keys-from'],
    [['--skip-bad', 'k'], '--skip-bad is nothing without --keys-from'],
    [['--keys-from', '-', '1', '2', '3'], 'unexpected argument "3"'],
  ])('refuses %j', async (args, message) => {
    const outcome = await run(await storeOf(four), ['get', ...args]);
    expect(outcome).toMatchObject({ code: 2, stdout: '' });
    expect(outcome.stderr).toContain(message);
  });

  it('asks for many keys in little memory, and in order', async () => {
    const directory = await storeOf(['set 7 seven 1', 'set 199999 last 1']);
    const line =
      'seq 0 199999 | NODE_OPTIONS=--max-old-space-size=40 timekv get --keys-from - | grep -n -v N';
    const { stdout } = await shell(directory, line);
    expect(stdout).toBe('8:seven\n200000:last\n');
  });
});
