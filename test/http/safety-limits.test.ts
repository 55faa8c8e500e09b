/** What `timekv serve` takes at most: of one request, of one connection, and of all of them together. */
import { beforeAll, describe, expect, test } from 'vitest';
import { sleep } from '../../src/base/clock.js';
import { answersIn, type RawAnswer } from './support/answers.js';
import { Connection } from './support/connection.js';
import { type Answer, serve, type TestServer } from './support/server.js';

const MiB = 1024 * 1024;
const host = 'Host: 127.0.0.1\r\n';
const valueBytesMax = 16 * MiB;
const streamsMax = 256;

let server: TestServer;

beforeAll(async () => {
  server = await serve();
});

function refusal({ status, text }: { status: number; text: string }): [number, string] {
  const { error } = JSON.parse(text) as { error: { code: string; message: string } };
  expect(error.message).toMatch(/^[^\n]+$/);
  return [status, error.code];
}

/** What is answered to bytes on a connection of their own. */
async function answerTo(...pieces: (string | Buffer)[]): Promise<RawAnswer> {
  const connection = new Connection(server);
  for (const piece of pieces) await connection.send(piece);
  await connection.until((received) => answersIn(received, false).answers.length > 0, 'answer');
  connection.reset();
  return answersIn(connection.received, false).answers[0]!;
}

const answered = ({ status, body }: RawAnswer) => refusal({ status, text: body.toString() });
const tooLarge = [413, 'ERR_TIMEKV_INVALID_ARGUMENT'];
const badInput = [400, 'ERR_TIMEKV_INVALID_ARGUMENT'];

/** So many bytes in chunks. */
function chunksOf(bytes: number): Buffer[] {
  const chunk = Buffer.concat([
    Buffer.from('100000\r\n'),
    Buffer.alloc(MiB, 'x'),
    Buffer.from('\r\n'),
  ]);
  const last = `${(bytes % MiB).toString(16)}\r\n${'x'.repeat(bytes % MiB)}\r\n0\r\n\r\n`;
  return [...Array.from({ length: Math.floor(bytes / MiB) }, () => chunk), Buffer.from(last)];
}

describe('a body', () => {
  const chunked = `PUT /api/v1/keys/chunked HTTP/1.1\r\n${host}Transfer-Encoding: chunked\r\n\r\n`;

  test('may be as large as a value', async () => {
    const value = Buffer.alloc(valueBytesMax, 'x');
    expect((await server.put('large', value)).status).toBe(200);
    expect((await server.get('large')).body.equals(value)).toBe(true);
    expect((await answerTo(chunked, ...chunksOf(valueBytesMax - 1), '')).status).toBe(200);
    expect((await server.get('chunked')).body).toHaveLength(valueBytesMax - 1);
  });

  test('larger than a value is refused by its announced length, before it comes', async () => {
    const head = `PUT /api/v1/keys/k HTTP/1.1\r\n${host}Content-Length: ${valueBytesMax + 1}\r\n\r\n`;
    expect(answered(await answerTo(head))).toEqual(tooLarge);
  });

  test('larger than a value is refused where nothing was announced', async () => {
    expect(answered(await answerTo(chunked, ...chunksOf(valueBytesMax + 1)))).toEqual(tooLarge);
  });

  test.each(['PUT /', 'PUT /api/v1', 'POST /api/v1/batch', 'GET /'])(
    'of JSON may be twice as large, and no larger: %s',
    async (request) => {
      const head = (length: number) =>
        `${request} HTTP/1.1\r\n${host}Content-Length: ${length}\r\n\r\n`;
      expect(answered(await answerTo(head(2 * valueBytesMax + 1)))).toEqual(tooLarge);
      const json = Buffer.alloc(2 * valueBytesMax, ' ');
      expect(answered(await answerTo(head(json.length), json))).toEqual(badInput);
    },
  );

  test('that nobody asked for is passed over, however large', async () => {
    const before = server.memory().now;
    const head = `GET /healthz HTTP/1.1\r\n${host}Content-Length: ${200 * MiB}\r\n\r\n`;
    const connection = new Connection(server);
    await connection.send(head);
    for (let sent = 0; sent < 200; sent++) await connection.send(Buffer.alloc(MiB));
    await connection.send(`GET /docs HTTP/1.1\r\n${host}\r\n`);
    await connection.came('</html>');
    expect(connection.text).toMatch(/^HTTP\/1.1 200 OK\r\n/);
    connection.reset();
    expect(server.memory().now - before).toBeLessThan(80);
  });

  test('in small pieces takes no more than its bytes', async () => {
    const fresh = await serve();
    const { now } = fresh.memory();
    const connection = new Connection(fresh);
    await connection.send(chunked);
    for (let sent = 0; sent < 10; sent++) await connection.send('1\r\nx\r\n'.repeat(30_000));
    await connection.send('0\r\n\r\n');
    await connection.came('200 OK');
    connection.reset();
    expect((await fresh.get('chunked')).body).toEqual(Buffer.alloc(300_000, 'x'));
    // Up to 60 are V8's young generation, which grows for whatever comes. A list of them takes 150.
    expect(fresh.memory().now - now).toBeLessThan(80);
  });

  test.each(['gzip', 'br', 'identity, gzip'])(
    'is taken as it is, and not as %s',
    async (coding) => {
      const answer = await server.ask('PUT', '/api/v1/keys/k', {
        headers: { 'content-encoding': coding },
        body: 'v',
      });
      expect(refusal(answer)).toEqual([415, 'ERR_TIMEKV_INVALID_ARGUMENT']);
      expect((await server.get('k')).status).toBe(404);
    },
  );
});

