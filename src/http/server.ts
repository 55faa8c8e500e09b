/**
 * The HTTP server: one open store for programs in any language. Fastify finds the route of a request and
 * sees to what goes wrong; what is asked of the store stands in `routes/`.
 */
import { lookup } from 'node:dns/promises';
import { readFileSync } from 'node:fs';
import {
  createServer,
  type IncomingMessage,
  METHODS,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { codeOf } from '../cli/base/cli-error.js';
import type { TimeContext } from '../cli/time/time-expression.js';
import { Admission } from './admission.js';
import { Connections } from './connections.js';
import { ClientGone, type Door, Exchange } from './exchange.js';
import { Guard } from './guard.js';
import * as limits from './limits.js';
import { Metrics } from './metrics.js';
import { Outbox } from './outbox.js';
import { readQuery } from './parameters.js';
import { nothingThere, Problem, refusalOf } from './problem.js';
import { QuickRead } from './quick-read.js';
import { RepeatedHeader } from './repeated-header.js';
import { Routes } from './route-table.js';
import { aboutRoutes } from './routes/about.js';
import { batchRoutes } from './routes/batch.js';
import { keyRoutes, valuePath } from './routes/key.js';
import { rowRoutes } from './routes/rows.js';
import { simpleRoutes } from './routes/simple.js';
import { watchRoutes } from './routes/watch.js';
import type { ServedStore } from './served-store.js';
import { SharedTurn } from './shared-turn.js';
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

/** Methods of which Fastify would read the bodies, as far as Node knows them. */
const withBodies = ['DELETE', 'OPTIONS', 'PATCH', 'POST', 'PUT', 'QUERY'].filter((method) =>
  METHODS.includes(method),
);

type Answers = (request: IncomingMessage, response: ServerResponse) => boolean;

/** Errors after which nothing can be written until the store is opened again. */
const lastingFaults = ['ERR_TIMEKV_OUTCOME_UNKNOWN', 'ERR_TIMEKV_POISONED'];

/**
 * Serves a store until it is told to close; the store is closed by whoever opened it.
 * @throws what the system says where it cannot listen there
 */
export async function serve(store: ServedStore, options: ServeOptions): Promise<Serving> {
  const ending = new AbortController();
  const door = newDoor(store, options, ending.signal);
  const metrics = new Metrics();
  const connections = new Connections();
  const guard = new Guard(options.host, options.tokens);
  const quick = new QuickRead(door, guard, metrics.route('GET', valuePath));
  // The ordinary way alone writes lines.
  const isQuick = options.log === undefined;
  const app = newApp(
    connections,
    (request, response) => isQuick && quick.answers(request, response),
  );
  const routes = new Routes(app, door, metrics);
  const faults = new Faults(options.report);
  const other = metrics.route('other', 'other');

  checkEach(app, connections, (request) => {
    const { url = '' } = request;
    guard.check(request, options.tokens.length === 0 || routes.isOpen(url));
  });
  if (options.log !== undefined) logRequests(app, options.log);
  const refuse = (error: unknown, request: FastifyRequest, reply: FastifyReply): void => {
    if (error instanceof ClientGone) {
      void reply.hijack();
      return;
    }
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
  await app.listen({ host: await listenHost(options.host), port: options.port });
  return {
    address: addressOf(app.server.address() as AddressInfo),
    close: () => close(app, connections, ending),
  };
}

function newDoor(store: ServedStore, options: ServeOptions, ending: AbortSignal): Door {
  const { isReadOnly, times } = options;
  const admission = new Admission();
  const header = new RepeatedHeader();
  const outbox = new Outbox(admission);
  return { store, isReadOnly, times, admission, header, outbox, turn: new SharedTurn(), ending };
}

/** Begins with each request in its turn. One hook for all of it: each takes its time of every request. */
function checkEach(
  app: FastifyInstance,
  connections: Connections,
  check: (request: IncomingMessage) => void,
): void {
  app.decorateRequest('startedAt', 0);
  app.addHook('onRequest', (request, { raw: response }, done) => {
    connections.inTurn(request.raw, response, () => {
      request.startedAt = performance.now();
      try {
        check(request.raw);
      } catch (error) {
        done(error as Error);
        return;
      }
      done();
    });
  });
}

/** For localhost Fastify would make a second server, for its other address, on which little of this is set. */
async function listenHost(host: string): Promise<string> {
  return host === 'localhost' ? (await lookup(host)).address : host;
}

/** @param answers answers what is quickly answered; false: it did not, and nothing was done */
function newApp(connections: Connections, answers: Answers): FastifyInstance {
  const app = fastify({
    logger: false,
    routerOptions: { maxParamLength: limits.pathPartMax, querystringParser: readQuery },
    // No route has a schema, and what goes by them takes as long to load as all the rest.
    schemaController: {
      compilersFactory: { buildValidator: noSchemas, buildSerializer: noSchemas },
    },
    forceCloseConnections: 'idle',
    return503OnClosing: false,
    clientErrorHandler: connections.refuse,
    // A path that cannot be read has no route, and comes past all that is done for those.
    frameworkErrors: (error: Error, { raw: request }, { raw: response }) => {
      connections.inTurn(request, response, () => {
        refuseUrl(error, response);
      });
    },
    serverFactory: (handler) =>
      newServer((request, response) => {
        if (!answers(request, response)) handler(request, response);
      }),
  });
  // Routes read their bodies themselves: what Fastify does around that takes a twentieth of a small write.
  for (const method of withBodies) app.addHttpMethod(method, { overrideExisting: true });
  connections.watch(app.server);
  return app;
}

function newServer(handler: RequestListener): Server {
  const settings = {
    requestTimeout: limits.requestMs,
    keepAliveTimeout: limits.keepAliveMs,
    maxHeaderSize: limits.headerBytesMax,
    headersTimeout: limits.headersMs,
    // Node would refuse without a word; we do it with one.
    requireHostHeader: false,
    // Else of two Hosts, or two Authorizations, the first one would count.
    joinDuplicateHeaders: true,
  };
  return createServer(settings, handler).setTimeout(limits.stalledMs);
}

function noSchemas(): never {
  throw new Error('no route has a schema');
}

function refuseUrl(error: Error, response: ServerResponse): void {
  const { status, error: body } = refusalOf(error);
  const text = JSON.stringify({ error: body });
  response.writeHead(status, {
    'content-type': jsonType,
    'content-length': Buffer.byteLength(text),
  });
  response.end(text);
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

async function close(
  app: FastifyInstance,
  connections: Connections,
  ending: AbortController,
): Promise<void> {
  ending.abort(new Problem(503, 'ERR_TIMEKV_CLOSED', 'the server is ending; try again'));
  const stop = connections.letGo(app.server);
  const late = setTimeout(() => {
    app.server.closeAllConnections();
  }, limits.endingMs);
  try {
    await app.close();
  } finally {
    clearTimeout(late);
    stop();
  }
}
