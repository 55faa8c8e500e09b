/** The server as clients in several languages meet it; each does the same. */
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { say } from '../support/say.js';
import { type Answer, clients, type HttpClient, isInstalled } from './support/clients.js';
import { serve, type TestServer } from './support/server.js';

describe.each(clients.map((client) => [client.name, client] as const))('%s', (name, client) => {
  const { program } = client;
  const isMissing = program !== undefined && !isInstalled(program);
  let server: TestServer;
  if (isMissing) say(`${name}: skipped, ${program} is not installed`);

  beforeAll(async () => {
    server = await serve();
  });

  beforeEach(({ skip }) => {
    if (isMissing) skip();
  });

  function ask(
    method: Parameters<HttpClient['ask']>[0],
    path: string,
    { body, ...headers }: { body?: string | Buffer } & Record<string, string | Buffer> = {},
  ): Promise<Answer> {
    const bytes = body === undefined ? undefined : Buffer.from(body as Buffer);
    return client.ask(method, `${server.url}/api/v1${path}`, headers as Answer['headers'], bytes);
  }

  it('writes, and reads as of a time', async () => {
    const written = await ask('PUT', '/keys/price?at=10', { body: '19.90' });
    expect(written).toMatchObject({ status: 200, headers: { etag: '"1"' } });
    expect(JSON.parse(written.body.toString())).toEqual({ timestamp: 10, seq: 1 });
    await ask('PUT', '/keys/price?at=20', { body: '24.90' });
    await ask('DELETE', '/keys/price?at=30');
    const read = await ask('GET', '/keys/price?at=15');
    expect(read).toMatchObject({ status: 200, headers: { 'timekv-timestamp': '10' } });
    expect(read.body.toString()).toBe('19.90');
  });

  it('is told where there is nothing', async () => {
    for (const path of ['/keys/price?at=9', '/keys/price?at=30', '/keys/never']) {
      const { status, headers, body } = await ask('GET', path);
      expect([status, headers['content-type']]).toEqual([404, 'application/json; charset=utf-8']);
      expect(JSON.parse(body.toString())).toMatchObject({
        error: { code: 'ERR_TIMEKV_NOTHING_THERE' },
      });
    }
  });

  it('compares and sets', async () => {
    const none = { 'If-None-Match': '*' };
    const first = await ask('PUT', '/keys/count', { ...none, body: '1' });
    expect((await ask('PUT', '/keys/count', { ...none, body: '1' })).status).toBe(409);
    const etag = (await ask('GET', '/keys/count')).headers['etag'] ?? '';
    expect([first.status, etag]).toEqual([200, first.headers['etag']]);
    const statuses: number[] = [];
    for (const body of ['2', '3']) {
      statuses.push((await ask('PUT', '/keys/count', { 'If-Match': etag, body })).status);
    }
    expect(statuses).toEqual([200, 409]);
    expect((await ask('GET', '/keys/count', { 'If-None-Match': etag })).body.toString()).toBe('2');
  });

  it('reads a history', async () => {
    const { headers, body } = await ask('GET', '/keys/price/history');
    expect(headers['content-type']).toBe('application/x-ndjson; charset=utf-8');
    const rows = body.toString().trimEnd().split('\n');
    expect(rows.map((row) => JSON.parse(row) as unknown)).toMatchObject([
      { key: 'price', timestamp: 10, value: '19.90', seq: 1, state: 'value' },
      { key: 'price', timestamp: 20, value: '24.90', seq: 2, state: 'value' },
      { key: 'price', timestamp: 30, value: null, seq: 3, state: 'deleted' },
    ]);
  });

  it('gets back each byte, of a key of any letters', async () => {
    const body = Buffer.from(Array.from({ length: 300_000 }, (_, at) => (at * 31) >> (at % 9)));
    const path = `/keys/${encodeURIComponent('straße/100 %?+#.bin')}`;
    const type = 'application/octet-stream';
    const { status } = await ask('PUT', path, { 'Content-Type': type, body });
    const read = await ask('GET', path);
    expect([status, read.headers['content-type']]).toEqual([200, type]);
    expect(read.body.equals(body)).toBe(true);
  });

  it('writes a batch, all or nothing', async () => {
    const headers = { 'Content-Type': 'application/json' };
    const set = { type: 'set', key: 'a', value: '1', at: 40 };
    const both = [set, { type: 'delete', key: 'b', at: 40 }];
    const { status, body } = await ask('POST', '/batch', {
      ...headers,
      body: JSON.stringify(both),
    });
    const [first, second] = JSON.parse(body.toString()) as { seq: number }[];
    expect(status).toBe(200);
    expect(first).toEqual({ key: 'a', timestamp: 40, seq: first?.seq });
    expect(second).toEqual({ key: 'b', timestamp: 40, seq: (first?.seq ?? 0) + 1 });
    const refused = JSON.stringify([
      { ...set, key: 'c' },
      { ...set, ifSeq: 'none' },
    ]);
    expect((await ask('POST', '/batch', { ...headers, body: refused })).status).toBe(409);
    expect((await ask('GET', '/keys/c?at=40')).status).toBe(404);
  });
});