describe('a header', () => {
  test.each([
    ['a line', `X: ${'x'.repeat(16 * 1024)}\r\n`],
    ['all its lines', Array.from({ length: 4000 }, (_, place) => `X-${place}: x\r\n`).join('')],
  ])('is refused by %s', async (_what, lines) => {
    const answer = await answerTo(`GET /healthz HTTP/1.1\r\n${host}${lines}\r\n`);
    expect(answered(answer)).toEqual([431, 'ERR_TIMEKV_INVALID_ARGUMENT']);
  });

  test('of a key of 2,048 bytes has room, and of a longer one has not', async () => {
    const path = (bytes: number) =>
      `/api/v1/keys/${'%E2%82%AC'.repeat(Math.floor(bytes / 3))}${'a'.repeat(bytes % 3)}`;
    expect((await server.ask('PUT', path(2048), { body: 'v' })).status).toBe(200);
    expect((await server.ask('GET', path(2048))).text).toBe('v');
    for (const method of ['GET', 'PUT', 'DELETE']) {
      expect(refusal(await server.ask(method, path(2049)))).toEqual(badInput);
    }
    expect(refusal(await server.ask('GET', `${path(2049)}/history`))).toEqual(badInput);
    const longer = `/api/v1/keys/${'a'.repeat(3 * 2048 + 1)}`;
    expect(refusal(await server.ask('GET', longer))).toEqual([414, badInput[1]]);
    const simple = { body: JSON.stringify({ key: 'k'.repeat(2049), value: 'v' }) };
    expect(refusal(await server.ask('PUT', '/', simple))).toEqual(badInput);
  });

  test('without a Host, or with two, is no request', async () => {
    expect(answered(await answerTo('GET /healthz HTTP/1.1\r\n\r\n'))).toEqual(badInput);
    const two = `GET /healthz HTTP/1.1\r\n${host}Host: evil.example\r\n\r\n`;
    expect(answered(await answerTo(two))).toEqual([403, 'ERR_TIMEKV_FORBIDDEN']);
    expect((await answerTo('GET /healthz HTTP/1.0\r\n\r\n')).status).toBe(200);
  });

  test('that asks for something to be expected is refused as JSON, too', async () => {
    const answer = await answerTo(`GET /healthz HTTP/1.1\r\n${host}Expect: the worst\r\n\r\n`);
    expect(answered(answer)).toEqual([417, 'ERR_TIMEKV_INVALID_ARGUMENT']);
  });
});

