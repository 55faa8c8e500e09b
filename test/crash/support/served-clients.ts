/**
 * Clients of a server that is killed again and again: each has a connection of its own, writes one
 * version after another, and tries again what was lost with the connection, until it is answered.
 */
import { once } from 'node:events';
import { Agent, request, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from '../../support/random.js';
import { countIn, type ServedLedger } from './served-ledger.js';

/** A server is there again much sooner, also on a machine with much else to do. */
const patienceMs = 30_000;
const pauseMs = 40;
/** Keys that several clients write. */
const sharedKeys = ['shared/a', 'shared/b'];
/** One value in so many is large, so that what was written goes into segments while servers die. */
const largeEvery = 10;
const largeBytes = 128 * 1024;
const smallBytes = 400;

export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  body: string;
}

/** What a client may meet when the server dies; anything else is a fault. */
const lostCodes = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE']);

export function isLost(error: unknown): boolean {
  return error instanceof Error && 'code' in error && lostCodes.has(String(error.code));
}

/** One connection, which is made anew when it is lost. */
export class Connection {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });
  readonly #url: string;

  constructor(url: string) {
    this.#url = url;
  }

  async ask(
    method: string,
    path: string,
    headers: Record<string, string> = {},
    body = '',
  ): Promise<Answer> {
    const signal = AbortSignal.timeout(patienceMs);
    const asked = request(this.#url + path, { method, headers, agent: this.#agent, signal });
    asked.on('error', () => {}); // Told below; behind the header, by the body's stream.
    asked.end(body);
    const [response] = (await once(asked, 'response')) as [IncomingMessage];
    const { statusCode: status = 0, headers: lines } = response;
    return { status, headers: lines, body: await text(response) };
  }

  close(): void {
    this.#agent.destroy();
  }
}

/** What all clients of a store have in common. */
export interface Work {
  ledger: ServedLedger;
  /** Aborted when each client may end, once what it is at is acknowledged, and one write more. */
  enough: AbortSignal;
  /** Aborted where no server is started any more. */
  over: AbortSignal;
  counts: { 'connections lost or refused': number; 'conditions that did not hold': number };
}

interface Attempt {
  value: string;
  sentAfter: number;
}

const nothingThere: Record<string, string> = { 'if-none-match': '*' };

export class Client {
  /** Writes that are on their way. */
  inFlight = 0;
  readonly #name: string;
  readonly #connection: Connection;
  readonly #random: Random;
  readonly #work: Work;
  #sent = 0;

  constructor(name: string, connection: Connection, random: Random, work: Work) {
    this.#name = name;
    this.#connection = connection;
    this.#random = random;
    this.#work = work;
  }

  /** Writes until there is enough. @throws if the server answers what it must not, or not at all */
  async run(): Promise<void> {
    try {
      let isLast = false;
      for (let number = 0; !isLast; number++) {
        isLast = this.#work.enough.aborted;
        const kind = this.#random.next();
        if (kind < 0.6) await this.#putPlainly(`${this.#name}/${number}`);
        else if (kind < 0.8) await this.#create(`${this.#name}/${number}`);
        else await this.#countOn(this.#random.pick(sharedKeys));
      }
    } finally {
      this.#connection.close();
    }
  }

  /** Tries again until it is acknowledged: each attempt may have become a version. */
  #putPlainly(key: string): Promise<void> {
    return this.#untilDone(key, async () => {
      const attempt = this.#attempt('');
      const { status } = await this.#put(key, attempt);
      return status === 200;
    });
  }

  /** The same under the condition that there is nothing: one attempt alone may become a version. */
  async #create(key: string): Promise<void> {
    const lost: Attempt[] = [];
    await this.#untilDone(key, async () => {
      const attempt = this.#attempt('');
      lost.push(attempt);
      const { status } = await this.#put(key, attempt, nothingThere);
      if (status === 200) return true;
      lost.pop();
      const { isOwn } = await this.#settle(key, lost);
      if (!isOwn) throw new Error(`${key}: a condition did not hold that must`);
      return true;
    });
  }

  /** Compares and sets: its number is one more than the one that it has read. */
  async #countOn(key: string): Promise<void> {
    const lost: Attempt[] = [];
    await this.#untilDone(key, async () => {
      const { value, etag, isOwn } = await this.#settle(key, lost);
      if (isOwn) return true;
      const condition = etag === undefined ? nothingThere : { 'if-match': etag };
      const attempt = this.#attempt(`${value === undefined ? 1 : countIn(value) + 1} `);
      lost.push(attempt);
      const { status } = await this.#put(key, attempt, condition);
      if (status === 200) return true;
      lost.pop();
      this.#work.counts['conditions that did not hold'] += 1;
      return false;
    });
  }

  /** Reads the key. An earlier attempt of ours that is there was written, though nobody told us. */
  async #settle(
    key: string,
    lost: readonly Attempt[],
  ): Promise<{ value?: string; etag?: string; isOwn: boolean }> {
    const { status, headers, body } = await this.#connection.ask('GET', pathOf(key));
    if (status === 404) return { isOwn: false };
    if (status !== 200) throw new Error(`GET ${key}: ${status} ${body}`);
    const { etag = '', 'timekv-timestamp': timestamp } = headers;
    const own = lost.find(({ value }) => value === body);
    if (own !== undefined) {
      const told = { timestamp: Number(timestamp), seq: Number(etag.slice(1, -1)) };
      this.#work.ledger.see(own.value, told, own.sentAfter);
    }
    return { value: body, etag, isOwn: own !== undefined };
  }

  #attempt(head: string): Attempt {
    const large = this.#random.integer(0, largeEvery) === 0;
    const length = this.#random.integer(0, large ? largeBytes : smallBytes);
    this.#sent += 1;
    return {
      value: `${this.#name}#${this.#sent} ${head}${'.'.repeat(length)}`,
      sentAfter: this.#work.ledger.highest,
    };
  }

  async #put(
    key: string,
    { value, sentAfter }: Attempt,
    condition: Record<string, string> = {},
  ): Promise<Answer> {
    const { ledger } = this.#work;
    ledger.send(key, value);
    this.inFlight += 1;
    try {
      const answer = await this.#connection.ask('PUT', pathOf(key), condition, value);
      const { status, headers, body } = answer;
      if (status === 200) {
        const told = JSON.parse(body) as { timestamp: number; seq: number };
        if (headers.etag !== `"${told.seq}"`) throw new Error(`${key}: ${headers.etag}, ${body}`);
        ledger.acknowledge(value, told, sentAfter);
      } else if (status === 409 && Object.keys(condition).length > 0) {
        ledger.refuse(value);
      } else {
        throw new Error(`PUT ${key}: ${status} ${body}`);
      }
      return answer;
    } finally {
      this.inFlight -= 1;
    }
  }

  /** Whatever is lost with the connection is tried again. */
  async #untilDone(key: string, attempt: () => Promise<boolean>): Promise<void> {
    const startedAt = performance.now();
    for (;;) {
      try {
        if (await attempt()) return;
      } catch (error) {
        if (!isLost(error)) throw error;
        this.#work.counts['connections lost or refused'] += 1;
        if (performance.now() - startedAt > patienceMs) {
          throw new Error(`${this.#name} gives up ${key}`, { cause: error });
        }
        await sleep(pauseMs, undefined, { signal: this.#work.over });
      }
    }
  }
}

function pathOf(key: string): string {
  return `/api/v1/keys/${encodeURIComponent(key)}`;
}
