/** How much is asked of the server at once: what would be too much is refused, and may be tried again. */
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { heldBytesMax, requestsMax, smallBytesMax, streamsMax } from './limits.js';
import { tooBusy } from './problem.js';

/** A stream that has to wait for room looks again so often. */
const lookMs = 20;

/** Memory for what is large, or for what is small: so few large ones keep nobody out who takes little. */
interface Pool {
  held: number;
}

export class Admission {
  #requests = 0;
  #streams = 0;
  readonly #small: Pool = { held: 0 };
  readonly #large: Pool = { held: 0 };

  /** Requests that wait for something. */
  get requests(): number {
    return this.#requests;
  }

  /** Answers of many rows, and watchers. */
  get streams(): number {
    return this.#streams;
  }

  /** Bytes of bodies whose requests are not answered, and of answers that were not taken yet. */
  get heldBytes(): number {
    return this.#small.held + this.#large.held;
  }

  /**
   * Counts a request that has to wait, and its body, until its connection is done with it.
   * @throws Problem 503
   */
  enter(response: ServerResponse, bodyBytes: number): void {
    if (this.#requests >= requestsMax) {
      throw tooBusy(`${requestsMax} requests are open, which is the most; try again`);
    }
    this.#requests += 1;
    const hold = this.hold(bodyBytes);
    untilClosed(response, () => {
      this.#requests -= 1;
      hold.release();
    });
  }

  /** The same for an answer that may be long. @throws Problem 503 */
  enterStream(response: ServerResponse): void {
    if (this.#streams >= streamsMax) {
      throw tooBusy(`${streamsMax} streams are open, which is the most; try again`);
    }
    this.#streams += 1;
    untilClosed(response, () => {
      this.#streams -= 1;
    });
  }

  /** @throws Problem 503 where clients have left us with too many bytes already */
  requireRoom(bytes: number): void {
    if (!this.hasRoom(bytes)) throw tooBusy('too many bytes are on their way; try again');
  }

  hasRoom(bytes: number): boolean {
    return this.#poolOf(bytes).held < heldBytesMax;
  }

  /** Resolves once there is room for more of a stream. @throws the reason of the signal */
  async room(bytes: number, stop: AbortSignal): Promise<void> {
    while (!this.hasRoom(bytes)) {
      await delay(lookMs);
      stop.throwIfAborted();
    }
  }

  /** Takes memory for bytes of a client. @param ofAll how many they may become in all */
  hold(bytes: number, ofAll = bytes): Hold {
    return new Hold(bytes, this.#poolOf(ofAll));
  }

  /** After an answer was handed over: what the client has not taken of it counts until it is gone. */
  holdUnsent(response: ServerResponse): void {
    const unsent = response.writableLength;
    if (unsent === 0) return;
    const hold = this.hold(unsent);
    untilClosed(response, () => {
      hold.release();
    });
  }

  /** The same for a part of a stream; resolves when it was taken. @throws the reason of the signal */
  async untilTaken(response: ServerResponse, stop: AbortSignal): Promise<void> {
    const hold = this.hold(response.writableLength);
    try {
      await once(response, 'drain', { signal: stop });
    } catch (error) {
      stop.throwIfAborted();
      throw error;
    } finally {
      hold.release();
    }
  }

  #poolOf(bytes: number): Pool {
    return bytes <= smallBytesMax ? this.#small : this.#large;
  }
}

/** Memory for bytes of one client, until it is given back. */
export class Hold {
  readonly #bytes: number;
  readonly #pool: Pool;

  constructor(bytes: number, pool: Pool) {
    this.#bytes = bytes;
    this.#pool = pool;
    pool.held += bytes;
  }

  release(): void {
    this.#pool.held -= this.#bytes;
  }
}

/** Who asked may have gone before its turn came to be counted. */
function untilClosed(response: ServerResponse, leave: () => void): void {
  if (response.destroyed) leave();
  else response.once('close', leave);
}
