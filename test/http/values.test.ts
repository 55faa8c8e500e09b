/** A value over HTTP: its forms, its times, conditions on it, and the simple form. */
import { describe, expect, it } from 'vitest';
import { json, keyed, messageIn, octets, servedEach } from './support/in-process.js';

const served = servedEach();

describe('a value', () => {
  it('is bytes, whatever they are, and tells of its version', async () => {
    const bytes = Buffer.from([0, 255, 254, 10, 13, 34]);
    const written = await served.put(`${keyed('k')}?at=5`, bytes, octets);
    expect([written.status, written.text]).toEqual([200, '{"timestamp":5,"seq":1}']);
    expect(written.headers['etag']).toBe('"1"');
    const read = await fetch(`${served.serving.address}${keyed('k')}?at=7`);
    expect(Buffer.from(await read.arrayBuffer()).equals(bytes)).toBe(true);
    const told = ['content-type', 'etag', 'timekv-timestamp', 'timekv-expires-at'];
    expect(told.map((name) => read.headers.get(name))).toEqual([
      'application/octet-stream',
      '"1"',
      '5',
      null,
    ]);
  });

  it('is sent as text or JSON to who asks for that, if it is', async () => {
    await served.put(keyed('json'), '{"eur": 19.9}', json);
    await served.put(keyed('text'), 'grün');
    await served.put(keyed('bytes'), Buffer.from([255]), octets);
    const types = async (key: string, accept: string): Promise<unknown> => {
      const { status, headers } = await served.ask(keyed(key), { headers: { accept } });
      return status === 200 ? headers['content-type']?.split(';')[0] : status;
    };
    const axios = 'application/json, text/plain, */*';
    expect(await types('json', 'application/json')).toBe('application/json');
    expect(await types('json', axios)).toBe('text/plain');
    expect(await types('text', axios)).toBe('text/plain');
    expect(await types('bytes', axios)).toBe('application/octet-stream');
    expect(await types('text', 'application/json')).toBe(406);
    expect(await types('bytes', 'text/*')).toBe(406);
    expect(await types('text', 'text/plain;q=0.5, application/json')).toBe('text/plain');
    expect(await types('json', 'text/plain;q=0.5, application/json')).toBe('application/json');
    expect(await types('json', 'application/json;q=0, */*')).toBe('application/octet-stream');
    expect((await served.ask(keyed('json'))).text).toBe('{"eur": 19.9}');
  });

  it('that is said to be JSON has to be', async () => {
    for (const body of ['{', '', '\ud800', "{'a':1}"]) {
      expect((await served.put(keyed('k'), body, json)).status).toBe(400);
    }
    expect((await served.put(keyed('k'), '"text"', json)).status).toBe(200);
    expect(served.store.get('k')?.toString()).toBe('"text"');
  });

  it('may be empty, and as large as one can be, and no larger', async () => {
    expect((await served.put(keyed('empty'), '')).status).toBe(200);
    expect((await served.ask(keyed('empty'))).text).toBe('');
    const most = Buffer.alloc(16 * 1024 * 1024, 'x');
    expect((await served.put(keyed('most'), most, octets)).status).toBe(200);
    expect((await served.ask(keyed('most'))).text).toHaveLength(most.length);
    const more = await served.put(keyed('more'), Buffer.alloc(most.length + 1), octets);
    expect([more.status, messageIn(more)]).toEqual([
      413,
      expect.stringContaining('16777216 bytes'),
    ]);
  });

  it('has a key of any text', async () => {
    for (const key of ['a/b', 'ä ö', '%', '?&=#', '\0', 'k'.repeat(2048), '\u{1F600}']) {
      await served.put(keyed(key), key);
      expect((await served.ask(keyed(key))).text).toBe(key);
    }
    expect((await served.put(keyed('k'.repeat(2049)), 'v')).status).toBe(400);
  });

  it('is read as of times as the command line writes them', async () => {
    await served.put(`${keyed('k')}?at=2026-03-29`, 'midnight in Berlin');
    expect(served.store.version('k')?.timestamp).toBe(Date.parse('2026-03-28T23:00Z') * 1000);
    expect((await served.ask(`${keyed('k')}?at=2026-03-28T23:00Z`)).status).toBe(200);
    expect((await served.ask(`${keyed('k')}?at=2026-03-28T22:59Z`)).status).toBe(404);
    expect((await served.ask(`${keyed('k')}?at=2026-03-29T00:00%2B01:00`)).status).toBe(200);
    const plus = await served.ask(`${keyed('k')}?at=2026-03-29T00:00+01:00`);
    expect([plus.status, messageIn(plus)]).toEqual([400, expect.stringContaining('%2B is a +')]);
  });

  it('expires', async () => {
    await served.put(`${keyed('k')}?at=1&ttl=10us`, 'v');
    expect((await served.ask(`${keyed('k')}?at=10`)).headers['timekv-expires-at']).toBe('11');
    expect((await served.ask(`${keyed('k')}?at=11`)).status).toBe(404);
  });

  it('is told without its bytes to HEAD', async () => {
    await served.put(keyed('k'), 'value');
    const { status, text, headers } = await served.ask(keyed('k'), { method: 'HEAD' });
    expect([status, text, headers['content-length'], headers['etag']]).toEqual([
      200,
      '',
      '5',
      '"1"',
    ]);
  });
});

