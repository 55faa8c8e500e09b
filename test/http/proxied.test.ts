/** Behind a reverse proxy, which may pass on the name that it is called by itself. */
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { temporaryDirectory } from '../support/temporary-directory.js';
import { serve, type TestServer } from './support/server.js';

const token = randomBytes(16).toString('hex');
const authorization = `Bearer ${token}`;
const host = 'kv.example.org';
let open: TestServer;
let guarded: TestServer;

beforeAll(async () => {
  const path = join(temporaryDirectory(), 'token');
  writeFileSync(path, `${token}\n`);
  const args = ['--token-file', path];
  [open, guarded] = await Promise.all([serve(), serve({ args })]);
});

/** The status of a PUT. `fetch` would send a Host of its own. */
function put({ url }: TestServer, headers: Record<string, string>): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const asked = request(`${url}/api/v1/keys/k`, { method: 'PUT', headers }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    asked.on('error', reject);
    asked.end('v');
  });
}

test('with a token any name is good, also where only this machine is listened to', async () => {
  expect(await put(guarded, { host, authorization })).toBe(200);
  expect(await put(guarded, { host, authorization, origin: `https://${host}` })).toBe(200);
  expect(await put(guarded, { host, authorization, origin: 'https://example.com' })).toBe(403);
});

test('without one a foreign name is refused', async () => {
  expect(await put(guarded, { host })).toBe(401);
  expect(await put(open, { host })).toBe(403);
  // Where no token is asked for, sending one proves nothing.
  expect(await put(open, { host, authorization })).toBe(403);
});
