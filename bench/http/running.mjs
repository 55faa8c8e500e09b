/** A program that runs beside the one who asks it, in a process of its own, until it is stopped. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';

/** What the kernel counts CPU in here: a hundredth of a second, which is little of seconds. */
const tickMs = 10;

export class Running {
  #child;
  /** What it said when it was ready. */
  said;

  constructor(child, said) {
    this.#child = child;
    this.said = said;
  }

  /**
   * Starts a program, and waits until it says that it is ready.
   * @param {string[]} command a program and its arguments
   * @param {RegExp} ready what it says then
   * @throws if it ends before
   */
  static async start([command, ...args], ready) {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    // Nothing that was started outlives the benchmark, however it ends.
    const kill = () => child.kill('SIGKILL');
    process.once('exit', kill);
    child.once('exit', () => process.off('exit', kill));
    let output = '';
    for await (const piece of child.stdout.iterator({ destroyOnReturn: false })) {
      output += piece;
      const said = ready.exec(output)?.[0];
      if (said === undefined) continue;
      // What it says later is nothing to us, but must not fill the pipe.
      child.stdout.resume();
      return new Running(child, said);
    }
    throw new Error(`${[command, ...args].join(' ')} ended before it was ready: ${output}`);
  }

  /** CPU of all its threads since it was started, in milliseconds. */
  get cpuMs() {
    const stat = readFileSync(`/proc/${this.#child.pid}/stat`, 'latin1');
    // Behind the name, which may hold spaces.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const [user, system] = fields.slice(11, 13).map(Number);
    return (user + system) * tickMs;
  }

  async stop() {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, 'exit');
    this.#child.kill();
    await ended;
  }
}
