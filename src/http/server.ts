/**
 * The HTTP server: one open store for programs in any language. Fastify finds the route of a request and
 * sees to what goes wrong; what is asked of the store stands in `routes/`.
 */
import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { codeOf } from '../cli/base/cli-error.js';
import type { TimeContext } from '../cli/time/time-expression.js';
import { Admission } from './admission.js';
import { readBody } from './bodies.js';
import { type Door, Exchange } from './exchange.js';
import { Guard } from './guard.js';
import * as limits from './limits.js';
import { Metrics } from './metrics.js';
import { readQuery } from './parameters.js';
import { nothingThere, Problem, refusalOf } from './problem.js';
import { Routes } from './route-table.js';
import { aboutRoutes } from './routes/about.js';
import { batchRoutes } from './routes/batch.js';
import { keyRoutes } from './routes/key.js';
import { rowRoutes } from './routes/rows.js';
import { simpleRoutes } from './routes/simple.js';
import { watchRoutes } from './routes/watch.js';
import type { ServedStore } from './served-store.js';
import { jsonType } from './values.js';

export interface ServeOptions {
  /** A name or an address to listen on. */
  host: string;
  /** 0: any that is free. */
  port: number;
  /** None: everybody who reaches the server may ask. */
  tokens: readonly string[];
  isReadOnly: boolean;
  /** How times are read. */
  times: TimeContext;
  /** Version of the package, for `/openapi.json`. */
  version: string;
  /** Told of what is not the fault of a client, in a line or with a stack. */
  report: (message: string) => void;
  /** Told of each request in a line, if anybody wants that. */
  log?: ((line: string) => void) | undefined;
}

export interface Serving {
  /** `http://127.0.0.1:58322`. */
  readonly address: string;
  /** Accepts nothing more, answers what was accepted, and sends away who waits. */
  close(): Promise<void>;
}

/** How often the server looks, when it ends, whose connection has become idle. */
const idleLookMs = 20;

/** Errors after which nothing can be written until the store is opened again. */
const lastingFaults = ['ERR_TIMEKV_OUTCOME_UNKNOWN', 'ERR_TIMEKV_POISONED'];

/**
 * Serves a store until it is told to close; the store is closed by whoever opened it.
 * @throws what the system says where it cannot listen there
 */
export async function serve(store: ServedStore, options: ServeOptions): Promise<Serving> {
  const ending = new AbortController();
  const admission = new Admission();
  const metrics = new Metrics();
  const { isReadOnly, times } = options;
  const door: Door = { store, isReadOnly, times, admission, ending: ending.signal };
  const app = newApp();
  const routes = new Routes(app, door, metrics);
  const faults = new Faults(options.report);
  const other = metrics.route('other', 'other');

  app.decorateRequest('startedAt', 0);
  const guard = new Guard(options.host, options.tokens);
  app.addHook('onRequest', (request, _reply, done) => {
    request.startedAt = performance.now();
    const { headers, url = '' } = request.raw;
    guard.check(headers, routes.isOpen(url));
    done();
  });
  if (options.log !== undefined) logRequests(app, options.log);
  app.addContentTypeParser('*', (request: FastifyRequest, payload: IncomingMessage) =>
    readBody(request, payload, admission),
  );
  const refuse = (error: unknown, request: FastifyRequest, reply: FastifyReply): void => {
    faults.note(error, request);
    sendRefusal(new Exchange(request, reply, other, door), error);
  };
  app.setErrorHandler(refuse);
  app.setNotFoundHandler((request, reply) => {
    refuse(noSuchPath(request), request, reply);
  });

  aboutRoutes(routes, door, {
    metrics,
    server: app.server,
    fault: () => faults.lasting,
    version: options.version,
  });
  for (const add of [keyRoutes, simpleRoutes, rowRoutes, batchRoutes, watchRoutes]) {
    add(routes, door);
  }
  app.server.maxConnections = connectionsMax();
  await app.listen({ host: options.host, port: options.port });
  return {
    address: addressOf(app.server.address() as AddressInfo),
    close: () => close(app, ending),
  };
}

function newApp(): FastifyInstance {
  const app = fastify({
    logger: false,
    routerOptions: { maxParamLength: limits.pathPartMax, querystringParser: readQuery },
    requestTimeout: limits.requestMs,
    keepAliveTimeout: limits.keepAliveMs,
    connectionTimeout: limits.stalledMs,
    // No route has a schema, and what goes by them takes as long to load as all the rest.
    schemaController: {
      compilersFactory: { buildValidator: noSchemas, buildSerializer: noSchemas },
    },
    forceCloseConnections: 'idle',
    return503OnClosing: false,
    clientErrorHandler: refuseConnection,
    frameworkErrors: refuseUrl,
    http: { maxHeaderSize: limits.headerBytesMax, headersTimeout: limits.headersMs },
  });
  // Who sends the simple form may send its JSON with a GET.
  app.addHttpMethod('GET', { hasBody: true, overrideExisting: true });
  app.removeAllContentTypeParsers();
  return app;
}

