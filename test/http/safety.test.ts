/** Who may ask `timekv serve`: where it listens, tokens, and the pages of other sites. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { run } from '../cli/support/timekv.js';
import { temporaryDirectory } from '../support/temporary-directory.js';
import { type Answer, serve, type TestServer } from './support/server.js';

function refusal({ text }: Answer): string {
  const { error } = JSON.parse(text) as { error: { code: string; message: string } };
  expect(error.message).toMatch(/^[^\n]+$/);
  return error.code;
}

/** A command that must not get as far as to serve anything. */
async function refused(...args: string[]): Promise<string> {
  const directory = join(temporaryDirectory(), 'store');
  const { code, stdout, stderr } = await run(directory, ['serve', '--port', '0', ...args]);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toMatch(/^timekv: [^\n]+\n$/);
  return stderr;
}

function fileOf(text: string): string {
  const path = join(temporaryDirectory(), 'tokens');
  writeFileSync(path, text);
  return path;
}

describe('an address', () => {
  test('is one of this machine alone unless told otherwise', async () => {
    const server = await serve();
    expect(server.host).toBe('127.0.0.1');
    expect((await server.put('a', 'b')).status).toBe(200);
  });

  test('may be a name for that', async () => {
    const server = await serve({ args: ['--host', 'localhost'] });
    expect(server.host).toBeOneOf(['127.0.0.1', '::1']);
    expect((await server.ask('GET', '/healthz')).status).toBe(200);
  });

  test.each(['0.0.0.0', '::', '192.0.2.1', 'example.org', '', '127.0.0.1.example.org', '0'])(
    'that others reach needs a token: %j',
    async (host) => {
      expect(await refused('--host', host)).toContain('--token-file');
    },
  );

  test.each([['--insecure'], ['--token-file', fileOf('a-token-of-seventeen')]])(
    'that others reach is served with %s',
    async (...args) => {
      const server = await serve({ args: ['--host', '0.0.0.0', ...args] });
      expect(server.stdout).toContain('at http://0.0.0.0:');
      expect((await server.ask('GET', '/healthz')).status).toBe(200);
    },
  );
});

describe('a token', () => {
  const tokens = ['0123456789abcdef', 'another/token+with=signs'];
  const path = fileOf(`\n${tokens[0]}\r\n\n  ${tokens[1]}  \n`);
  let server: TestServer;
  const holding = (authorization: string) => ({ headers: { authorization } });

  beforeAll(async () => {
    server = await serve({ args: ['--token-file', path, '--verbose'] });
  });

  const asked: [method: string, path: string][] = [
    ['GET', '/api/v1/keys/a'],
    ['PUT', '/api/v1/keys/a'],
    ['DELETE', '/api/v1/keys/a'],
    ['GET', '/api/v1/keys/a/history'],
    ['GET', '/api/v1/keys'],
    ['GET', '/api/v1/scan'],
    ['GET', '/api/v1/diff?from=0'],
    ['GET', '/api/v1/watch'],
    ['POST', '/api/v1/batch'],
    ['GET', '/'],
    ['PUT', '/'],
    ['GET', '/metrics'],
    ['GET', '/nothing-there'],
    ['PATCH', '/healthz/x'],
    ['GET', '//healthz'],
    ['GET', '/docs/'],
  ];

  test.each(asked)('is asked for at %s %s', async (method, target) => {
    const answer = await server.ask(method, target);
    expect([answer.status, refusal(answer)]).toEqual([401, 'ERR_TIMEKV_UNAUTHORIZED']);
    expect(answer.headers['www-authenticate']).toBe('Bearer');
  });

  test.each(['/healthz', '/openapi.json', '/docs', '/healthz?x', '/docs?'])(
    'is not asked for at %s',
    async (target) => {
      expect((await server.ask('GET', target)).status).toBe(200);
      expect((await server.ask('HEAD', target)).status).toBe(200);
    },
  );

  const wrong = [
    'Bearer',
    'Bearer ',
    `Bearer ${tokens[0]}x`,
    `Bearer ${tokens[0]?.slice(1)}`,
    `Bearer ${tokens[0]?.toUpperCase()}`,
    `Bearer ${tokens[0]} ${tokens[1]}`,
    `Basic ${tokens[0]}`,
    `Basic ${Buffer.from(`x:${tokens[0]}`).toString('base64')}`,
    `${tokens[0]}`,
    'Bearer undefined',
  ];

  test.each(wrong)('does not let in by %j', async (authorization) => {
    const answer = await server.ask('GET', '/api/v1/keys', holding(authorization));
    expect(answer.status).toBe(401);
    expect(answer.headers['www-authenticate']).toBe('Bearer');
  });

  test.each(tokens)('of the file lets in, each of them: %s', async (token) => {
    for (const authorization of [`Bearer ${token}`, `bearer  ${token}`]) {
      const put = { ...holding(authorization), body: 'v' };
      expect((await server.ask('PUT', '/api/v1/keys/k', put)).status).toBe(200);
      expect((await server.ask('GET', '/api/v1/keys/k', holding(authorization))).text).toBe('v');
      expect((await server.ask('GET', '/metrics', holding(authorization))).status).toBe(200);
    }
  });

  test('is told to nobody: no answer and no line of the log has it', async () => {
    const [token = ''] = tokens;
    const answers: Answer[] = [];
    for (const [method, target] of asked) {
      if (target.includes('watch')) continue;
      answers.push(await server.ask(method, target, holding(`Bearer ${token}`)));
      answers.push(await server.ask(method, target, holding(`Bearer ${token}.`)));
    }
    const said = answers.map(({ headers, text }) => JSON.stringify([headers, text])).join('');
    expect(said).not.toContain(token);
    expect(server.stderr).toMatch(/GET \/api\/v1\/keys\/a 404 /);
    expect(server.stderr).not.toContain(token);
    expect(server.stdout).not.toContain(token);
  });

  test.each([
    ['is too short', 'short-secret\n', 'line 1'],
    ['is too short behind another', `${tokens[0]}\nshort-secret\n`, 'line 2'],
    ['has a space', `short secret of many words\n`, 'line 1'],
    ['is not there', '\n \n', 'has no token'],
  ])('that %s is refused and not shown', async (_what, text, told) => {
    const stderr = await refused('--token-file', fileOf(text));
    expect(stderr).toContain(told);
    expect(stderr).not.toContain('secret');
  });

  test('file that is not there is refused', async () => {
    const missing = join(temporaryDirectory(), 'missing');
    const { code, stderr } = await run(missing, ['serve', '--port', '0', '--token-file', missing]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^timekv: [^\n]*missing[^\n]*\n$/);
  });
});

