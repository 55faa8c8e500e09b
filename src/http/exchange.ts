/** One request and its answer, and what all of them share. */
import type { IncomingHttpHeaders } from 'node:http';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { jsonValue, versionJson } from '../cli/display/shapes.js';
import type { TimeContext } from '../cli/time/time-expression.js';
import type { Version } from '../index.js';
import type { Admission } from './admission.js';
import type { RouteMetrics } from './metrics.js';
import type { Fields } from './parameters.js';
import { Problem } from './problem.js';
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
  /** Until then commits wait for one another. */
  readonly turn: SharedTurn;
  /** Aborted when the server ends: who waits is sent away. */
  readonly ending: AbortSignal;
}

/** Names and values of header lines, in turns. */
export type HeaderLines = readonly (string | number)[];

/** More than this is not made into text to go out with its header in one piece. */
const onePieceBytes = 8 * 1024;

export class Exchange {
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

  /** The body's bytes; of a request without one, none. */
  get body(): Buffer {
    return (this.request.body as Buffer | undefined) ?? Buffer.alloc(0);
  }

  get key(): string {
    return (this.request.params as { key: string }).key;
  }

  get response(): FastifyReply['raw'] {
    return this.#reply.raw;
  }

  /**
   * Answers. Written past Fastify's own way of sending, which takes a tenth of a small request: a small
   * body goes out in one piece with its header, as the text of a byte a character that Node joins to it.
   */
  send(status: number, type: string, body: Buffer, headers: HeaderLines = []): void {
    const { response } = this;
    this.begin(status, ['content-type', type, 'content-length', body.length, ...headers]);
    if (body.length <= onePieceBytes) response.end(body.toString('latin1'), 'latin1');
    else response.end(body);
    this.#door.admission.holdUnsent(response);
  }

  sendJson(value: unknown, headers: HeaderLines = [], status = 200): void {
    this.send(status, jsonType, Buffer.from(JSON.stringify(value)), headers);
  }

  /** There is nothing to send. */
  sendHeader(status: number, headers: HeaderLines): void {
    this.begin(status, headers);
    this.response.end();
  }

  /** Sends a header, behind which whoever calls writes a body. */
  begin(status: number, headers: HeaderLines): void {
    void this.#reply.hijack();
    const lines = this.#door.ending.aborted ? [...headers, 'connection', 'close'] : headers;
    this.response.writeHead(status, lines as string[]);
    this.#metrics.count(status, performance.now() - this.request.startedAt);
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

export { jsonValue };
