/**
 * The bytes of a body, as many as there may be, counted while they come. By events: to go over a stream
 * with a loop takes a tenth of a small write.
 */
import type { IncomingMessage } from 'node:http';
import type { FastifyRequest } from 'fastify';
import { valueBytesMax } from '../cli/base/limits.js';
import type { Admission, Hold } from './admission.js';
import { ClientGone } from './exchange.js';
import { jsonBytesMax } from './limits.js';
import { badRequest, tooLarge } from './problem.js';

type Done = (error: Error | null, body?: Buffer) => void;

/** Reads a body whole where one is asked for; any other is passed over. Refuses with 413, 415 and 503. */
export function readBody(
  request: FastifyRequest,
  payload: IncomingMessage,
  admission: Admission,
  done: Done,
): void {
  const { body } = request.routeOptions.config;
  if (body === undefined) {
    done(null, Buffer.alloc(0));
    return;
  }
  const { 'content-encoding': encoding, 'content-length': told } = request.headers;
  const max = body === 'value' ? valueBytesMax : jsonBytesMax;
  const length = Number(told ?? NaN);
  if (encoding !== undefined && encoding !== 'identity') {
    done(badRequest(`Content-Encoding ${JSON.stringify(encoding)}: send the body as it is`, 415));
  } else if (length > max) {
    done(larger(max));
  } else {
    const reading = new Reading({ max, length }, admission, done);
    payload.on('data', (chunk: Buffer) => {
      reading.take(chunk);
    });
    payload.on('end', () => {
      reading.end();
    });
    payload.on('error', () => {
      reading.end(new ClientGone());
    });
  }
}

function larger(max: number): Error {
  return tooLarge(`the body is larger than ${max} bytes, which is the most here`);
}

/** A body that is coming. What comes behind a refusal is passed over: the connection stays. */
class Reading {
  readonly #max: number;
  /** As it was announced; NaN: it was not. */
  readonly #length: number;
  readonly #admission: Admission;
  readonly #done: Done;
  readonly #gathered = new Gathered();
  #hold: Hold | undefined;
  #isOver = false;

  constructor({ max, length }: { max: number; length: number }, admission: Admission, done: Done) {
    this.#max = max;
    this.#length = length;
    this.#admission = admission;
    this.#done = done;
  }

  take(chunk: Buffer): void {
    if (this.#isOver) return;
    try {
      this.#add(chunk);
    } catch (error) {
      this.end(error as Error);
    }
  }

  end(error: Error | null = null): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#hold?.release();
    if (error === null) this.#done(null, this.#gathered.whole);
    else this.#done(error);
  }

  #add(chunk: Buffer): void {
    const bytes = this.#gathered.bytes + chunk.length;
    if (bytes > this.#max) throw larger(this.#max);
    const ofAll = this.#length || bytes;
    this.#admission.requireRoom(ofAll);
    this.#hold?.release();
    this.#hold = this.#admission.hold(bytes, ofAll);
    this.#gathered.add(chunk, this.#length || this.#max);
  }
}

/** Chunks of any size, as one. A list of them would take a hundred times as much where each has one byte. */
class Gathered {
  #room: Buffer = Buffer.alloc(0);
  bytes = 0;

  get whole(): Buffer {
    return this.#room.subarray(0, this.bytes);
  }

  /** @param most how many there may be in all */
  add(chunk: Buffer, most: number): void {
    const bytes = this.bytes + chunk.length;
    if (this.bytes === 0) {
      this.#room = chunk;
    } else {
      if (bytes > this.#room.length) this.#grow(Math.min(Math.max(2 * this.bytes, bytes), most));
      chunk.copy(this.#room, this.bytes);
    }
    this.bytes = bytes;
  }

  #grow(size: number): void {
    const known = this.whole;
    this.#room = Buffer.allocUnsafe(size);
    known.copy(this.#room);
  }
}