describe('streams', () => {
  const watch = `GET /api/v1/watch HTTP/1.1\r\n${host}\r\n`;
  const open = () => server.metric('timekv_http_open_streams');

  async function openAll(count: number): Promise<Connection[]> {
    const connections = Array.from({ length: count }, () => new Connection(server));
    for (const connection of connections) await connection.send(watch);
    await Promise.all(connections.map((connection) => connection.came('retry:')));
    return connections;
  }

  async function untilOpen(count: number): Promise<void> {
    for (let tries = 0; (await open()) !== count; tries++) {
      if (tries === 100) throw new Error(`${await open()} streams are open, and not ${count}`);
      await sleep(20);
    }
  }

  test('are so many, and one more where one has ended', async () => {
    const watchers = await openAll(streamsMax);
    const refused: Answer = await server.ask('GET', '/api/v1/watch');
    expect(refusal(refused)).toEqual([503, 'ERR_TIMEKV_BUSY']);
    expect(refused.headers['retry-after']).toBe('1');
    // A short answer is no stream, and all else goes on.
    expect((await server.ask('GET', '/api/v1/keys?limit=1')).status).toBe(200);
    expect((await server.put('meanwhile', 'v')).status).toBe(200);
    watchers[0]?.reset();
    await untilOpen(streamsMax - 1);
    watchers.push(...(await openAll(1)));
    expect(await open()).toBe(streamsMax);
    await Promise.all(
      watchers
        .slice(1)
        .map((watcher) => watcher.came('"meanwhile"').catch(() => undefined))
        .slice(0, 10),
    );
    for (const watcher of watchers) watcher.reset();
    await untilOpen(0);
  });

  test('of one connection come one after another, and end with it', async () => {
    const connection = new Connection(server);
    const wait = `GET /api/v1/keys/later?at=%2B1h&wait=1h HTTP/1.1\r\n${host}\r\n`;
    await connection.send(`${watch.repeat(20)}${wait.repeat(20)}`);
    await connection.came('retry:');
    expect(await open()).toBe(1);
    connection.reset();
    await untilOpen(0);
    expect(await server.metric('timekv_http_open_requests')).toBe(0);
  });
});

describe('one connection', () => {
  test('is answered in the order of what it asks', async () => {
    const requests = Array.from({ length: 50 }, (_, place) => {
      const value = `value ${place}`;
      const put = `PUT /api/v1/keys/order HTTP/1.1\r\n${host}Content-Length: ${value.length}\r\n\r\n${value}`;
      return `${put}GET /api/v1/keys/order HTTP/1.1\r\n${host}\r\n`;
    });
    const connection = new Connection(server);
    await connection.send(requests.join(''));
    const received = await connection.until(
      (bytes) => answersIn(bytes, false).answers.length === 100,
      '100 answers',
    );
    const read = answersIn(received, false).answers.filter((_, place) => place % 2 === 1);
    expect(read.map(({ body }) => body.toString())).toEqual(
      requests.map((_, place) => `value ${place}`),
    );
    connection.reset();
  });

  test('is told of what cannot be read behind the answers to what came before', async () => {
    const connection = new Connection(server);
    const put = `PUT /api/v1/keys/before HTTP/1.1\r\n${host}Content-Length: 1\r\n\r\nv`;
    await connection.send(`${put}${put}what is this\r\n\r\n`);
    await connection.send('and this');
    await connection.closed();
    const { answers } = answersIn(connection.received, false);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 400]);
  });

  test('takes no more than one answer at a time', async () => {
    await server.put('big', Buffer.alloc(8 * MiB));
    const { now } = server.memory();
    const connection = new Connection(server);
    connection.stopReading();
    await connection.send(`GET /api/v1/keys/big HTTP/1.1\r\n${host}\r\n`.repeat(500));
    await sleep(300);
    expect((await server.get('order')).status).toBe(200);
    // 500 answers take 4000 MiB.
    expect(server.memory().now - now).toBeLessThan(150);
    connection.reset();
  });
});
