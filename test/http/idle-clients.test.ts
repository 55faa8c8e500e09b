/**
 * Clients by the thousand that connect and say nothing: each takes little, all others are served, and nobody
 * stays longer than there is patience for.
 */
import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { sleep } from '../../src/base/clock.js';
import { start } from '../support/child.js';
import { say } from '../support/say.js';
import { Connection } from './support/connection.js';
import { serve, type TestServer } from './support/server.js';

const host = 'Host: 127.0.0.1\r\n';
/** In which any other client has to have its answer. */
const servedMs = 5000;
/** What a connection takes at most: 8 KiB were measured. */
const kibibytesEach = 24;
/** They are let go by then: half a minute between two looks, and the patience with who was answered. */
const goneMs = 130_000;

/** As many as this process's children may open, less what else they need. */
function countAllowed(wanted: number): number {
  const { stdout } = spawnSync('sh', ['-c', 'ulimit -n'], { encoding: 'utf8' });
  const files = Number(stdout.trim());
  if (Number.isNaN(files) || files - 1000 >= wanted) return wanted;
  say(`IDLE: ${files - 1000} connections and not ${wanted}: a process may open ${files} files`);
  return files - 1000;
}

/** The longest that a small write and a read take, over and over. */
async function longestWhile(
  server: TestServer,
  isGoingOn: () => Promise<boolean>,
): Promise<number> {
  let longest = 0;
  for (let count = 0; await isGoingOn(); count++) {
    const started = performance.now();
    expect((await server.put('small', `value ${count}`)).status).toBe(200);
    expect((await server.get('small')).text).toBe(`value ${count}`);
    longest = Math.max(longest, performance.now() - started);
    await sleep(100);
  }
  return longest;
}

test('10,000 connections without a word', async () => {
  const count = countAllowed(10_000);
  const server = await serve();
  await server.put('first', 'v');
  const before = server.memory().now;
  const input = { host: server.host, port: server.port, count };
  const request = `GET /api/v1/keys/first HTTP/1.1\r\n${host}\r\n`;
  const started = performance.now();
  const clients = start('idle-clients', { ...input, request });
  let isOpen = false;
  const opened = clients.printed('"open"').then(() => (isOpen = true));
  const whileOpening = await longestWhile(server, () => Promise.resolve(!isOpen));
  await opened;
  expect(await server.metric('timekv_http_connections')).toBe(count + 1);
  const each = ((server.memory().now - before) * 1024) / count;
  const gone = clients.printed(`all ${count} closed`);
  let isGone = false;
  gone.then(() => (isGone = true)).catch(() => undefined);
  const end = performance.now() + goneMs;
  const whileOpen = await longestWhile(server, () =>
    Promise.resolve(!isGone && performance.now() < end),
  );
  await Promise.race([gone, sleep(1)]);
  const seconds = ((performance.now() - started) / 1000).toFixed(0);
  expect(await server.metric('timekv_http_connections')).toBe(1);
  clients.process.stdin?.end();
  const longest = Math.max(whileOpening, whileOpen).toFixed(0);
  say(
    `IDLE: ${count} connections: ${each.toFixed(1)} KiB each, others served within ${longest} ms, all gone after ${seconds} s`,
  );
  const [told = ''] = (await clients.finished).stdout.split('\n');
  expect(JSON.parse(told)).toEqual({ open: count, answered: count / 2, closed: 0 });
  expect(each).toBeLessThan(kibibytesEach);
  expect(Math.max(whileOpening, whileOpen)).toBeLessThan(servedMs);
  expect(server.stderr).toBe('');
}, 300_000);

test('a request that never comes as a whole is waited for at the end, and not for ever', async () => {
  const server = await serve();
  const writer = new Connection(server);
  await writer.send(`PUT /api/v1/keys/half HTTP/1.1\r\n${host}Content-Length: 10\r\n\r\nhalf`);
  await sleep(200);
  const started = performance.now();
  server.signal('SIGTERM');
  const { exitCode, stderr } = await server.ended;
  const ms = performance.now() - started;
  expect({ exitCode, stderr }).toEqual({ exitCode: 143, stderr: '' });
  expect(ms).toBeGreaterThan(9000);
  expect(ms).toBeLessThan(15_000);
  expect(writer.text).toBe('');
});
