/** What sends requests, each in a process of its own: as many at once as there are connections. */
import { join } from 'node:path';
import { hasPackage, hasProgram } from '../support/peers.mjs';
import { runProcess } from '../support/process.mjs';

const programs = join(import.meta.dirname, 'programs');

const wrk = {
  name: 'wrk',
  isThere: (results) => hasProgram('wrk', results),
  command({ url, paths, method, body = [], connections, seconds }) {
    const options = ['-t1', `-c${connections}`, `-d${seconds}s`, '-s', join(programs, 'ask.lua')];
    return ['wrk', ...options, url, '--', paths, method].concat(body);
  },
};

const autocannon = {
  name: 'autocannon',
  isThere: (results) => hasPackage('autocannon', results),
  command: (options) => [process.execPath, join(programs, 'ask.mjs'), JSON.stringify(options)],
};

/** A program of C first: it takes the least from the servers, which share two cores with it. */
export const toolsThere = (results) => [wrk, autocannon].filter(({ isThere }) => isThere(results));

/** @throws if anything was answered otherwise than it should be */
export async function ask(tool, options) {
  const { output } = await runProcess(tool.command(options));
  const { faults, ...took } = JSON.parse(output.trimEnd().split('\n').at(-1));
  if (faults > 0) throw new Error(`${tool.name}: ${faults} requests failed at ${options.url}`);
  return took;
}
