/**
 * Runs a program as a process of its own, and says what the whole process took.
 *
 * The CPU is what the kernel counted for it, and for those that it started: `time` of bash, which
 * asks the kernel when the process has ended. Node tells only about itself, not about its children;
 * /proc counts in hundredths of a second; and a hook within the process would be part of what is
 * measured. The peak of memory is read from /proc while it runs, since nothing tells it afterwards:
 * the kernel keeps a maximum, so that a late look misses only what the last milliseconds added.
 */
import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';

const peakLookMs = 10;

/** The command's stderr is ours; only `time` writes to 3. */
const timed = `TIMEFORMAT='%3R %3U %3S'; { time "$@" 2>&4 3>&- 4>&-; } 2>&3`;

/**
 * @param {string[]} command a program and its arguments
 * @param {{ stdin?: string, stdout?: string, env?: NodeJS.ProcessEnv, peak?: boolean }} options
 *   `stdin` and `stdout` name files; without one there is nothing to read, and what is written is
 *   answered
 * @throws if it fails
 */
export async function runProcess(command, { stdin, stdout, env = {}, peak = false } = {}) {
  const files = [];
  const opened = (path, flags) => {
    files.push(openSync(path, flags));
    return files.at(-1);
  };
  const child = spawn('bash', ['-c', timed, 'bash', ...command], {
    env: { ...process.env, ...env },
    stdio: [
      stdin === undefined ? 'ignore' : opened(stdin, 'r'),
      stdout === undefined ? 'pipe' : opened(stdout, 'w'),
      'inherit',
      'pipe',
      'pipe',
    ],
  });
  for (const file of files) closeSync(file);
  const peakOf = peak ? watchPeak(child.pid) : () => undefined;
  child.once('close', peakOf);
  const [status, output, times, errors] = await Promise.all([
    new Promise((resolve, reject) => child.once('error', reject).once('close', resolve)),
    child.stdout === null ? '' : text(child.stdout),
    text(child.stdio[3]),
    text(child.stdio[4]),
  ]);
  if (status !== 0) throw new Error(`${command.join(' ')} ended with ${status}: ${errors}`);
  const [wallMs, userMs, systemMs] = times
    .trim()
    .split(' ')
    .map((seconds) => seconds * 1000);
  return { wallMs, userMs, systemMs, cpuMs: userMs + systemMs, peakMiB: peakOf(), output };
}

/** The largest amount of memory that the one child of this process has held, in MiB. */
function watchPeak(pid) {
  let peakKiB = 0;
  const look = () => {
    try {
      const [child] = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ');
      const status = readFileSync(`/proc/${child}/status`, 'utf8');
      peakKiB = Math.max(peakKiB, Number(/^VmHWM:\s+(\d+)/m.exec(status)?.[1] ?? 0));
    } catch {
      // Not begun, or gone.
    }
  };
  const timer = setInterval(look, peakLookMs);
  return () => {
    clearInterval(timer);
    return peakKiB / 1024;
  };
}

/** Runs a program of ours, which prints one line of JSON: what it found. */
export async function runProgram(path, args, options) {
  const ran = await runProcess([process.execPath, path, ...args.map(String)], options);
  return { ...ran, answer: JSON.parse(ran.output) };
}
