/** One request and its answer, and what all of them share. */
import type { IncomingHttpHeaders } from 'node:http';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { versionJson } from '../cli/display/shapes.js';
import type { TimeContext } from '../cli/time/time-expression.js';
import type { Version } from '../index.js';
import type { Admission } from './admission.js';
import { bodyLines, type HeaderLines } from './header-lines.js';
import type { RouteMetrics } from './metrics.js';
import type { Outbox } from './outbox.js';
import type { Fields } from './parameters.js';
import { Problem } from './problem.js';
import type { RepeatedHeader } from './repeated-header.js';
import type { ServedStore } from './served-store.js';
import type { SharedTurn } from './shared-turn.js';
import { jsonType } from './values.js';

/** What all requests share. */
export interface Door {
  readonly store: ServedStore;
  readonly isReadOnly: boolean;
  /** How times are read. */
  readonly times: TimeContext;
  readonly admission: Admission;
  readonly header: RepeatedHeader;
  readonly outbox: Outbox;
  /** Until then commits wait for one another. */
  readonly turn: SharedTurn;
  /** Aborted when the server ends: who waits is sent away. */
  readonly ending: AbortSignal;
}

const noBody: Buffer = Buffer.alloc(0);

export class Exchange {
  /** What came with the request, once it was read. */
  body = noBody;
  readonly request: FastifyRequest;
  readonly #reply: FastifyReply;
  readonly #metrics: RouteMetrics;
  readonly #door: Door;

  constructor(request: FastifyRequest, reply: FastifyReply, metrics: RouteMetrics, door: Door) {
    this.request = request;
    this.#reply = reply;
    this.#metrics = metrics;
    this.#door = door;
  }

  get headers(): IncomingHttpHeaders {
    return this.request.raw.headers;
  }

  get query(): Fields {
    return this.request.query as Fields;
  }

  get key(): string {
    return (this.request.params as { key: string }).key;
  }

  get response(): FastifyReply['raw'] {
    return this.#reply.raw;
  }

  /** @param body text only if each of its characters is a byte */
  send(status: number, type: string, body: Buffer | string, headers: HeaderLines = []): void {
    const { header, outbox } = this.#door;
    const lines = [...bodyLines(type, body.length), ...headers];
    this.#begin(status, lines, status === 200 ? header : undefined);
    outbox.send(this.response, body);
  }

  sendJson(value: unknown, headers: HeaderLines = [], status = 200): void {
    const text = JSON.stringify(value);
    const isAscii = Buffer.byteLength(text) === text.length;
    this.send(status, jsonType, isAscii ? text : Buffer.from(text), headers);
  }

  /** There is nothing to send. */
  sendHeader(status: number, headers: HeaderLines): void {
    this.begin(status, headers);
    this.response.end();
  }

  /** Sends a header, behind which whoever calls writes a body. */
  begin(status: number, headers: HeaderLines): void {
    this.#begin(status, headers, undefined);
  }

  #begin(status: number, headers: HeaderLines, repeated: RepeatedHeader | undefined): void {
    void this.#reply.hijack();
    const { response } = this;
    const now = performance.now();
    if (this.#door.ending.aborted) {
      response.writeHead(status, [...headers, 'connection', 'close'] as string[]);
    } else if (repeated === undefined) {
      response.writeHead(status, headers as string[]);
    } else {
      repeated.write(response, headers, now);
    }
    this.#metrics.count(status, now - this.request.startedAt);
  }

  /** Counts as a request that waits, with its body, until it is answered. @throws Problem 503 */
  enter(): void {
    this.#door.admission.enter(this.response, this.body.length);
  }

  /** Aborted when nobody waits for the answer any more, or the server ends. */
  stopSignal(): AbortSignal {
    const gone = new AbortController();
    const abort = (): void => {
      gone.abort(new ClientGone());
    };
    if (this.response.destroyed) abort();
    else this.response.once('close', abort);
    return AbortSignal.any([gone.signal, this.#door.ending]);
  }

  /** It may take as long as it takes, without a byte on the connection. */
  mayTakeLong(): void {
    this.request.raw.socket.setTimeout(0);
  }

  /** @throws Problem 403 where the server only reads */
  requireWritable(): void {
    if (this.#door.isReadOnly) {
      throw new Problem(403, 'ERR_TIMEKV_READ_ONLY', 'this server only reads');
    }
  }

  /** The JSON of a version, as the command line writes it. */
  versionJson(version: Version<Buffer>): Record<string, unknown> {
    const { store } = this.#door;
    return versionJson(version, store.unit, store.now());
  }
}

/** Who asked has gone: nobody is left to be told. */
export class ClientGone extends Error {
  override readonly name = 'ClientGone';
}
