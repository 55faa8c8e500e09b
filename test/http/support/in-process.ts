/** A server within the test's own process, over real connections, before an empty store in memory. */
import { afterEach, beforeEach } from 'vitest';
import { serve, type Serving } from '../../../src/http/server.js';
import { open, type Store } from '../../../src/index.js';

export interface Said {
  status: number;
  text: string;
  headers: Record<string, string>;
}

export const octets = { 'content-type': 'application/octet-stream' };
export const json = { 'content-type': 'application/json' };

export class Served {
  store!: Store<Buffer>;
  serving!: Serving;
  /** What it said that was no client's fault: the test fails if that is anything. */
  #reported: string[] = [];

  async begin(): Promise<void> {
    const store = await open(':memory:', { codec: 'bytes' });
    this.#reported = [];
    this.store = store;
    this.serving = await serve(store, {
      host: '127.0.0.1',
      port: 0,
      tokens: [],
      isReadOnly: false,
      times: { unit: 'us', now: () => store.now(), zone: 'Europe/Berlin' },
      version: '1.2.3',
      report: (message) => this.#reported.push(message),
    });
  }

  async end(): Promise<void> {
    await this.serving.close();
    await this.store.close();
    if (this.#reported.length > 0) throw new Error(this.#reported.join('\n'));
  }

  async ask(path: string, init: RequestInit = {}): Promise<Said> {
    const response = await fetch(`${this.serving.address}${path}`, init);
    const headers = Object.fromEntries(response.headers);
    return { status: response.status, text: await response.text(), headers };
  }

  put(
    path: string,
    body: string | Uint8Array<ArrayBuffer>,
    headers: Record<string, string> = {},
  ): Promise<Said> {
    return this.ask(path, { method: 'PUT', body, headers });
  }
}

/** One for each test of the file. */
export function servedEach(): Served {
  const served = new Served();
  beforeEach(() => served.begin());
  afterEach(() => served.end());
  return served;
}

export const keyed = (key: string): string => `/api/v1/keys/${encodeURIComponent(key)}`;

export const messageIn = ({ text }: Said): string =>
  (JSON.parse(text) as { error: { message: string } }).error.message;
