/** Batches, rows and waits over HTTP, and what is refused. */
import { describe, expect, it, test } from 'vitest';
import { json, keyed, messageIn, type Said, servedEach } from './support/in-process.js';

const served = servedEach();

describe('a batch', () => {
  const post = (body: unknown): Promise<Said> =>
    served.ask('/api/v1/batch', { method: 'POST', body: JSON.stringify(body), headers: json });

  it('is one, and tells of each operation', async () => {
    const { text } = await post([
      { type: 'set', key: 'a', value: '1', at: 5 },
      { type: 'set', key: 'b', value: { base64: '/w==' }, at: 5, ttl: '1s' },
      { type: 'delete', key: 'c', at: 6 },
      { type: 'erase', key: 'a', at: 5 },
      { type: 'erase', key: 'none', at: 'all' },
    ]);
    expect(JSON.parse(text)).toEqual([
      { key: 'a', timestamp: 5, seq: 1 },
      { key: 'b', timestamp: 5, seq: 2 },
      { key: 'c', timestamp: 6, seq: 3 },
      { key: 'a', erased: 1 },
      { key: 'none', erased: 0 },
    ]);
    expect(served.store.get('b', 6)).toEqual(Buffer.from([255]));
  });

  it('is refused whole, and says for which operation', async () => {
    const good = { type: 'set', key: 'a', value: '1', at: 1 };
    for (const wrong of [
      { type: 'get', key: 'a' },
      { type: 'set', key: 'a' },
      { ...good, ifseq: 1 },
      { ...good, ifSeq: 9 },
      { ...good, ifSeq: '1' },
      { ...good, maxBump: null, onConflict: 'bump' },
      { type: 'erase', key: 'a' },
      { type: 'delete', key: 'a', value: 'v' },
      7,
      null,
    ]) {
      const { status, text } = await post([good, wrong]);
      expect([400, 409]).toContain(status);
      expect(JSON.parse(text)).toMatchObject({ error: { operation: 1 } });
    }
    expect((await post({ operations: [] })).status).toBe(400);
    expect([...served.store.keys({ all: true })]).toEqual([]);
  });
});

describe('what is asked wrongly', () => {
  it.each([
    [`${keyed('k')}?att=1`, '"att" is not known; known here: at, wait'],
    [`${keyed('k')}?at=1&at=2`, 'at stands there more than once'],
    [`${keyed('k')}?at=%ff`, 'the query is not percent-encoded UTF-8'],
    [`${keyed('k')}?wait=1s`, 'wait needs at, the time that the answer is as of'],
    [`${keyed('k')}?at=5m`, 'did you mean -5m?'],
    ['/api/v1/scan?limit=-1', 'limit "-1" is no count; write a whole number'],
    ['/api/v1/scan?reverse=maybe', 'reverse="maybe": write reverse=true, or leave it out'],
    ['/api/v1/keys?all&at=1', 'all and at exclude each other'],
    ['/api/v1/diff', 'from is missing'],
    ['/api/v1/watch?since=x', 'since "x" is no count'],
    ['/api/v1/watch?key=a&prefix=b', 'key and prefix exclude each other'],
    ['/%ff', 'the path is not percent-encoded UTF-8'],
  ])('%s is refused with a line that says why', async (path, message) => {
    const said = await served.ask(path);
    expect([said.status, messageIn(said)]).toEqual([400, expect.stringContaining(message)]);
  });

  it('has its status', async () => {
    expect((await served.ask('/nowhere')).status).toBe(404);
    expect((await served.ask('/api/v1/scan', { method: 'PUT', body: '' })).status).toBe(404);
    expect((await served.ask(`${keyed('none')}/history`)).status).toBe(404);
    for (const method of ['DELETE', 'OPTIONS', 'PATCH', 'POST', 'PUT']) {
      const answer = await served.ask('/nowhere', { method, body: 'of a type that nobody knows' });
      expect([method, answer.status]).toEqual([method, 404]);
    }
    const gzip = { 'content-encoding': 'gzip' };
    expect((await served.put(keyed('k'), 'v', gzip)).status).toBe(415);
    const events = { 'last-event-id': '-1' };
    expect((await served.ask('/api/v1/watch', { headers: events })).status).toBe(400);
  });
});

