/**
 * Clients that take nothing, or give little at a time: they are refused or waited for, the server's memory
 * stays within bounds, and all others are served meanwhile.
 */
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { sleep } from '../../src/base/clock.js';
import { say } from '../support/say.js';
import { answersIn } from './support/answers.js';
import { Connection } from './support/connection.js';
import { serve, type TestServer } from './support/server.js';

const MiB = 1024 * 1024;
const host = 'Host: 127.0.0.1\r\n';
const clients = 64;
/** In which any other client has to have its answer. */
const servedMs = 5000;
/** What is large is held for clients up to 64 MiB, and one value more. */
const heldMax = 81 * MiB;
/** In MiB: the rest is what V8 has not given back yet of as much again. */
const growthMax = 400;
/** Of the store that is scanned, beside the largest value. */
const scannedKeys = 200;
const largest = Buffer.alloc(16 * MiB, 'x');

let server: TestServer;
const connections: Connection[] = [];

beforeAll(async () => {
  server = await serve();
  await server.put('largest', largest);
  for (let key = 0; key < scannedKeys; key++) {
    await server.put(`scanned/${key}`, Buffer.alloc(MiB, `${key} `));
  }
});

afterEach(async () => {
  for (const connection of connections.splice(0)) connection.reset();
  for (const name of ['open_requests', 'open_streams', 'held_bytes']) {
    while ((await server.metric(`timekv_http_${name}`)) > 0) await sleep(20);
  }
});

function connect(): Connection {
  const connection = new Connection(server);
  connections.push(connection);
  return connection;
}

/** Asks, and takes nothing of the answer. */
async function ask(path: string): Promise<Connection> {
  const connection = connect();
  connection.stopReading();
  await connection.send(`GET ${path} HTTP/1.1\r\n${host}Connection: close\r\n\r\n`);
  return connection;
}

/** Writes and reads what is small, over and over; answers the longest that it took. */
async function longestOf(until: Promise<unknown>): Promise<number> {
  const over = until.then(() => 'over');
  let longest = 0;
  for (let count = 0; (await Promise.race([over, sleep(20)])) !== 'over'; count++) {
    const started = performance.now();
    const value = `value ${count}`;
    expect((await server.put('small', value)).status).toBe(200);
    expect((await server.get('small')).text).toBe(value);
    longest = Math.max(longest, performance.now() - started);
  }
  return longest;
}

async function checkOthers(what: string, meanwhile: Promise<unknown>): Promise<void> {
  const { now } = server.memory();
  const longest = await longestOf(meanwhile);
  const growth = server.memory().now - now;
  say(
    `SLOW: ${what}: RSS +${growth.toFixed(0)} MiB, others served within ${longest.toFixed(0)} ms`,
  );
  expect(longest).toBeLessThan(servedMs);
  expect(growth).toBeLessThan(growthMax);
}

/** For so long nothing of what is asked for is taken. */
const silenceMs = 1500;

describe('clients that do not read', () => {
  test('a value of 16 MiB: some wait, the others are told to come again', async () => {
    const readers = await Promise.all(
      Array.from({ length: clients }, () => ask('/api/v1/keys/largest')),
    );
    await checkOthers('64 × 16 MiB', sleep(silenceMs));
    expect(await server.metric('timekv_http_held_bytes')).toBeLessThan(heldMax);
    for (const reader of readers) reader.goOnReading();
    await Promise.all(readers.map((reader) => reader.closed()));
    const statuses = readers.map(({ received }) => answersIn(received, false).answers[0]!);
    const whole = statuses.filter(({ status }) => status === 200);
    expect(whole.length).toBeGreaterThan(0);
    for (const { body } of whole) expect(body.equals(largest)).toBe(true);
    const others = statuses.filter(({ status }) => status !== 200);
    expect(others.length).toBeGreaterThan(0);
    for (const { status, headers } of others)
      expect([status, headers.get('retry-after')]).toEqual([503, '1']);
  });

  test('a scan of 200 MiB: who reads on has all of it in the end', async () => {
    const path = '/api/v1/scan?prefix=scanned/';
    const readers = await Promise.all(Array.from({ length: clients }, () => ask(path)));
    await checkOthers('64 scans of 200 MiB', sleep(silenceMs));
    expect(await server.metric('timekv_http_held_bytes')).toBeLessThan(heldMax);
    const [reader, ...others] = readers;
    for (const other of others) other.reset();
    reader?.goOnReading();
    await reader?.closed();
    const body = answersIn(reader!.received, false).answers[0]?.body;
    const keys = body
      ?.toString()
      .trimEnd()
      .split('\n')
      .map((line) => (JSON.parse(line) as { key: string }).key);
    expect(keys).toHaveLength(scannedKeys);
  });

  test('a scan of the largest values that there may be', async () => {
    await Promise.all(Array.from({ length: 24 }, () => ask('/api/v1/scan?start=l&end=m')));
    await checkOthers('24 scans of 16 MiB', sleep(silenceMs));
    expect(await server.metric('timekv_http_held_bytes')).toBeLessThan(heldMax);
  });
});

describe('clients that write slowly', () => {
  const put = (key: string, length: number) =>
    `PUT /api/v1/keys/${encodeURIComponent(key)} HTTP/1.1\r\n${host}Content-Length: ${length}\r\n\r\n`;

  test('are waited for, byte by byte', async () => {
    const value = 'a value that takes its time';
    const write = async (_: unknown, client: number): Promise<void> => {
      const connection = connect();
      for (const byte of `${put(`slow/${client}`, value.length)}${value}`) {
        await connection.send(byte);
        await sleep(10);
      }
      await connection.came('200 OK');
    };
    await checkOthers(
      '64 bodies byte by byte',
      Promise.all(Array.from({ length: clients }, write)),
    );
    const values = await Promise.all(
      Array.from({ length: clients }, (_, client) => server.get(`slow/${client}`)),
    );
    expect(values.map(({ text }) => text)).toEqual(values.map(() => value));
  });

  test('much, and then nothing more, keep out only who would write much, too', async () => {
    for (let client = 1; client <= 4; client++) {
      const connection = connect();
      await connection.send(put(`upload/${client}`, largest.length));
      await connection.send(largest.subarray(1));
      const sent = client * (largest.length - 1);
      while ((await server.metric('timekv_http_held_bytes')) < sent) await sleep(20);
    }
    await checkOthers('4 bodies of 16 MiB without an end', sleep(silenceMs));
    const refused = await server.put('large', largest);
    expect([refused.status, refused.headers['retry-after']]).toEqual([503, '1']);
    for (const connection of connections) connection.reset();
    while ((await server.metric('timekv_http_held_bytes')) > 0) await sleep(20);
    expect((await server.put('large', largest)).status).toBe(200);
  });
});
