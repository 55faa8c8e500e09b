/** The servers that are compared. */
import { join } from 'node:path';
import { timekv } from '../support/timekv.mjs';
import { Running } from './running.mjs';

const address = /http:\/\/\S+/;
const program = (file, ...args) => [
  process.execPath,
  join(import.meta.dirname, 'programs', file),
  ...args,
];

/** Who answers at an address, and the processes in which that is done. */
class Server {
  #processes;

  /** @param processes the one that listens last */
  constructor(name, processes) {
    this.name = name;
    this.address = processes.at(-1).said;
    this.#processes = processes;
  }

  /** Of all its processes. */
  get cpuMs() {
    return this.#processes.reduce((sum, { cpuMs }) => sum + cpuMs, 0);
  }

  async stop() {
    for (const running of this.#processes.toReversed()) await running.stop();
  }
}

export async function serveTimekv(directory) {
  const command = timekv('serve', '--port', '0', '--dir', directory);
  return new Server('timekv serve', [await Running.start(command, address)]);
}

export async function serveEmptyRoute() {
  const route = await Running.start(program('empty-route.mjs'), address);
  return new Server('the same route, empty', [route]);
}

/** Durable writes, and else what Redis does by itself. A socket file is as quick as a port here, and free. */
export async function serveRedisRoute(directory) {
  const socket = join(directory, 'socket');
  const settings = {
    port: '0',
    unixsocket: socket,
    dir: directory,
    appendonly: 'yes',
    appendfsync: 'always',
    save: '',
  };
  const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]);
  const redis = await Running.start(['redis-server', ...args], /ready to accept connections/i);
  const route = await Running.start(program('redis-route.mjs', socket), address);
  return new Server('Redis behind Fastify', [redis, route]);
}