test.each(['', 'text', 'application/json+x; q', 'text/html; charset=latin1'])(
  'a value is kept as it came, whatever its type is called: %o',
  async (type) => {
    const { status } = await served.put(keyed('k'), '{"not": json', { 'content-type': type });
    expect(status).toBe(200);
    expect((await served.ask(keyed('k'))).text).toBe('{"not": json');
  },
);

describe('rows', () => {
  it('come as they are taken, more than fit into one piece', async () => {
    const count = 20_000;
    await served.store.load(
      Array.from({ length: count }, (_, i) => ({
        key: `k${i}`,
        value: Buffer.alloc(20, 'v'),
        at: i,
      })),
    );
    const { text } = await served.ask('/api/v1/scan');
    const rows = text.trimEnd().split('\n');
    expect(rows).toHaveLength(count);
    expect(rows.every((row) => (JSON.parse(row) as { value: string }).value.length === 20)).toBe(
      true,
    );
    expect((await served.ask('/api/v1/keys?limit=3&reverse')).text).toBe(
      '{"key":"k9999"}\n{"key":"k9998"}\n{"key":"k9997"}\n',
    );
  });

  it('of which one cannot be told end without an end', async () => {
    const old = { value: Buffer.from('v'), at: 1, expiresAt: 5 };
    await served.store.load(
      Array.from({ length: 20_000 }, (_, i) => ({ key: `k${i}`, value: Buffer.alloc(20), at: 1 })),
    );
    await served.store.load([{ key: 'z', ...old }]);
    await served.store.expire();
    const response = await fetch(`${served.serving.address}/api/v1/scan?at=2`);
    expect(response.status).toBe(200);
    const decoder = new TextDecoder();
    let text = '';
    const read = async (): Promise<void> => {
      for await (const chunk of response.body ?? []) text += decoder.decode(chunk as Uint8Array);
    };
    await expect(read()).rejects.toThrow('terminated');
    const last = JSON.parse(text.trimEnd().split('\n').at(-1) ?? '') as unknown;
    expect(last).toMatchObject({ error: { code: 'ERR_TIMEKV_HISTORY_TRUNCATED' } });
    // Where it comes early it is the status.
    expect((await served.ask('/api/v1/scan?at=2&start=z')).status).toBe(410);
  });
});

describe('waiting', () => {
  it('answers as soon as there is something, and 503 where there is not in time', async () => {
    const path = `${keyed('k')}?at=tomorrow`;
    const waiting = served.ask(`${path}&wait=20s`);
    await expect.poll(async () => (await served.ask('/metrics')).text).toMatch(/open_requests 1$/m);
    await served.store.set('k', Buffer.from('soon'));
    expect((await waiting).text).toBe('soon');
    const late = await served.ask(`${path}&wait=5ms`);
    expect([late.status, late.headers['retry-after']]).toEqual([503, '1']);
    expect((await served.ask(`${keyed('k')}?at=1&wait=20s`)).status).toBe(404);
  });

  it('ends when the server does, and when the client goes', async () => {
    const path = `${keyed('k')}?at=tomorrow&wait=1h`;
    const gone = new AbortController();
    const left = served.ask(path, { signal: gone.signal });
    const waiting = served.ask(path);
    await expect.poll(async () => (await served.ask('/metrics')).text).toMatch(/open_requests 2$/m);
    gone.abort();
    await expect(left).rejects.toThrow('aborted');
    await expect.poll(async () => (await served.ask('/metrics')).text).toMatch(/open_requests 1$/m);
    await served.serving.close();
    expect((await waiting).status).toBe(503);
  });
});
