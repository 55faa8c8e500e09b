/** A server in a process of its own, and what is asked of it. */
import { existsSync, readFileSync } from 'node:fs';
import { type IncomingHttpHeaders, request as httpRequest } from 'node:http';
import { join } from 'node:path';
import { runPath } from '../../cli/support/timekv.js';
import type { Child, Finished } from '../../support/child.js';
import { temporaryDirectory } from '../../support/temporary-directory.js';
import { addressOf, type ServerOptions, spawnServer } from './spawn-server.js';

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

/** Starts a server, which is killed after the test file at the latest. */
export async function serve(options: ServerOptions = {}): Promise<TestServer> {
  if (!existsSync(join(runPath, '../../dist/bundle'))) {
    throw new Error('the server runs from dist: npm run build');
  }
  const { directory = join(temporaryDirectory(), 'store') } = options;
  const child = spawnServer({ ...options, directory });
  const url = await addressOf(child);
  const [, served] = /^serving (.+) at /.exec(child.stdout) ?? [];
  if (served !== directory) throw new Error(`it serves ${served}, not ${directory}`);
  return new TestServer(child, url, directory);
}

export class TestServer {
  /** `http://127.0.0.1:58322`. */
  readonly url: string;
  readonly host: string;
  readonly port: number;
  /** Of the store. */
  readonly directory: string;
  readonly #child: Child;

  constructor(child: Child, url: string, directory: string) {
    const { hostname, port } = new URL(url);
    this.#child = child;
    this.url = url;
    this.host = hostname.replace(/^\[|\]$/g, '');
    this.port = Number(port);
    this.directory = directory;
  }

  /** Resolves when it has ended. */
  get ended(): Promise<Finished> {
    return this.#child.finished;
  }

  /** What it has said so far. */
  get stdout(): string {
    return this.#child.stdout;
  }

  get stderr(): string {
    return this.#child.stderr;
  }

  /** Asks as a program does, on a connection of its own. */
  ask(method: string, path: string, { headers = {}, body }: Question = {}): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const options = { method, headers, agent: false as const };
      const request = httpRequest(`${this.url}${path}`, options, (response) => {
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
    this.#child.process.kill(signal);
  }

  /** Kills it. */
  async kill(): Promise<void> {
    this.signal('SIGKILL');
    await this.ended;
  }
}