function noSchemas(): never {
  throw new Error('no route has a schema');
}

/** A path that cannot be read has no route, and comes past all that is done for those. */
function refuseUrl(error: Error, _request: unknown, reply: { raw: ServerResponse }): void {
  const { status, error: body } = refusalOf(error);
  reply.raw.writeHead(status, { 'content-type': jsonType });
  reply.raw.end(JSON.stringify({ error: body }));
}

/** Fewer than would fit where the process may not open as many files. */
function connectionsMax(): number {
  return Math.min(limits.connectionsMax, Math.max(16, filesMax() - limits.filesLeft));
}

/** How many files this process may have open; Node has raised it as far as it may. */
function filesMax(): number {
  try {
    const line = /^Max open files +(\d+)/m.exec(readFileSync('/proc/self/limits', 'latin1'));
    return Number(line?.[1] ?? Infinity);
  } catch {
    return Infinity; // No Linux.
  }
}

function addressOf({ address, family, port }: AddressInfo): string {
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
}

function noSuchPath({ method, url }: FastifyRequest): Problem {
  return nothingThere(`there is no ${method} ${url.replace(/\?.*/s, '')}; what there is: /docs`);
}

/** Tells of what is not a client's fault, and keeps in mind what lasts. */
class Faults {
  readonly #report: (message: string) => void;
  lasting: string | undefined;

  constructor(report: (message: string) => void) {
    this.#report = report;
  }

  note(error: unknown, { method, url }: FastifyRequest): void {
    const { status, error: told } = refusalOf(error);
    if (lastingFaults.includes(told.code)) this.lasting = told.message;
    if (status !== 500) return;
    const code = codeOf(error);
    const isOurs = code === 'ERR_TIMEKV_UNEXPECTED' && error instanceof Error;
    const text = isOurs ? error.stack : error instanceof Error ? error.message : String(error);
    this.#report(`${method} ${url}: ${text}`);
  }
}

function sendRefusal(exchange: Exchange, error: unknown): void {
  const { response } = exchange;
  // What is half sent cannot be taken back.
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const { status, error: body } = refusalOf(error);
  const lines: string[] = [];
  if (status === 503) lines.push('retry-after', '1');
  if (status === 401) lines.push('www-authenticate', 'Bearer');
  exchange.sendJson({ error: body }, lines, status);
}

function logRequests(app: FastifyInstance, log: (line: string) => void): void {
  app.addHook('onRequest', (request, { raw: response }, done) => {
    const { method, url } = request;
    response.once('close', () => {
      const status = response.headersSent ? response.statusCode : 'left';
      const ms = (performance.now() - request.startedAt).toFixed(1);
      log(`${new Date().toISOString()} ${method} ${url} ${status} ${ms} ms`);
    });
    done();
  });
}

/** What is no request is answered as far as anybody can tell. */
function refuseConnection(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const [status, message] = connectionFaults[error.code ?? ''] ?? [
    '400 Bad Request',
    'what was sent is no HTTP request',
  ];
  const body = JSON.stringify({ error: { code: 'ERR_TIMEKV_INVALID_ARGUMENT', message } });
  const lines = [
    `HTTP/1.1 ${status}`,
    'content-type: application/json; charset=utf-8',
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
  ];
  socket.end(`${lines.join('\r\n')}\r\n\r\n${body}`);
}

const connectionFaults: Record<string, [status: string, message: string]> = {
  ERR_HTTP_REQUEST_TIMEOUT: ['408 Request Timeout', 'the request took too long to come'],
  HPE_HEADER_OVERFLOW: [
    '431 Request Header Fields Too Large',
    `the header is larger than ${limits.headerBytesMax} bytes, which is the most here`,
  ],
};

async function close(app: FastifyInstance, ending: AbortController): Promise<void> {
  ending.abort(new Problem(503, 'ERR_TIMEKV_CLOSED', 'the server is ending; try again'));
  const late = setTimeout(() => {
    app.server.closeAllConnections();
  }, limits.endingMs);
  // Node closes those that are idle at first; others become so.
  const idle = setInterval(() => {
    app.server.closeIdleConnections();
  }, idleLookMs);
  try {
    await app.close();
  } finally {
    clearTimeout(late);
    clearInterval(idle);
  }
}
