/**
 * Who may ask. A page in a browser can reach a server on its reader's own machine, also under a name of
 * its own that it has made to mean 127.0.0.1: so a foreign Host, or another Origin, is refused.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import { hostname } from 'node:os';
import { badRequest, Problem } from './problem.js';

type Asked = Pick<IncomingMessage, 'headers' | 'httpVersion'>;

export class Guard {
  readonly #host: string;
  readonly #isLoopback: boolean;
  readonly #digests: readonly Buffer[];
  /** The last Host that was let in: nearly all requests have the same. */
  #known: string | undefined;

  /**
   * @param host what the server listens on: a name or an address
   * @param tokens those that let in; none: everybody is
   */
  constructor(host: string, tokens: readonly string[]) {
    this.#host = host.toLowerCase();
    this.#isLoopback = isLoopback(this.#host);
    this.#digests = tokens.map(digestOf);
  }

  /**
   * @param isOpen it tells nothing of the store, and needs no token
   * @throws Problem with status 400, 401 or 403
   */
  check({ headers, httpVersion }: Asked, isOpen: boolean): void {
    const { host, origin, authorization } = headers;
    if (host === undefined && httpVersion === '1.1') {
      throw badRequest('the request has no Host, which HTTP/1.1 asks for');
    }
    if (this.#digests.length > 0 && !isOpen && !this.#isAuthorized(authorization)) {
      throw new Problem(
        401,
        'ERR_TIMEKV_UNAUTHORIZED',
        'this server asks for a token: send it as Authorization: Bearer TOKEN',
      );
    }
    if (host !== undefined && host !== this.#known) this.#checkHost(host, authorization);
    if (origin !== undefined) checkOrigin(origin, host);
    if (headers['sec-fetch-site'] === 'cross-site') throw foreign('a page of another site');
  }

  #checkHost(host: string, authorization: string | undefined): void {
    const name = nameOf(host);
    if (name === this.#host || isLoopback(name)) {
      this.#known = host;
      return;
    }
    const isOurs =
      !this.#isLoopback &&
      (isIP(name.replace(/^\[|\]$/g, '')) !== 0 || name === hostname().toLowerCase());
    // Whoever knows a token is no page that was lured here: a proxy passes on what it was called.
    if (!isOurs && !this.#isAuthorized(authorization))
      throw foreign(`Host ${JSON.stringify(host)}`);
  }

  /** Compares digests, which are of one length, and all of them: the time it takes tells nothing. */
  #isAuthorized(authorization: string | undefined): boolean {
    const token = /^bearer +(\S+) *$/i.exec(authorization ?? '')?.[1];
    if (token === undefined) return false;
    const digest = digestOf(token);
    return this.#digests.reduce((isOne, each) => timingSafeEqual(each, digest) || isOne, false);
  }
}

/** Only programs on the same machine reach it. */
export function isLoopback(host: string): boolean {
  if (host === 'localhost' || host === '::1' || host === '[::1]') return true;
  return isIP(host) === 4 && host.startsWith('127.');
}

function digestOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

/** A Host without its port. */
function nameOf(host: string): string {
  return host.toLowerCase().replace(/:\d*$/, '');
}

function checkOrigin(origin: string, host: string | undefined): void {
  const name = host?.toLowerCase();
  if (origin.toLowerCase() === `http://${name}` || origin.toLowerCase() === `https://${name}`)
    return;
  throw foreign(`Origin ${JSON.stringify(origin)}`);
}

function foreign(what: string): Problem {
  return new Problem(
    403,
    'ERR_TIMEKV_FORBIDDEN',
    `${what} is foreign here; ask by the address that the server announced`,
  );
}
