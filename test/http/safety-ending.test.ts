/** How `timekv serve` ends: what it has accepted it finishes, and whoever waits is sent away. */
import { expect, test } from 'vitest';
import { sleep } from '../../src/base/clock.js';
import { openAs } from '../support/stores.js';
import { answersIn } from './support/answers.js';
import { Connection } from './support/connection.js';
import { serve, type TestServer } from './support/server.js';

const MiB = 1024 * 1024;
const host = 'Host: 127.0.0.1\r\n';
/** Far less than the server's patience, which is 10 s. */
const soonMs = 3000;

interface Ended {
  code: number | null;
  signal: NodeJS.Signals | null;
  stderr: string;
  /** From the signal on. */
  ms: number;
}

async function end(server: TestServer, signal: 'SIGTERM' | 'SIGINT' = 'SIGTERM'): Promise<Ended> {
  const started = performance.now();
  server.signal(signal);
  const { exitCode, signal: killedBy, stderr } = await server.ended;
  return { code: exitCode, signal: killedBy, stderr, ms: performance.now() - started };
}

const clean = (code: number) => ({ code, signal: null, stderr: '' });

async function connected(server: TestServer, bytes = ''): Promise<Connection> {
  const connection = new Connection(server);
  await connection.send(bytes);
  while (!connection.isOpen) await sleep(1);
  return connection;
}

test.each([
  ['SIGTERM', 143],
  ['SIGINT', 130],
] as const)('at %s it ends at once where nothing is to be done, exit %i', async (signal, code) => {
  const server = await serve();
  await server.put('a', 'b');
  const idle = await connected(server, `GET /healthz HTTP/1.1\r\n${host}\r\n`);
  await idle.came('ok');
  // It has asked nothing, as browsers do that connect ahead.
  const silent = await connected(server);
  const ended = await end(server, signal);
  expect(ended).toMatchObject(clean(code));
  expect(ended.ms).toBeLessThan(soonMs);
  await Promise.all([idle.closed(), silent.closed()]);
  expect(silent.text).toBe('');
});

test('a request that was accepted is finished, and no other one', async () => {
  const server = await serve();
  const value = Buffer.alloc(8 * MiB, 'x');
  const head = `PUT /api/v1/keys/large HTTP/1.1\r\n${host}Content-Length: ${value.length}\r\n\r\n`;
  const writer = await connected(server, head);
  await writer.send(value.subarray(0, 3 * MiB));
  while ((await server.metric('timekv_http_held_bytes')) < 3 * MiB) await sleep(10);
  const ending = end(server);
  await sleep(300);
  await expect(server.get('large')).rejects.toThrow('ECONNREFUSED');
  await writer.send(value.subarray(3 * MiB));
  await writer.closed();
  const { answers, isCut } = answersIn(writer.received, false);
  expect(isCut).toBe(false);
  expect(answers.map(({ status, headers }) => [status, headers.get('connection')])).toEqual([
    [200, 'close'],
  ]);
  const ended = await ending;
  expect(ended).toMatchObject(clean(143));
  expect(ended.ms).toBeLessThan(soonMs);
  const store = await openAs<Buffer>(server.directory, { codec: 'bytes' } as object);
  expect(store.get('large')?.equals(value)).toBe(true);
  await store.close();
});

test('a request that never comes as a whole is waited for, and not for ever', async () => {
  const server = await serve();
  const head = `PUT /api/v1/keys/half HTTP/1.1\r\n${host}Content-Length: 10\r\n\r\nhalf`;
  const writer = await connected(server, head);
  await sleep(100);
  const ended = await end(server);
  expect(ended).toMatchObject(clean(143));
  expect(ended.ms).toBeGreaterThan(9000);
  expect(ended.ms).toBeLessThan(15_000);
  expect(writer.text).toBe('');
});

test('watchers, and those who wait for a value, are sent away', async () => {
  const server = await serve();
  const watcher = await connected(server, `GET /api/v1/watch HTTP/1.1\r\n${host}\r\n`);
  await watcher.came('retry:');
  const waiter = await connected(
    server,
    `GET /api/v1/keys/a?at=%2B1h&wait=1h HTTP/1.1\r\n${host}\r\n`,
  );
  while ((await server.metric('timekv_http_open_requests')) < 1) await sleep(10);
  const ended = await end(server);
  expect(ended).toMatchObject(clean(143));
  expect(ended.ms).toBeLessThan(soonMs);
  await Promise.all([watcher.closed(), waiter.closed()]);
  // The stream ends as one does; its client comes again.
  expect(answersIn(watcher.received, false)).toMatchObject({
    isCut: false,
    answers: [{ status: 200 }],
  });
  const [refused] = answersIn(waiter.received, false).answers;
  expect(refused?.status).toBe(503);
  expect(refused?.headers.get('retry-after')).toBe('1');
  expect(refused?.body.toString()).toContain('"ERR_TIMEKV_CLOSED"');
});

test('an answer of many rows that is not finished cannot be taken for a whole one', async () => {
  const server = await serve();
  for (let key = 0; key < 30; key++) await server.put(`key ${key}`, Buffer.alloc(MiB, 'x'));
  const reader = await connected(server);
  reader.stopReading();
  await reader.send(`GET /api/v1/scan HTTP/1.1\r\n${host}\r\n`);
  while ((await server.metric('timekv_http_open_streams')) < 1) await sleep(10);
  await sleep(200);
  const ending = end(server);
  await sleep(200);
  reader.goOnReading();
  const ended = await ending;
  expect(ended).toMatchObject(clean(143));
  expect(ended.ms).toBeLessThan(soonMs);
  await reader.closed();
  expect(answersIn(reader.received, false)).toEqual({ answers: [], isCut: true });
  expect(reader.text.slice(-200)).toMatch(/\{"error":\{"code":"ERR_TIMEKV_CLOSED"[^\n]+\}\n\r\n$/);
});
