/**
 * The real command line under `strace`, which counts its system calls and, at one of them, does
 * harm: kills the process, lets the call fail, or says that it was done when it was not.
 */
import { spawn, spawnSync } from 'node:child_process';
import { dirname } from 'node:path';
import type { Readable } from 'node:stream';
import { TraceReader, type Call } from './trace.js';
import { environmentFor, runPath, type Outcome } from '../../cli/support/timekv.js';

/**
 * Calls that can change a file. `openat` only where it may create one; `exit_group` stands for the
 * moment behind the last of them, with the answer told and the exit code not.
 */
const tracedCalls = [
  'pwrite64,pwritev,ftruncate,fallocate,fdatasync,fsync,sync_file_range',
  'openat,mkdir,rename,renameat2,link,unlink,rmdir,chmod,exit_group',
].join(',');

/** What happens at a call, in place of it. */
export type Harm =
  /** `kill -9`; the call is not begun. */
  | { kind: 'kill' }
  /** The call fails. */
  | { kind: 'fail'; code: 'EIO' | 'ENOSPC' }
  /** Nothing is written, and so many bytes are said to be. */
  | { kind: 'lie'; bytes: number };

export interface Traced extends Outcome {
  /** Every call that could have changed a file of the store, in order; the end of the process last. */
  calls: Call[];
}

/** In an argument: the directory in which that of the store lies. */
export const beside = '{beside}';

export interface Command {
  args: readonly string[];
  input: string;
}

/** Why this machine cannot run it; undefined if it can. */
export function whyNoStrace(): string | undefined {
  const tried = spawnSync('strace', ['-f', '--seccomp-bpf', '-e', 'trace=none', 'true']);
  if (tried.error !== undefined) return 'strace is not installed (Debian: apt-get install strace)';
  if (tried.status === 0) return undefined;
  return `strace cannot trace here: ${tried.stderr.toString().split('\n')[0] ?? ''}`;
}

/** Runs a command on the store in the directory to its end, which may be an early one. */
export async function runTraced(
  directory: string,
  { args, input }: Command,
  point?: { call: Call; harm: Harm },
): Promise<Traced> {
  const inject = point === undefined ? [] : ['-e', `inject=${injection(point.call, point.harm)}`];
  const flags = ['-f', '-y', '-s', '0', '--seccomp-bpf', '-o', '|exec cat >&3'];
  // One thread for all that is not done at once, and one arena, since glibc opens a file when another
  // one shrinks: every run counts its calls alike.
  const env = environmentFor(directory, {
    UV_THREADPOOL_SIZE: '1',
    MALLOC_ARENA_MAX: '1',
    // What the first command keeps of its code would be calls that the next one does not make.
    NODE_DISABLE_COMPILE_CACHE: '1',
  });
  const given = args.map((arg) => arg.replace(beside, dirname(directory)));
  const child = spawn(
    'strace',
    [...flags, '-e', `trace=${tracedCalls}`, ...inject, process.execPath, runPath, ...given],
    { env, stdio: ['pipe', 'pipe', 'pipe', 'pipe'] },
  );
  child.stdin.on('error', () => undefined).end(input);
  const reader = new TraceReader(directory);
  const kills = point?.harm.kind === 'kill' ? point.call : undefined;
  const trace = child.stdio[3] as Readable;
  trace.setEncoding('utf8').on('data', (text: string) => {
    reader.read(text);
    if (kills === undefined || !reader.hasBegun(kills)) return;
    kill(reader.pid);
    child.kill('SIGKILL'); // It would wait until the delay is over.
  });
  const output = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output.stderr += text));
  const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>(
    (resolve, reject) => {
      child.on('error', reject);
      child.on('close', (...ended) => {
        resolve(ended);
      });
    },
  );
  return { code, signal, ...output, bytes: Buffer.from(output.stdout), calls: reader.calls };
}

/** Until the test has seen that the call was begun, and has killed the process. */
const longEnoughMicroseconds = 4_000_000;

function injection({ name, nth }: Call, harm: Harm): string {
  const done: Record<Harm['kind'], string> = {
    // strace's own `signal=KILL` does nothing together with --seccomp-bpf. But a call that waits to be
    // begun is never begun in a process that was killed meanwhile.
    kill: `delay_enter=${longEnoughMicroseconds}`,
    fail: `error=${harm.kind === 'fail' ? harm.code : ''}`,
    lie: `retval=${harm.kind === 'lie' ? harm.bytes : ''}`,
  };
  return `${name}:${done[harm.kind]}:when=${nth}`;
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It is on its way out already.
  }
}