describe('a page of another site', () => {
  let server: TestServer;
  const status = async (headers: Record<string, string>): Promise<number> => {
    const answer = await server.ask('GET', '/healthz', { headers });
    if (answer.status !== 200) expect(refusal(answer)).toBe('ERR_TIMEKV_FORBIDDEN');
    return answer.status;
  };

  beforeAll(async () => {
    server = await serve();
  });

  test.each([
    'evil.example',
    'evil.example:58322',
    '127.0.0.1.evil.example',
    '192.0.2.1',
    'localhost.evil',
    '127.0.0.1@evil',
    '[::2]',
    '0x7f000001',
  ])('has no way in by a Host of its own: %j', async (host) => {
    expect(await status({ host })).toBe(403);
  });

  test.each(['127.0.0.1', 'localhost', 'LocalHost:1', '127.0.0.2:80', '[::1]', '[::1]:58322'])(
    'is not who asks by %s',
    async (host) => {
      expect(await status({ host })).toBe(200);
    },
  );

  test.each([
    'http://evil.example',
    'null',
    'http://localhost',
    'http://127.0.0.1',
    'file://',
    'http://127.0.0.1:1',
  ])('is refused by its Origin: %j', async (origin) => {
    expect(await status({ origin })).toBe(403);
  });

  test('is refused where the browser says so', async () => {
    expect(await status({ 'sec-fetch-site': 'cross-site' })).toBe(403);
    for (const site of ['same-origin', 'none'])
      expect(await status({ 'sec-fetch-site': site })).toBe(200);
  });

  test('is not ours, which is let in', async () => {
    const own = `127.0.0.1:${server.port}`;
    expect(await status({ origin: `http://${own}` })).toBe(200);
    expect(await status({ origin: `http://${own}`.toUpperCase() })).toBe(200);
    expect(
      await status({ host: `localhost:${server.port}`, origin: `http://localhost:${server.port}` }),
    ).toBe(200);
    expect(await status({ origin: `http://localhost:${server.port}` })).toBe(403);
  });

  test('is refused before anything is written', async () => {
    const headers = { origin: 'http://evil.example' };
    expect((await server.ask('PUT', '/api/v1/keys/k', { headers, body: 'v' })).status).toBe(403);
    expect((await server.get('k')).status).toBe(404);
  });

  test('finds a server for others by its addresses alone, and by a name where it knows a token', async () => {
    const token = 'a-token-of-seventeen';
    server = await serve({ args: ['--host', '0.0.0.0', '--token-file', fileOf(token)] });
    const authorization = `Bearer ${token}`;
    for (const host of ['192.0.2.1', '[2001:db8::1]:80', 'localhost'])
      expect(await status({ host })).toBe(200);
    expect(await status({ host: 'store.example' })).toBe(403);
    expect(await status({ host: 'store.example', authorization })).toBe(200);
    expect(await status({ host: 'store.example', authorization: `${authorization}x` })).toBe(403);
    expect(
      await status({ host: 'store.example', authorization, origin: 'http://evil.example' }),
    ).toBe(403);
  });
});
