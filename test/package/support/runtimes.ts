/** Other Nodes and npms, from the registry, and how to run something with them as a user does. */
import { execFile } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { packageRoot } from '../../support/child.js';
import { temporaryDirectory } from '../../support/temporary-directory.js';
import { prebuilt } from './prebuilt.js';

export interface Ran {
  exitCode: number;
  stdout: string;
  stderr: string;
}

/** A Node with an npm, first on the path. */
export interface Runtime {
  /** Such as `Node 24.21.0, npm 12.2.0`. */
  name: string;
  env: NodeJS.ProcessEnv;
}

export const running = 'running';

/** Why something of the registry cannot be had; anything else that goes wrong is a failure. */
const cannotBeHad =
  /\b(E404|ETARGET|ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|ENOTCACHED|ERR_SOCKET_TIMEOUT)\b/;

/** What npm and vitest leave to their children, which a user's shell has not. */
const notOurs =
  /^(npm_(?!config_)|npm_config_(local_|global_)?prefix$|npm_config_(node_gyp|engine_strict)$|INIT_CWD$|NODE_ENV$|NODE_OPTIONS$|NODE_PATH$|FORCE_COLOR$|VITEST|TIMEKV_|XDG_)/;

/** Where nothing listens. */
const noHost = 'http://127.0.0.1:9';

function userEnvironment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !notOurs.test(name));
  const home = temporaryDirectory('disk');
  return {
    ...Object.fromEntries(kept),
    XDG_CACHE_HOME: join(home, 'cache'),
    TIMEKV_DIR: join(home, 'store'),
    NO_UPDATE_NOTIFIER: '1',
    npm_config_audit: 'false',
    npm_config_fund: 'false',
    npm_config_update_notifier: 'false',
    npm_config_prefer_offline: 'true',
    npm_config_fetch_retries: '1',
    npm_config_fetch_timeout: '60000',
  };
}

/** Runs it to its end, found by the runtime's path. */
export async function run(
  command: readonly string[],
  env: NodeJS.ProcessEnv,
  cwd: string,
): Promise<Ran> {
  const [program = '', ...args] = command;
  try {
    const options = { cwd, env, maxBuffer: 1e8 };
    return { exitCode: 0, ...(await promisify(execFile)(program, args, options)) };
  } catch (error) {
    const { code, stdout = '', stderr = '' } = error as Partial<Ran> & { code?: unknown };
    if (typeof code !== 'number') throw error;
    return { exitCode: code, stdout, stderr };
  }
}

/** @throws with all that it printed, if it does not end well */
export async function runWell(
  command: readonly string[],
  env: NodeJS.ProcessEnv,
  cwd: string,
): Promise<string> {
  const { exitCode, stdout, stderr } = await run(command, env, cwd);
  if (exitCode !== 0) {
    throw new Error(`${command.join(' ')}: exit ${exitCode}\n${stdout}\n${stderr}`);
  }
  return stdout;
}

type Fetched = { path: string } | { absent: string };
const fetched = new Map<string, Promise<Fetched>>();

/** Gets a package from the registry, once: where it lies, or why it cannot be had. */
function fetchedOnce(spec: string): Promise<Fetched> {
  const known = fetched.get(spec) ?? fetchPackage(spec);
  fetched.set(spec, known);
  return known;
}

async function fetchPackage(spec: string): Promise<Fetched> {
  const directory = temporaryDirectory('disk');
  writeFileSync(join(directory, 'package.json'), '{}');
  const install = ['npm', 'install', '--ignore-scripts', '--no-package-lock', spec];
  const { exitCode, stderr } = await run(install, userEnvironment(), directory);
  const [name = ''] = spec.split('@');
  if (exitCode === 0) return { path: join(directory, 'node_modules', name) };
  const [why] = cannotBeHad.exec(stderr) ?? [];
  if (why === undefined) throw new Error(`npm install ${spec}: exit ${exitCode}\n${stderr}`);
  return { absent: `${spec} cannot be had from the registry: ${why}` };
}

/**
 * @param node a version, or the running one
 * @param npm likewise
 * @returns the runtime, or why there is none
 */
export async function runtimeOf(
  node: string,
  npm: string,
): Promise<{ runtime: Runtime } | { absent: string }> {
  const bin = join(temporaryDirectory('disk'), 'bin');
  mkdirSync(bin);
  const env = userEnvironment();
  if (node === running) {
    symlinkSync(process.execPath, join(bin, 'node'));
    Object.assign(env, prebuilt());
  } else {
    const got = await fetchedOnce(`node-${process.platform}-${process.arch}@${node}`);
    if ('absent' in got) return got;
    symlinkSync(join(got.path, 'bin/node'), join(bin, 'node'));
    env['npm_config_nodedir'] = got.path; // Its headers.
  }
  if (npm !== running) {
    const got = await fetchedOnce(`npm@${npm}`);
    if ('absent' in got) return got;
    const cli = join(got.path, 'bin/npm-cli.js');
    chmodSync(cli, 0o755);
    symlinkSync(cli, join(bin, 'npm'));
  }
  env['PATH'] = `${bin}${delimiter}${env['PATH'] ?? ''}`;
  const version = async (of: string): Promise<string> =>
    (await runWell([of, '--version'], env, packageRoot)).trim().replace(/^v/, '');
  const name = `Node ${await version('node')}, npm ${await version('npm')}`;
  return { runtime: { name, env } };
}

/** The same as it is where nothing can be compiled, and nothing downloaded but from the registry. */
export function withoutCompiler({ name, env }: Runtime): Runtime {
  const bin = join(temporaryDirectory('disk'), 'bin');
  mkdirSync(bin);
  for (const program of ['node', 'npm', 'sh', 'env']) {
    const places = (env['PATH'] ?? '').split(delimiter).map((place) => join(place, program));
    symlinkSync(places.find((place) => existsSync(place)) ?? program, join(bin, program));
  }
  const { npm_config_better_sqlite3_local_prebuilds: _, ...rest } = env;
  return {
    name: `${name}, no compiler`,
    env: { ...rest, PATH: bin, npm_config_better_sqlite3_binary_host: noHost },
  };
}
