/** Reading a value, beside the same route of the same framework that answers nothing at all. */
import { hasPackage } from '../support/peers.mjs';
import { compare } from './compare.mjs';
import { checkAnswer, filledStore, pathsFile, valueOf } from './requests.mjs';
import { serveEmptyRoute, serveTimekv } from './servers.mjs';

export const getting = {
  name: 'http get',
  async measure(bench) {
    const { workplace, results } = bench;
    const servers = [await serveTimekv(await filledStore(workplace))];
    await checkAnswer(servers[0], 17, { gets: valueOf(17) });
    if (hasPackage('fastify', results)) {
      servers.push(await serveEmptyRoute());
      await checkAnswer(servers[1], 17, { gets: '' });
    }
    await compare(bench, 'GET of 100 bytes', {
      servers,
      request: { method: 'GET', paths: pathsFile(workplace) },
      wanted: { atLeast: 0.8 },
    });
    for (const server of servers) await server.stop();
  },
};
