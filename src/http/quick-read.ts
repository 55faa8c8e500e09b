/**
 * The everyday read: the value of a key as of now, asked for with nothing out of the ordinary. It goes
 * past Fastify's routing and what is made of a request there, which takes a fifth of it. Whatever else is
 * asked, and whatever is not simply answered, goes the ordinary way, which says why.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Version } from '../index.js';
import type { Door } from './exchange.js';
import type { Guard } from './guard.js';
import { bodyLines, versionLines } from './header-lines.js';
import type { RouteMetrics } from './metrics.js';
import { acceptsBytes, bytesType } from './values.js';

/** Keys that stand in a path as they are. */
const plainPath = /^\/api\/v1\/keys\/([\w.~!$&'()*+,=:@-]+)$/;

export class QuickRead {
  readonly #door: Door;
  readonly #guard: Guard;
  readonly #metrics: RouteMetrics;

  constructor(door: Door, guard: Guard, metrics: RouteMetrics) {
    this.#door = door;
    this.#guard = guard;
    this.#metrics = metrics;
  }

  /** @returns false if it has to go the ordinary way: then nothing was done */
  answers(request: IncomingMessage, response: ServerResponse): boolean {
    const startedAt = performance.now();
    const key = this.#keyOf(request, response);
    return key !== undefined && this.#answersValue(key, response, startedAt);
  }

  #keyOf(request: IncomingMessage, response: ServerResponse): string | undefined {
    if (request.method !== 'GET' || response.socket === null) return undefined;
    const key = plainPath.exec(request.url ?? '')?.[1];
    if (key === undefined || this.#door.ending.aborted) return undefined;
    return isPlain(request) && this.#isWelcome(request) ? key : undefined;
  }

  #isWelcome(request: IncomingMessage): boolean {
    try {
      this.#guard.check(request, false);
      return true;
    } catch {
      return false;
    }
  }

  #read(key: string): Version<Buffer> | undefined {
    try {
      return this.#door.store.version(key);
    } catch {
      return undefined; // It will fail again, where that is answered.
    }
  }

  #answersValue(key: string, response: ServerResponse, startedAt: number): boolean {
    const { admission, header, outbox } = this.#door;
    const version = this.#read(key);
    if (version?.value === undefined) return false;
    const { value } = version;
    if (!admission.hasRoom(value.length)) return false;
    const lines = [...bodyLines(bytesType, value.length), ...versionLines(version)];
    header.write(response, lines, startedAt);
    this.#metrics.count(200, performance.now() - startedAt);
    outbox.sendLater(response, value);
    return true;
  }
}

/** Without a body, a condition, or a wish for another type. */
function isPlain({ headers, httpVersion }: IncomingMessage): boolean {
  return (
    httpVersion === '1.1' &&
    headers['content-length'] === undefined &&
    headers['transfer-encoding'] === undefined &&
    headers['if-none-match'] === undefined &&
    acceptsBytes(headers.accept)
  );
}
