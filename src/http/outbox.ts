/** Bodies of answers, written past Fastify's own way of sending, which takes a tenth of a small request. */
import type { ServerResponse } from 'node:http';
import type { Admission } from './admission.js';
import { turnBytesMax } from './limits.js';

/** More than this is not made into text to go out with its header in one piece. */
const onePieceBytes = 8 * 1024;

export class Outbox {
  readonly #admission: Admission;
  #waiting: ServerResponse[] = [];
  #waitingBytes = 0;

  constructor(admission: Admission) {
    this.#admission = admission;
  }

  /**
   * Sends the body of an answer whose header was written, and counts what the client leaves of it.
   * @param body text only if each of its characters is a byte
   */
  send(response: ServerResponse, body: Buffer | string): void {
    if (body.length > onePieceBytes) {
      response.end(body, 'latin1');
      this.#admission.holdUnsent(response);
    } else {
      writeCorked(response, body);
      this.#finish(response);
    }
  }

  /**
   * The same at the end of the turn of the event loop, for what is answered as soon as it was asked. A
   * client that asks over many connections is woken once for several answers then, where to wake it for
   * each takes a twentieth of a small request.
   */
  sendLater(response: ServerResponse, body: Buffer): void {
    if (body.length > onePieceBytes) {
      this.send(response, body);
      return;
    }
    writeCorked(response, body);
    if (this.#waiting.length === 0) {
      setImmediate(() => {
        this.#empty();
      });
    }
    this.#waiting.push(response);
    this.#waitingBytes += body.length;
    if (this.#waitingBytes > turnBytesMax) this.#empty();
  }

  #empty(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#waitingBytes = 0;
    for (const response of waiting) this.#finish(response);
  }

  /** To end it with its body, or before it is on its way, would write an empty second piece. */
  #finish(response: ServerResponse): void {
    response.socket?.uncork();
    response.end();
    this.#admission.holdUnsent(response);
  }
}

/** As the text of a byte a character, which Node joins to the header: both go out in one piece. */
function writeCorked(response: ServerResponse, body: Buffer | string): void {
  response.socket?.cork();
  response.write(typeof body === 'string' ? body : body.toString('latin1'), 'latin1');
}
