/**
 * Connections: the order of their requests, what is no request, and how they end. Node begins with a
 * request while those before it on its connection are not answered, keeps the answers for their turn, and
 * tells those of a connection that has ended nothing of it: so here each waits for the one before.
 */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { headerBytesMax } from './limits.js';
import { jsonType } from './values.js';

/** How often connections that are done with are looked for while the server ends. */
const sweepMs = 20;

export class Connections {
  readonly #open = new Set<Socket>();
  /** The last request of those that do not wait for an answer before they ask again. */
  readonly #queued = new WeakMap<Socket, ServerResponse>();
  /** Those of which what came last is no request, while answers to what came before are on their way. */
  readonly #broken = new WeakSet<Socket>();

  /** Called for the server before it listens. */
  watch(server: Server): void {
    server.on('connection', (socket: Socket) => {
      this.#open.add(socket);
      socket.once('close', () => this.#open.delete(socket));
    });
    server.on('checkExpectation', (request: IncomingMessage, response: ServerResponse) => {
      this.inTurn(request, response, () => {
        const message = 'Expect is understood with 100-continue alone; leave it out';
        const body = refusalText(message);
        const lines = ['content-type', jsonType, 'content-length', `${Buffer.byteLength(body)}`];
        response.writeHead(417, [...lines, 'connection', 'close']).end(body);
      });
    });
  }

  /** Calls back once what came before on the connection is answered; never, if the connection ends first. */
  inTurn(request: IncomingMessage, response: ServerResponse, go: () => void): void {
    // Node gives a connection to one answer at a time.
    if (response.socket !== null) {
      go();
      return;
    }
    const { socket } = request;
    const before = this.#lastOf(socket);
    this.#queued.set(socket, response);
    response.once('close', () => {
      if (this.#queued.get(socket) === response) this.#queued.delete(socket);
    });
    before?.once('close', () => {
      if (response.socket !== null) go();
    });
  }

  /** What is no request is answered as far as anybody can tell, behind the answers to what came before. */
  readonly refuse = (error: Error & { code?: string }, socket: Socket): void => {
    const last = this.#lastOf(socket);
    if (error.code === 'ECONNRESET' || socket.writableFinished) {
      socket.destroy();
    } else if (!socket.writable || this.#broken.has(socket)) {
      // It is on its way already.
    } else if (last === undefined || isBeingAsked(last)) {
      socket.end(refusalFor(error));
    } else if (last.writableEnded) {
      // Behind what was announced as the last answer nothing comes.
      if (last.shouldKeepAlive) socket.end(refusalFor(error));
    } else {
      this.#broken.add(socket);
      last.once('close', () => {
        if (socket.writable) socket.end(refusalFor(error));
      });
    }
  };

  /**
   * The last request of a connection that is not answered. Asked of what Node keeps for itself: to keep
   * each request beyond its answer takes a fifth of a small one, in garbage that lives too long.
   */
  #lastOf(socket: Socket & { _httpMessage?: ServerResponse | null }): ServerResponse | undefined {
    // oxlint-disable-next-line no-underscore-dangle -- Node's name, of which many packages make use
    return this.#queued.get(socket) ?? socket._httpMessage ?? undefined;
  }

  /** Until what it answers is called: lets go who has asked nothing yet, and whoever is answered. */
  letGo(server: Server): () => void {
    const sweep = setInterval(() => {
      for (const socket of this.#open) if (socket.bytesRead === 0) socket.destroy();
      server.closeIdleConnections();
    }, sweepMs);
    return () => {
      clearInterval(sweep);
    };
  }
}

/** It is this one's turn, and what cannot be read is the rest of the request. */
function isBeingAsked({ socket, headersSent, req }: ServerResponse): boolean {
  return socket !== null && !headersSent && !req.complete;
}

const faults: Record<string, [status: string, message: string]> = {
  ERR_HTTP_REQUEST_TIMEOUT: ['408 Request Timeout', 'the request took too long to come'],
  HPE_HEADER_OVERFLOW: [
    '431 Request Header Fields Too Large',
    `the header is larger than ${headerBytesMax} bytes, which is the most here`,
  ],
};

function refusalFor({ code = '' }: Error & { code?: string }): string {
  const [status, message] = faults[code] ?? ['400 Bad Request', 'what was sent is no HTTP request'];
  const body = refusalText(message);
  const lines = [
    `HTTP/1.1 ${status}`,
    `content-type: ${jsonType}`,
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
  ];
  return `${lines.join('\r\n')}\r\n\r\n${body}`;
}

function refusalText(message: string): string {
  return JSON.stringify({ error: { code: 'ERR_TIMEKV_INVALID_ARGUMENT', message } });
}
