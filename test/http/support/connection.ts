/** Connections on which anything can be sent, and what came is kept. */
import { connect, type Socket } from 'node:net';
import { sleep } from '../../../src/base/clock.js';
import type { TestServer } from './server.js';

const patienceMs = 10_000;

export class Connection {
  readonly #socket: Socket;
  #chunks: Buffer[] = [];
  #isOpen = false;
  #isClosed = false;
  #changed: () => void = () => undefined;

  constructor({ host, port }: Pick<TestServer, 'host' | 'port'>) {
    const socket = connect({ host, port, allowHalfOpen: true });
    this.#socket = socket;
    socket.on('connect', () => (this.#isOpen = true));
    socket.on('error', () => undefined); // It is closed then, too.
    socket.on('end', () => socket.end());
    socket.on('data', (chunk) => {
      this.#chunks.push(chunk);
      this.#changed();
    });
    socket.on('drain', () => {
      this.#changed();
    });
    socket.on('close', () => {
      this.#isClosed = true;
      this.#changed();
    });
  }

  /** All that came. */
  get received(): Buffer {
    if (this.#chunks.length > 1) this.#chunks = [Buffer.concat(this.#chunks)];
    return this.#chunks[0] ?? Buffer.alloc(0);
  }

  get text(): string {
    return this.received.toString('latin1');
  }

  /** Whether there ever was a connection. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Hands bytes to the system; resolves when it has taken them, or the connection is over. */
  async send(bytes: string | Buffer): Promise<void> {
    if (this.#isClosed || this.#socket.write(bytes)) return;
    while (this.#socket.writableNeedDrain) await this.#change();
  }

  /** Resolves when what came is as wanted. @throws where it does not come */
  async until(isWanted: (received: Buffer) => boolean, what: string): Promise<Buffer> {
    await this.#within(patienceMs, what, () => isWanted(this.received));
    return this.received;
  }

  /** Resolves when this text came. */
  async came(text: string): Promise<void> {
    await this.until((received) => received.includes(text), text);
  }

  /** Resolves when the connection is over. @throws where that takes too long */
  async closed(withinMs = patienceMs): Promise<void> {
    await this.#within(withinMs, 'end of the connection', () => this.#isClosed);
  }

  async #within(ms: number, what: string, isSo: () => boolean): Promise<void> {
    const end = performance.now() + ms;
    while (!isSo()) {
      const left = end - performance.now();
      if (left <= 0 || this.#isClosed) throw new Error(`no ${what}, but ${this.#shown()}`);
      await Promise.race([this.#change(), sleep(Math.min(left, 100))]);
    }
  }

  /** Resolves when something happens. */
  #change(): Promise<void> {
    return new Promise((resolve) => (this.#changed = resolve));
  }

  #shown(): string {
    const end = this.#isClosed ? 'the end' : 'nothing more';
    return `${JSON.stringify(this.text.slice(0, 300))} and ${end}`;
  }

  /** Reads nothing more, so that what is sent to us stays with the system, and then with the server. */
  stopReading(): void {
    this.#socket.pause();
  }

  goOnReading(): void {
    this.#socket.resume();
  }

  /** Sends nothing more. */
  finish(): void {
    this.#socket.end();
  }

  /** Breaks it off. */
  reset(): void {
    if (!this.#isClosed) this.#socket.resetAndDestroy();
  }
}
