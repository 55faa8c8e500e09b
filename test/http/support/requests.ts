/** HTTP requests whose answers are there when the call returns: what the contract's suites read so. */
import {
  MessageChannel,
  receiveMessageOnPort,
  Worker,
  type MessagePort,
} from 'node:worker_threads';
import { nap } from '../../../src/base/clock.js';

export interface Asked {
  url: string;
  method?: string;
  headers?: Record<string, string>;
  body?: Uint8Array;
}

export interface Answer {
  status: number;
  headers: Record<string, string | undefined>;
  body: Uint8Array;
}

/** What the thread tells of a wait or of a watcher, as it comes. */
export interface Told {
  id: number;
  answer?: Answer;
  error?: string;
  event?: string;
  ended?: true;
}

/** What became of a call. */
interface Turn {
  turn: number;
  answer?: unknown;
  error?: string;
}

/** How long a request may take before the test is sure to have failed. */
const patienceMs = 30_000;

export class Requests {
  readonly #worker: Worker;
  readonly #port: MessagePort;
  readonly #gate = new Int32Array(new SharedArrayBuffer(4));
  readonly #listeners = new Map<number, (told: Told) => void>();
  #count = 0;
  #turns = 0;

  /** @param whensPort where to ask how many wait for a value */
  constructor(whensPort: number) {
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    this.#worker = new Worker(
      new URL('../../support/programs/http-requests.mjs', import.meta.url),
      {
        workerData: { atOnce: port2, gate: this.#gate, whensPort },
        transferList: [port2],
      },
    );
    this.#worker.on('message', (told: Told) => this.#listeners.get(told.id)?.(told));
    this.#worker.unref();
  }

  ask(asked: Asked): Answer {
    return this.#call('ask', asked) as Answer;
  }

  /** Begins to wait for an answer that takes its time; what comes of it is told. */
  wait(asked: Asked, listener: (told: Told) => void): number {
    return this.#begin('beginWait', asked, listener).id;
  }

  /** @returns a refusal's text, if it was refused */
  watch(asked: Asked, listener: (told: Told) => void): { id: number; refusal?: string } {
    return this.#begin('beginWatch', asked, listener);
  }

  stop(id: number): void {
    this.#listeners.delete(id);
    this.#worker.postMessage({ kind: 'stop', id });
  }

  async end(): Promise<void> {
    await this.#worker.terminate();
  }

  #begin(
    kind: string,
    asked: Asked,
    listener: (told: Told) => void,
  ): { id: number; refusal?: string } {
    const id = ++this.#count;
    this.#listeners.set(id, listener);
    return { id, ...(this.#call(kind, { id, ...asked }) as { refusal?: string }) };
  }

  #call(kind: string, asked: object): unknown {
    const turn = ++this.#turns;
    Atomics.store(this.#gate, 0, 0);
    this.#worker.postMessage({ turn, kind, ...asked });
    if (Atomics.wait(this.#gate, 0, 0, patienceMs) === 'timed-out') {
      throw new Error(`no answer within ${patienceMs} ms: ${JSON.stringify(asked)}`);
    }
    const end = performance.now() + patienceMs;
    for (;;) {
      const told = receiveMessageOnPort(this.#port)?.message as Turn | undefined;
      if (told === undefined) {
        // Node 26 was seen to open the gate a little before the message was there.
        if (performance.now() < end) nap(1);
        else throw new Error(`an answer was lost: ${JSON.stringify(asked)}`);
        continue;
      }
      // One that comes after its time was given up already.
      if (told.turn !== turn) continue;
      if (told.error !== undefined) throw new Error(told.error);
      return told.answer;
    }
  }
}
