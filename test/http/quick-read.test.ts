/** The everyday read: what it answers itself, what it leaves to the ordinary way, and that both are one. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, test } from 'vitest';
import { Admission } from '../../src/http/admission.js';
import { Guard } from '../../src/http/guard.js';
import { Metrics, type RouteMetrics } from '../../src/http/metrics.js';
import { Outbox } from '../../src/http/outbox.js';
import { QuickRead } from '../../src/http/quick-read.js';
import { RepeatedHeader } from '../../src/http/repeated-header.js';
import { SharedTurn } from '../../src/http/shared-turn.js';
import { open, type Store } from '../../src/index.js';
import { Connection } from './support/connection.js';
import { keyed, servedEach } from './support/in-process.js';

describe('a quick read', () => {
  let store: Store<Buffer>;
  let server: Server;
  let metrics: RouteMetrics;
  let ending: AbortController;

  beforeEach(async () => {
    ending = new AbortController();
    store = await open(':memory:', { codec: 'bytes' });
    await store.set('k', Buffer.from('v'));
    await store.set('gone', Buffer.from('v'));
    await store.delete('gone');
  });

  afterEach(async () => {
    await new Promise((resolve) => server.close(resolve));
    await store.close();
  });

  /** Answers 418 to what is left to the ordinary way. */
  async function begin(tokens: string[] = []): Promise<number> {
    const admission = new Admission();
    metrics = new Metrics().route('GET', '/api/v1/keys/:key');
    const door = {
      store,
      isReadOnly: false,
      times: { unit: 'us' as const, now: () => 0, zone: 'UTC' },
      admission,
      header: new RepeatedHeader(),
      outbox: new Outbox(admission),
      turn: new SharedTurn(),
      ending: ending.signal,
    };
    const quick = new QuickRead(door, new Guard('127.0.0.1', tokens), metrics);
    server = createServer({ requireHostHeader: false }, (request, response) => {
      if (!quick.answers(request, response)) response.writeHead(418).end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return (server.address() as AddressInfo).port;
  }

  const statusOf = async (port: number, text: string): Promise<number> => {
    const connection = new Connection({ host: '127.0.0.1', port });
    await connection.send(text.replaceAll('\n', '\r\n'));
    await connection.came('\r\n\r\n');
    connection.finish();
    return Number(/^HTTP\/1\.1 (\d+)/.exec(connection.text)?.[1]);
  };
  const host = 'Host: 127.0.0.1\n';

  test.each([
    ['a read', 200, `GET /api/v1/keys/k HTTP/1.1\n${host}\n`],
    ['one of any type', 200, `GET /api/v1/keys/k HTTP/1.1\n${host}Accept: */*\n\n`],
    ['one as of a time', 418, `GET /api/v1/keys/k?at=5 HTTP/1.1\n${host}\n`],
    ['a key that is encoded', 418, `GET /api/v1/keys/%6b HTTP/1.1\n${host}\n`],
    ['a longer path', 418, `GET /api/v1/keys/k/history HTTP/1.1\n${host}\n`],
    ['another method', 418, `HEAD /api/v1/keys/k HTTP/1.1\n${host}\n`],
    ['another type', 418, `GET /api/v1/keys/k HTTP/1.1\n${host}Accept: text/plain\n\n`],
    ['a condition', 418, `GET /api/v1/keys/k HTTP/1.1\n${host}If-None-Match: "9"\n\n`],
    ['a body', 418, `GET /api/v1/keys/k HTTP/1.1\n${host}Content-Length: 1\n\nx`],
    ['an older HTTP', 418, `GET /api/v1/keys/k HTTP/1.0\n${host}\n`],
    ['one that is the last', 200, `GET /api/v1/keys/k HTTP/1.1\n${host}Connection: close\n\n`],
    ['no Host', 418, 'GET /api/v1/keys/k HTTP/1.1\n\n'],
    ['a foreign Host', 418, 'GET /api/v1/keys/k HTTP/1.1\nHost: evil.example\n\n'],
    ['a foreign Origin', 418, `GET /api/v1/keys/k HTTP/1.1\n${host}Origin: http://evil\n\n`],
    ['a key without a value', 418, `GET /api/v1/keys/none HTTP/1.1\n${host}\n`],
    ['a key that was deleted', 418, `GET /api/v1/keys/gone HTTP/1.1\n${host}\n`],
  ])('of %s: %i', async (_, status, text) => {
    expect(await statusOf(await begin(), text)).toBe(status);
    expect(metrics.statuses[200] ?? 0).toBe(status === 200 ? 1 : 0);
  });

  it('asks for the token', async () => {
    const port = await begin(['secret']);
    const ask = (header: string): Promise<number> =>
      statusOf(port, `GET /api/v1/keys/k HTTP/1.1\n${host}${header}\n`);
    expect(await ask('')).toBe(418);
    expect(await ask('Authorization: Bearer wrong\n')).toBe(418);
    expect(await ask('Authorization: Bearer secret\n')).toBe(200);
  });

  it('answers nothing of a store that is closed', async () => {
    const port = await begin();
    await store.close();
    expect(await statusOf(port, `GET /api/v1/keys/k HTTP/1.1\n${host}\n`)).toBe(418);
  });

  it('leaves it to the ordinary way to say that the server ends', async () => {
    const port = await begin();
    ending.abort();
    expect(await statusOf(port, `GET /api/v1/keys/k HTTP/1.1\n${host}\n`)).toBe(418);
  });
});

describe('the two ways to a value', () => {
  const served = servedEach();

  test.each([
    ['small', Buffer.from('{"eur":19.90}')],
    ['of any bytes', Buffer.from([0, 13, 10, 127, 128, 255])],
    ['empty', Buffer.alloc(0)],
    ['large', Buffer.alloc(100_000, 'large ')],
  ])('answer the same: %s', async (_, value) => {
    await served.store.set('k', value, undefined, { ttl: 3_600_000_000 });
    const ask = async (headers: Record<string, string>): Promise<unknown[]> => {
      const response = await fetch(`${served.serving.address}${keyed('k')}`, { headers });
      const { date: _date, ...lines } = Object.fromEntries(response.headers);
      return [response.status, lines, Buffer.from(await response.arrayBuffer())];
    };
    const ordinary = await ask({ 'if-none-match': '"other"' });
    expect(ordinary).toMatchObject([200, { 'content-length': `${value.length}` }, value]);
    // The header of the first one is made anew, that of the next one repeated.
    for (let count = 0; count < 3; count++) expect(await ask({})).toEqual(ordinary);
  });

  it('are counted together', async () => {
    await served.store.set('k', Buffer.from('v'));
    await served.ask(keyed('k'));
    await served.ask(keyed('k'), { headers: { 'if-none-match': '"other"' } });
    const { text } = await served.ask('/metrics');
    const line = 'timekv_http_requests_total{method="GET",route="/api/v1/keys/:key",status="200"}';
    expect(text).toContain(`${line} 2\n`);
  });
});