describe('conditions', () => {
  it('compare and set', async () => {
    const create = { 'if-none-match': '*' };
    expect((await served.put(keyed('k'), 'first', create)).status).toBe(200);
    expect((await served.put(keyed('k'), 'other', create)).status).toBe(409);
    expect((await served.put(keyed('k'), 'second', { 'if-match': '"1"' })).headers['etag']).toBe(
      '"2"',
    );
    const late = await served.put(keyed('k'), 'late', { 'if-match': '"1"' });
    expect([late.status, messageIn(late)]).toEqual([409, expect.stringContaining('has seq 2')]);
    expect((await served.ask(keyed('k'))).text).toBe('second');
  });

  it('that cannot be held against anything are refused', async () => {
    const wrong = [
      { 'if-match': '*' },
      { 'if-match': 'W/"1"' },
      { 'if-match': '"1", "2"' },
      { 'if-match': '1' },
      { 'if-none-match': '"1"' },
      { 'if-none-match': '*', 'if-match': '"1"' },
    ];
    for (const headers of wrong)
      expect((await served.put(keyed('k'), 'v', headers)).status).toBe(400);
    const deleted = await served.ask(keyed('k'), {
      method: 'DELETE',
      headers: { 'if-match': '"1"' },
    });
    expect(deleted.status).toBe(400);
    expect(served.store.version('k')).toBeUndefined();
  });

  it('spare what the client has already', async () => {
    await served.put(keyed('k'), 'v');
    const status = async (tags: string): Promise<number> =>
      (await served.ask(keyed('k'), { headers: { 'if-none-match': tags } })).status;
    expect(await Promise.all(['"1"', 'W/"1"', '"7", "1"', '*'].map(status))).toEqual([
      304, 304, 304, 304,
    ]);
    expect(await status('"2"')).toBe(200);
  });
});

describe('the simple form', () => {
  it.each(['/', '/api/v1'])('at %s, to the letter', async (path) => {
    const body = '{"key":"price","value":"19.90","timestamp":5}';
    expect((await served.put(path, body, json)).text).toBe('{"timestamp":5,"seq":1}');
    expect((await served.put(path, '{"key":"price","value":"21"}')).status).toBe(200);
    expect((await served.ask(`${path}?key=price&timestamp=5`)).text).toBe('"19.90"');
    expect((await served.ask(`${path}?key=price&timestamp=4`)).text).toBe('""');
    expect((await served.ask(`${path}?key=price`)).text).toBe('"21"');
    expect((await served.ask(`${path}?key=none`)).status).toBe(200);
  });

  it('refuses what it cannot mean', async () => {
    for (const body of [
      '',
      '[]',
      '"k"',
      '{}',
      '{"key":"k"}',
      '{"key":"","value":"v"}',
      '{"key":1,"value":"v"}',
      '{"key":"k","value":1}',
      '{"key":"k","value":null}',
      '{"key":"k","value":"v","timestamp":1.5}',
      '{"key":"k","value":"v","timestamp":null}',
      '{"key":"k","value":"v","time":1}',
      '{"key":"k","value":"\\ud800"}',
    ]) {
      const { status, text } = await served.put('/', body, json);
      expect([body, status, Object.keys(JSON.parse(text) as object)]).toEqual([
        body,
        400,
        ['error'],
      ]);
    }
    expect((await served.ask('/')).status).toBe(400);
    expect([...served.store.keys({ all: true })]).toEqual([]);
  });
});
