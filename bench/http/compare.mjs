/** Servers that are sent the same requests in turns: by many connections at once, and by one. */
import { interleaved } from '../support/rounds.mjs';
import { ask, toolsThere } from './tools.mjs';

const many = 64;
/** Of one turn; on a machine that is now quick and now slow, more turns tell more than longer ones. */
const seconds = 1;

/**
 * @param {string} what what is asked, for the table
 * @param servers ours first
 * @param request its method and body, and a file of the paths
 * @param wanted of our requests a second with many connections, where the other server is there
 */
export async function compare({ results, isQuick }, what, { servers, request, wanted }) {
  const tools = toolsThere(results);
  const [first] = tools;
  if (first === undefined) return;
  const [ours, other] = servers;
  const asked = (server, tool, connections) =>
    ask(tool, { ...request, url: server.address, connections, seconds });

  const turn = (tool, connections) => (server) => async () => {
    const cpuBefore = server.cpuMs;
    const took = await asked(server, tool, connections);
    const cpuMs = server.cpuMs - cpuBefore;
    const from = connections === 1 ? 'one connection' : `${connections} connections`;
    const work = `HTTP: ${what}, ${from} of ${tool.name}`;
    const add = (name, value, limit) => {
      const isCompared = server === ours && other !== undefined;
      const wants = isCompared ? { of: other.name, ...limit } : [];
      results.add(work, server.name, { what: name, value, wanted: wants });
    };
    add('requests/s', took.perSecond, connections === many ? wanted : {});
    add('p50, ms', took.p50Ms);
    add('p99, ms', took.p99Ms);
    add('CPU of the server, µs', (cpuMs * 1000) / took.answers);
  };
  // One connection waits for each answer, whatever asks: one of the tools will do.
  const kinds = [...tools.map((tool) => turn(tool, many)), turn(first, 1)];

  // So that V8 has compiled what runs often.
  for (const server of servers) await asked(server, first, many);
  await interleaved(
    isQuick ? 1 : 7,
    kinds.flatMap((kind) => servers.map((server) => kind(server))),
  );
}
