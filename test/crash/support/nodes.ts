/**
 * Other versions of Node, as npm has them, each with a copy of the package that runs on it. What is
 * fetched lies in a temporary directory.
 */
import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { packageRoot } from '../../support/child.js';

const run = promisify(execFile);

/** All that timekv is made for. */
export const supportedMajors = [20, 22, 24, 26];
export const runningMajor = Number(process.versions.node.split('.')[0]);

/** Where programs run: a Node, and the package beside them. */
export interface NodePlace {
  node: string;
  root: string;
}

export const runningPlace: NodePlace = { node: process.execPath, root: packageRoot };

interface Manifest {
  optionalDependencies: Record<string, string>;
}

/** The package that holds SQLite on such a Node, as `npm install` is told it. */
function sqliteFor(major: number): string {
  const manifest = readFileSync(join(packageRoot, 'package.json'), 'utf8');
  const { optionalDependencies: named } = JSON.parse(manifest) as Manifest;
  const name = major >= 22 ? 'better-sqlite3-13' : 'better-sqlite3';
  return `${name}@${named[name]}`;
}

/**
 * @param root an empty directory
 * @returns why there is none, where npm cannot fetch or compile it
 */
export async function fetchNode(major: number, root: string): Promise<NodePlace | string> {
  mkdirSync(root, { recursive: true });
  writeFileSync(join(root, 'package.json'), JSON.stringify({ type: 'module', private: true }));
  for (const part of ['dist/bundle', 'test/support/programs']) {
    cpSync(join(packageRoot, part), join(root, part), { recursive: true });
  }
  const packages = join(root, 'node_modules');
  const node = join(packages, `node-${process.platform}-${process.arch}`, 'bin/node');
  const platform = `node-${process.platform}-${process.arch}@${major}`;
  const env = { ...process.env, PATH: `${dirname(node)}:${process.env['PATH']}` };
  const npm = (what: string) =>
    run('npm', ['install', '--no-audit', '--no-fund', what], { cwd: root, env });
  try {
    await npm(platform);
    await npm(sqliteFor(major)); // By now npm runs on that Node, and compiles for it.
    const { stdout } = await run(node, ['--version']);
    if (!stdout.startsWith(`v${major}.`)) return `npm fetched ${stdout.trim()}`;
    return { node, root };
  } catch (error) {
    return String(error).split('\n', 2).join(' ');
  }
}
