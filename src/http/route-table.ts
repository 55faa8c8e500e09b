/** The paths of the API: each is declared once, with what is counted of it. */
import type { FastifyInstance, FastifyReply, FastifyRequest, HTTPMethods } from 'fastify';
import { type BodyKind, readBody } from './bodies.js';
import { type Door, Exchange } from './exchange.js';
import type { Metrics } from './metrics.js';

export type Handler = (exchange: Exchange) => void | Promise<void>;

interface RouteOptions {
  /** What its body is; of one that asks for none, none is read. */
  body?: BodyKind;
  /** Many rows, or a watcher: HEAD would make them to throw them away. */
  isStream?: boolean;
  /** Anybody may ask for it, also where a token is asked for: it tells nothing of the store. */
  isOpen?: boolean;
}

declare module 'fastify' {
  interface FastifyContextConfig extends RouteOptions {}
  interface FastifyRequest {
    /** When its header had come, in milliseconds of the process. */
    startedAt: number;
  }
}

export class Routes {
  readonly #app: FastifyInstance;
  readonly #door: Door;
  readonly #metrics: Metrics;
  readonly #openPaths = new Set<string>();

  constructor(app: FastifyInstance, door: Door, metrics: Metrics) {
    this.#app = app;
    this.#door = door;
    this.#metrics = metrics;
  }

  get(path: string, handler: Handler, options: RouteOptions = {}): void {
    if (options.isOpen === true) this.#openPaths.add(path);
    this.#add('GET', path, handler, options);
  }

  put(path: string, handler: Handler, options: RouteOptions): void {
    this.#add('PUT', path, handler, options);
  }

  delete(path: string, handler: Handler): void {
    this.#add('DELETE', path, handler, {});
  }

  post(path: string, handler: Handler, options: RouteOptions): void {
    this.#add('POST', path, handler, options);
  }

  stream(path: string, handler: Handler): void {
    this.#add('GET', path, handler, { isStream: true });
  }

  /** Whether a request for this URL needs no token. */
  isOpen(url: string): boolean {
    return this.#openPaths.has(url.replace(/\?.*/s, ''));
  }

  #add(method: HTTPMethods, url: string, handler: Handler, config: RouteOptions): void {
    const metrics = this.#metrics.route(method, url);
    const door = this.#door;
    this.#app.route({
      method,
      url,
      config,
      exposeHeadRoute: config.isStream !== true,
      handler: (request: FastifyRequest, reply: FastifyReply) => {
        const exchange = new Exchange(request, reply, metrics, door);
        return config.body === undefined
          ? handler(exchange)
          : this.#handleWithBody(config.body, exchange, handler, reply);
      },
    });
  }

  /** Reads the body first. */
  #handleWithBody(kind: BodyKind, exchange: Exchange, handler: Handler, reply: FastifyReply): void {
    readBody(exchange.request.raw, kind, this.#door.admission, (error, body) => {
      if (error !== null) {
        void reply.send(error);
        return;
      }
      exchange.body = body;
      handle(exchange, handler, reply);
    });
  }
}

/** What goes wrong is handed to Fastify, as it would do itself with a promise. */
function handle(exchange: Exchange, handler: Handler, reply: FastifyReply): void {
  const refuse = (error: unknown): void => {
    void reply.send(error);
  };
  try {
    void handler(exchange)?.catch(refuse);
  } catch (error) {
    refuse(error);
  }
}
