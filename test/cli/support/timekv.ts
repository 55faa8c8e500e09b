/** Runs the command line as users do: `bin/run.js` in a process of its own, from the built `dist`. */
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { on } from 'node:events';
import { join } from 'node:path';
import { packageRoot } from '../../support/child.js';

export const runPath = join(packageRoot, 'bin/run.js');

export interface Outcome {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
  /** What came on stdout, byte by byte. */
  bytes: Buffer;
}

export interface Surroundings {
  /** What is on stdin; nothing by default. */
  input?: string | Buffer;
  environment?: Record<string, string>;
}

/** An environment in which nothing of the machine's own shows through. */
export function environmentFor(directory: string, more: Record<string, string> = {}) {
  const { PATH = '', HOME = '' } = process.env;
  return { PATH, HOME, TZ: 'UTC', TIMEKV_DIR: directory, ...more };
}

/** Starts a command on the store in the directory. */
export function start(
  directory: string,
  args: readonly string[],
  environment: Record<string, string> = {},
): ChildProcessWithoutNullStreams {
  const env = environmentFor(directory, environment);
  return spawn(process.execPath, [runPath, ...args], { env });
}

/** Runs a command to its end. */
export function run(
  directory: string,
  args: readonly string[],
  { input = '', environment = {} }: Surroundings = {},
): Promise<Outcome> {
  const child = start(directory, args, environment);
  // A command may end without reading its input.
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  return outcomeOf(child);
}

export function outcomeOf(child: ChildProcessWithoutNullStreams): Promise<Outcome> {
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      const bytes = Buffer.concat(out);
      const stderr = Buffer.concat(err).toString();
      resolve({ code, signal, stdout: bytes.toString(), stderr, bytes });
    });
  });
}

/** The environment of a command for which `listens` can wait. */
export const tellingReady = {
  NODE_OPTIONS: `--import ${join(packageRoot, 'test/support/programs/tell-ready.mjs')}`,
};

/** Resolves when a command, started with `tellingReady`, has made itself ready for signals. */
export async function listens(child: ChildProcessWithoutNullStreams): Promise<void> {
  let said = '';
  for await (const [chunk] of on(child.stderr, 'data', { close: ['end'] })) {
    said += String(chunk);
    if (said.includes('listens to signals')) return;
  }
  throw new Error(`it ended before it listened: ${said}`);
}

/** Runs a line of shell, in which `timekv` is our command. */
export function shell(directory: string, line: string, environment: Record<string, string> = {}) {
  const script = `timekv() { "$NODE" "$RUN" "$@"; }\n${line}`;
  const env = { ...environmentFor(directory, environment), NODE: process.execPath, RUN: runPath };
  const child = spawn('bash', ['-c', script], { env });
  child.stdin.end();
  return outcomeOf(child);
}

/** One number for all that is in a directory: names, sizes, bytes. */
export function fingerprint(directory: string): string {
  const hash = createHash('sha256');
  for (const name of readdirSync(directory, { recursive: true, encoding: 'utf8' }).sort()) {
    const path = join(directory, name);
    const status = statSync(path);
    hash.update(`${name}\0${status.isDirectory()}\0${status.mode}\0`);
    if (!status.isDirectory()) hash.update(readFileSync(path));
  }
  return hash.digest('hex');
}
