/** What `timekv serve` says where the store fails: one of the codes, and nothing of where it lies. */
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { copyInto, flip, largestFile } from '../support/damaged-files.js';
import { say } from '../support/say.js';
import { fill, mountSmall } from '../support/small-disk.js';
import { openAs } from '../support/stores.js';
import { temporaryDirectory } from '../support/temporary-directory.js';
import { type Answer, serve, type TestServer } from './support/server.js';

const KiB = 1024;

/** The status and the code. Nothing that is answered tells of a file, or of our code. */
function refusal(server: TestServer, { status, text, headers }: Answer): [number, string] {
  expect(headers['content-type']).toBe('application/json; charset=utf-8');
  const { error, ...more } = JSON.parse(text) as { error: { code: string; message: string } };
  expect(more).toEqual({});
  expect(Object.keys(error)).toEqual(['code', 'message']);
  expect(error.message).toMatch(/^[^\n]+$/);
  checkTellsNothing(server, text);
  return [status, error.code];
}

function checkTellsNothing(server: TestServer, text: string): void {
  expect(text).not.toContain(server.directory);
  expect(text).not.toMatch(
    /\/(?:tmp|dev|home|root|usr)\/|\.(?:wal|seg|db|ts|cjs)\b|\bat .+:\d+:\d+/,
  );
}

/** A store with a hundred keys, closed again. */
async function build(name: string, isFlushed: boolean): Promise<string> {
  const directory = join(temporaryDirectory(), name);
  const store = await openAs<string>(directory);
  for (let key = 0; key < 100; key++) {
    await store.set(`key ${key}`, `value ${key}`.padEnd(3000, '.'), 1);
  }
  if (isFlushed) await store.compact({ full: true });
  await store.close();
  return directory;
}

describe.each([
  ['segment', 'segments', '.seg', true],
  ['log', 'wal', '.wal', false],
])('bytes of a %s that are not what was written', (_what, folder, ending, isFlushed) => {
  test('are told of without saying where', async () => {
    const whole = await build('whole', isFlushed);
    const file = largestFile(whole, folder, ending);
    const directory = copyInto(
      join(temporaryDirectory(), 'damaged'),
      whole,
      flip(70 * KiB, 64),
      file,
    );
    const server = await serve({ directory });
    const answers: Answer[] = [];
    for (let key = 0; key < 100; key++) answers.push(await server.get(`key ${key}`));
    const refused = answers.filter(({ status }) => status !== 200);
    expect(refused.length).toBeGreaterThan(0);
    for (const answer of refused)
      expect(refusal(server, answer)).toEqual([500, 'ERR_TIMEKV_DAMAGED']);
    for (const { status, text } of answers)
      if (status === 200) expect(text).toMatch(/^value \d+\.+$/);
    const paths = [
      '/api/v1/scan',
      '/api/v1/keys?all',
      '/api/v1/diff?from=0',
      '/?key=key%2050',
      '/metrics',
      '/healthz',
    ];
    for (const path of paths) {
      // What was begun may be broken off in the middle, and that is an end of the connection.
      const answer = await server.ask('GET', path).catch(() => undefined);
      if (answer !== undefined) checkTellsNothing(server, answer.text);
    }
    // Whoever runs it is told all.
    expect(server.stderr).toContain(file);
    expect((await server.put('another', 'v')).status).toBe(200);
  });
});

test('a server that only reads says so, and needs a store', async () => {
  const server = await serve({ directory: await build('read', false), args: ['--read-only'] });
  const readOnly = [403, 'ERR_TIMEKV_READ_ONLY'];
  expect((await server.get('key 1')).status).toBe(200);
  expect(refusal(server, await server.put('key 1', 'v'))).toEqual(readOnly);
  expect(refusal(server, await server.ask('DELETE', '/api/v1/keys/a'))).toEqual(readOnly);
  expect(
    refusal(server, await server.ask('PUT', '/', { body: '{"key":"a","value":"b"}' })),
  ).toEqual(readOnly);
  expect(refusal(server, await server.ask('POST', '/api/v1/batch', { body: '[]' }))).toEqual(
    readOnly,
  );
  expect((await server.get('key 1')).text).toMatch(/^value 1\.+$/);
  const missing = { directory: join(temporaryDirectory(), 'missing'), args: ['--read-only'] };
  await expect(serve(missing)).rejects.toThrow('ended before it printed');
});

const isMountable = mountSmall(64) !== undefined;
if (!isMountable) say('HTTP on a full disk: skipped, a tmpfs cannot be mounted here');

test.skipIf(!isMountable)(
  'a full disk is told of, reads go on, and writes once there is room',
  async () => {
    const disk = mountSmall(60_000) as string;
    const server = await serve({ directory: join(disk, 'store') });
    expect((await server.put('kept', 'v')).status).toBe(200);
    const { free } = fill(disk, 200 * KiB);
    const refused = await untilRefused(server);
    const [status, code] = refusal(server, refused);
    expect(status).toBe(500);
    expect(code).toBeOneOf(['ERR_TIMEKV_IO', 'ERR_TIMEKV_OUTCOME_UNKNOWN']);
    expect((await server.get('kept')).text).toBe('v');
    expect(server.stderr).toMatch(/full|no space/i);
    free();
    const health = await server.ask('GET', '/healthz');
    checkTellsNothing(server, health.text);
    // Where nobody knows what has come to the disk, the server has to be started again, and says so.
    const again = await server.put('again', 'v');
    if (health.status === 200) expect(again.status).toBe(200);
    else expect(refusal(server, again)[1]).toBe('ERR_TIMEKV_POISONED');
  },
);

async function untilRefused(server: TestServer): Promise<Answer> {
  for (let written = 0; written < 100; written++) {
    const answer = await server.put(`key ${written}`, Buffer.alloc(50 * KiB, written));
    if (answer.status !== 200) return answer;
  }
  throw new Error('the disk was never full');
}
