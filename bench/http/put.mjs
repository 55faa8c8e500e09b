/**
 * Writing a value that is durable when the answer comes, beside Redis, which is as careful then
 * (`appendfsync always`), behind the least of a route of the same framework. Both on the same disk.
 */
import { hasPackage, hasProgram } from '../support/peers.mjs';
import { compare } from './compare.mjs';
import { checkAnswer, pathsFile, valueOf } from './requests.mjs';
import { serveRedisRoute, serveTimekv } from './servers.mjs';

const packages = ['fastify', 'ioredis'];

export const putting = {
  name: 'http put',
  async measure(bench) {
    const { workplace, results } = bench;
    const servers = [await serveTimekv(workplace.fresh('store'))];
    const there = [
      ...packages.map((name) => hasPackage(name, results)),
      hasProgram('redis-server', results),
    ];
    if (!there.includes(false)) {
      servers.push(await serveRedisRoute(workplace.freshDirectory('redis')));
    }
    for (const server of servers) {
      await checkAnswer(server, 17, { puts: valueOf(17) });
      await checkAnswer(server, 17, { gets: valueOf(17) });
    }
    const body = valueOf(0);
    await compare(bench, 'durable PUT of 100 bytes', {
      servers,
      request: { method: 'PUT', body, paths: pathsFile(workplace) },
      wanted: { atLeast: 1 },
    });
    for (const server of servers) {
      await checkAnswer(server, 17, { gets: body });
      await server.stop();
    }
  },
};
