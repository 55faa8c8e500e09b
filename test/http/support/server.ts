/** `timekv serve`, as users start it: a process of its own, on a store in a temporary directory. */
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { type IncomingHttpHeaders, request as httpRequest } from 'node:http';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { type Outcome, outcomeOf, runPath, start } from '../../cli/support/timekv.js';
import { temporaryDirectory } from '../../support/temporary-directory.js';

/** How the server says where it listens. */
const announced = /^serving (.+) at http:\/\/(.+):(\d+)\n/;

export interface ServeChoices {
  /** Options of the command, but for `--port`. */
  args?: readonly string[];
  /** Of the store; default: one that is not there yet. */
  directory?: string;
  environment?: Record<string, string>;
}

export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  body: Buffer;
  text: string;
}

export interface Question {
  headers?: Record<string, string>;
  body?: string | Buffer;
}

const running: TestServer[] = [];

/** Starts a server, which is killed after the test file at the latest. */
export async function serve(choices: ServeChoices = {}): Promise<TestServer> {
  if (!existsSync(join(runPath, '../../dist/bundle'))) {
    throw new Error('the server runs from dist: npm run build');
  }
  const { args = [], environment } = choices;
  const directory = choices.directory ?? join(temporaryDirectory(), 'store');
  const child = start(directory, ['serve', '--port', '0', ...args], environment);
  const server = new TestServer(child, directory);
  running.push(server);
  await server.listens();
  return server;
}

export class TestServer {
  readonly directory: string;
  /** Resolves when it has ended. */
  readonly ended: Promise<Outcome>;
  readonly #child: ChildProcessWithoutNullStreams;
  #stdout = '';
  #stderr = '';
  host = '';
  port = 0;

  constructor(child: ChildProcessWithoutNullStreams, directory: string) {
    this.#child = child;
    this.directory = directory;
    this.ended = outcomeOf(child);
    child.stdout.on('data', (chunk: Buffer) => (this.#stdout += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (this.#stderr += chunk.toString()));
    child.stdin.end();
  }

  /** Resolves when it has said where it listens. */
  async listens(): Promise<void> {
    const ended = this.ended.then(() => {
      throw new Error(`it ended before it listened: ${this.#stderr}`);
    });
    ended.catch(() => undefined); // Later it may.
    while (!announced.test(this.#stdout)) {
      await Promise.race([once(this.#child.stdout, 'data'), ended]);
    }
    const [, directory, host = '', port] = announced.exec(this.#stdout) ?? [];
    if (directory !== this.directory) throw new Error(`it serves ${directory}`);
    this.host = host.replace(/^\[|\]$/g, '');
    this.port = Number(port);
  }

  /** What it has said so far. */
  get stdout(): string {
    return this.#stdout;
  }

  get stderr(): string {
    return this.#stderr;
  }

  /** Asks as a program does, on a connection of its own. */
  ask(method: string, path: string, { headers = {}, body }: Question = {}): Promise<Answer> {
    const { host, port } = this;
    return new Promise((resolve, reject) => {
      const options = { host, port, method, path, headers, agent: false as const };
      const request = httpRequest(options, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          const bytes = Buffer.concat(chunks);
          const { statusCode: status = 0 } = response;
          resolve({ status, headers: response.headers, body: bytes, text: bytes.toString() });
        });
      });
      // It may be refused, and the connection ended, before all of its body has gone.
      request.on('error', (error) =>
        setTimeout(() => {
          reject(error);
        }, 100),
      );
      request.end(body);
    });
  }

  put(key: string, value: string | Buffer): Promise<Answer> {
    return this.ask('PUT', `/api/v1/keys/${encodeURIComponent(key)}`, { body: value });
  }

  get(key: string): Promise<Answer> {
    return this.ask('GET', `/api/v1/keys/${encodeURIComponent(key)}`);
  }

  /** One of the numbers in /metrics. */
  async metric(name: string): Promise<number> {
    const { text } = await this.ask('GET', '/metrics');
    return Number(new RegExp(`^${name} (.+)$`, 'm').exec(text)?.[1]);
  }

  /** Resident memory in MiB: now, and the most that it ever was. */
  memory(): { now: number; peak: number } {
    const status = readFileSync(`/proc/${this.#child.pid}/status`, 'utf8');
    const kibibytes = (name: string) =>
      Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]);
    return { now: kibibytes('VmRSS') / 1024, peak: kibibytes('VmHWM') / 1024 };
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Kills it. */
  async kill(): Promise<void> {
    this.signal('SIGKILL');
    await this.ended;
  }
}

afterAll(async () => {
  await Promise.all(running.splice(0).map((server) => server.kill()));
});
