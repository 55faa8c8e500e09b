/** An EventSource, as browsers have it, follows the store over the ends of its server. */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { EventSource } from 'eventsource';
import { expect, onTestFinished, test } from 'vitest';
import { temporaryDirectory } from '../support/temporary-directory.js';
import { serve, type TestServer } from './support/server.js';
import { ownHost } from './support/spawn-server.js';

interface Told {
  id: string;
  version: { key: string; seq: number; value: string };
}

/** Each listens where the last one did. */
async function restarted(server: TestServer, directory: string): Promise<TestServer> {
  await server.kill();
  return serve({ directory, args: ['--host', ownHost], port: server.port });
}

/** Writes so many versions, one after another. */
async function write({ url }: TestServer, name: string, count: number): Promise<void> {
  for (let number = 0; number < count; number++) {
    const key = `${name}-${number}`;
    const answer = await fetch(`${url}/api/v1/keys/${key}`, { method: 'PUT', body: `of ${key}` });
    expect(answer.status).toBe(200);
  }
}

test('goes on by itself when the server was killed, and misses and doubles nothing', async () => {
  const directory = join(temporaryDirectory(), 'store');
  let server = await serve({ directory, args: ['--host', ownHost] });
  await write(server, 'before', 5);
  const told: Told[] = [];
  let opened = 0;
  const source = new EventSource(`${server.url}/api/v1/watch?since=2`);
  onTestFinished(() => {
    source.close();
  });
  source.addEventListener('open', () => (opened += 1));
  source.addEventListener('message', ({ lastEventId, data }) => {
    told.push({ id: lastEventId, version: JSON.parse(String(data)) as Told['version'] });
  });
  const heard = async (seq: number): Promise<void> => {
    while ((told.at(-1)?.version.seq ?? 0) < seq) await sleep(5);
  };

  await heard(5);
  await write(server, 'live', 5);
  await heard(10);
  server = await restarted(server, directory);
  // The client waits for a second before it comes again: all of this comes before.
  await write(server, 'away', 5);
  await heard(15);
  // And now when it need not have been told of all of it.
  await write(server, 'under way', 5);
  server = await restarted(server, directory);
  await write(server, 'last', 5);
  await heard(25);

  const seqs = Array.from({ length: 23 }, (_, at) => at + 3);
  expect(told.map(({ version }) => version.seq)).toEqual(seqs);
  expect(told.map(({ id }) => id)).toEqual(seqs.map(String));
  expect(told.map(({ version: { key, value } }) => value === `of ${key}`)).not.toContain(false);
  expect(opened).toBe(3);
});
