/** Projects that have installed the package, and global installations of it. */
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { temporaryDirectory } from '../../support/temporary-directory.js';
import { run, type Ran, type Runtime, runWell } from './runtimes.js';

export interface Installed {
  directory: string;
  /** All that npm has put there, timekv among it. */
  packages: number;
  seconds: number;
}

/** An empty project. */
function emptyProject(): string {
  const directory = join(temporaryDirectory('disk'), 'project');
  mkdirSync(directory);
  writeFileSync(
    join(directory, 'package.json'),
    JSON.stringify({ name: 'project', version: '1.0.0', private: true, type: 'module' }),
  );
  return directory;
}

/** How many packages lie there, and within them. */
function packagesIn(modules: string): number {
  if (!existsSync(modules)) return 0;
  const folders = readdirSync(modules).flatMap((name) => {
    if (name.startsWith('.')) return [];
    const path = join(modules, name);
    return name.startsWith('@') ? readdirSync(path).map((below) => join(path, below)) : [path];
  });
  return folders.reduce((count, path) => count + 1 + packagesIn(join(path, 'node_modules')), 0);
}

export async function installLibrary(
  { env }: Runtime,
  what: string,
  ...more: string[]
): Promise<Installed> {
  const directory = emptyProject();
  const startedAt = performance.now();
  await runWell(['npm', 'install', what, ...more], env, directory);
  const seconds = (performance.now() - startedAt) / 1000;
  return { directory, packages: packagesIn(join(directory, 'node_modules')), seconds };
}

/** `npm install --global`, below a directory of its own. */
export async function installGlobally(
  { env }: Runtime,
  what: string,
  ...more: string[]
): Promise<Installed> {
  const directory = temporaryDirectory('disk');
  const startedAt = performance.now();
  const command = ['npm', 'install', '--global', '--prefix', directory, what, ...more];
  await runWell(command, env, directory);
  const seconds = (performance.now() - startedAt) / 1000;
  return { directory, packages: packagesIn(join(directory, 'lib/node_modules')), seconds };
}

/** What a shell makes of the line, with the commands of a global installation on its path. */
export function inShell(line: string, { env }: Runtime, global?: string): Promise<Ran> {
  const path = env['PATH'] ?? '';
  const cwd = temporaryDirectory();
  const PATH = global === undefined ? path : `${join(global, 'bin')}${delimiter}${path}`;
  return run(['/bin/sh', '-c', line], { ...env, PATH }, cwd);
}
