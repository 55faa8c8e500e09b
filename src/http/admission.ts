/** How much is asked of the server at once: what would be too much is refused, and may be tried again. */
import type { ServerResponse } from 'node:http';
import { heldBytesMax, requestsMax, streamsMax } from './limits.js';
import { tooBusy } from './problem.js';

export class Admission {
  #requests = 0;
  #streams = 0;
  #heldBytes = 0;

  /** Requests that wait for something. */
  get requests(): number {
    return this.#requests;
  }

  /** Answers of many rows, and watchers. */
  get streams(): number {
    return this.#streams;
  }

  /** Bytes of bodies that are still coming, and of answers that were not taken yet. */
  get heldBytes(): number {
    return this.#heldBytes;
  }

  /** Counts a request that has to wait, until its connection is done with it. @throws Problem 503 */
  enter(response: ServerResponse): void {
    if (this.#requests >= requestsMax) {
      throw tooBusy(`${requestsMax} requests are open, which is the most; try again`);
    }
    this.#requests += 1;
    response.once('close', () => {
      this.#requests -= 1;
    });
  }

  /** The same for an answer that may be long. @throws Problem 503 */
  enterStream(response: ServerResponse): void {
    if (this.#streams >= streamsMax) {
      throw tooBusy(`${streamsMax} streams are open, which is the most; try again`);
    }
    this.#streams += 1;
    response.once('close', () => {
      this.#streams -= 1;
    });
  }

  /** Takes memory for bytes of a client, until they are given back. @throws Problem 503 */
  hold(bytes: number): void {
    this.requireRoom();
    this.#heldBytes += bytes;
  }

  release(bytes: number): void {
    this.#heldBytes -= bytes;
  }

  /** @throws Problem 503 where clients have left us with too many bytes already */
  requireRoom(): void {
    if (this.#heldBytes < heldBytesMax) return;
    throw tooBusy('too many bytes are on their way; try again');
  }

  /** After an answer was handed over: what the client has not taken of it counts until it is gone. */
  holdUnsent(response: ServerResponse): void {
    const unsent = response.socket?.writableLength ?? 0;
    if (unsent === 0) return;
    this.#heldBytes += unsent;
    response.once('close', () => {
      this.#heldBytes -= unsent;
    });
  }
}
