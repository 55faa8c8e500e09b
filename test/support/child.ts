/** Child processes: the programs in test/support/programs, which run against dist. */
import { type ChildProcess, spawn, type SpawnOptions } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const repository = fileURLToPath(new URL('../..', import.meta.url));

/** The package that child processes run: this one, or a copy of it with a planted defect. */
export const packageRoot = process.env['TIMEKV_PACKAGE'] ?? repository;
const programs = 'test/support/programs';

export interface Finished {
  exitCode: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

/** A running child, its output being collected. */
export class Child {
  readonly process: ChildProcess;
  /** Resolves when it has ended and all its output has arrived. */
  readonly finished: Promise<Finished>;
  #stdout = '';
  #stderr = '';

  constructor(args: string[], options: SpawnOptions = {}, node = process.execPath) {
    this.process = spawn(node, args, { stdio: 'pipe', cwd: packageRoot, ...options });
    this.process.stdout?.setEncoding('utf8').on('data', (text: string) => (this.#stdout += text));
    this.process.stderr?.setEncoding('utf8').on('data', (text: string) => (this.#stderr += text));
    this.process.stdin?.on('error', () => {}); // It may end before it has read everything.
    this.finished = this.#end();
    this.finished.catch(() => {}); // Whoever awaits it is told; until then it may lie.
  }

  get pid(): number {
    return this.process.pid ?? -1;
  }

  /** What it has printed so far. */
  get stdout(): string {
    return this.#stdout;
  }

  get stderr(): string {
    return this.#stderr;
  }

  /** Waits until it has printed this. */
  async printed(text: string): Promise<void> {
    const ended = this.finished.then((result) => {
      throw new Error(`it ended before it printed ${text}: ${JSON.stringify(result)}`);
    });
    ended.catch(() => {}); // It may end later, once nobody waits for the text any more.
    while (!this.#stdout.includes(text)) {
      await Promise.race([once(this.process.stdout as never, 'data'), ended]);
    }
  }

  /** Waits for its end, which must be a good one, and answers what it printed as JSON. */
  async answer<T>(): Promise<T> {
    const { exitCode, stdout, stderr } = await this.finished;
    if (exitCode !== 0) throw new Error(`exit ${exitCode}\n${stdout}\n${stderr}`);
    return JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '') as T;
  }

  async #end(): Promise<Finished> {
    const [exitCode, signal] = (await once(this.process, 'close')) as [
      number | null,
      NodeJS.Signals | null,
    ];
    return { exitCode, signal, stdout: this.#stdout, stderr: this.#stderr };
  }
}

/**
 * Starts test/support/programs/`name`.mjs, which gets `input` as JSON.
 * @param options `nodeFlags`: for Node itself, before the program; `node`: another one than this;
 *   `root`: of a copy of the package that it runs
 */
export function start(
  name: string,
  input: object,
  options: SpawnOptions & { nodeFlags?: string[]; node?: string; root?: string } = {},
): Child {
  if (!existsSync(join(packageRoot, 'dist/bundle/src/index.js'))) {
    throw new Error('the programs run against dist: npm run build');
  }
  const { nodeFlags = [], node, root = packageRoot, ...spawnOptions } = options;
  const program = join(root, programs, `${name}.mjs`);
  return new Child([...nodeFlags, program, JSON.stringify(input)], spawnOptions, node);
}

/** Runs one command of the real CLI. */
export function timekv(...args: string[]): Child {
  return new Child([join(packageRoot, 'bin/run.js'), ...args]);
}
