/**
 * The bytes of a body, as many as there may be, counted while they come. By events: to go over a stream
 * with a loop takes a tenth of a small write.
 */
import type { IncomingMessage } from 'node:http';
import { valueBytesMax } from '../cli/base/limits.js';
import type { Admission, Hold } from './admission.js';
import { ClientGone } from './exchange.js';
import { jsonBytesMax } from './limits.js';
import { badRequest, tooLarge } from './problem.js';

const noBytes: Buffer = Buffer.alloc(0);

/** What a body is. */
export type BodyKind = 'value' | 'json';

type Done = (error: Error | null, body: Buffer) => void;

/** Reads the body of a request whole. Refuses with 413, 415 and 503. */
export function readBody(
  request: IncomingMessage,
  kind: BodyKind,
  admission: Admission,
  done: Done,
): void {
  const { 'content-encoding': encoding, 'content-length': told } = request.headers;
  const max = kind === 'value' ? valueBytesMax : jsonBytesMax;
  const length = Number(told ?? NaN);
  if (encoding !== undefined && encoding !== 'identity') {
    done(
      badRequest(`Content-Encoding ${JSON.stringify(encoding)}: send the body as it is`, 415),
      noBytes,
    );
  } else if (length > max) {
    done(larger(max), noBytes);
  } else {
    const reading = new Reading({ max, length }, admission, done);
    request.on('data', (chunk: Buffer) => {
      reading.take(chunk);
    });
    request.on('end', () => {
      reading.end();
    });
    request.on('error', () => {
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
    this.#done(error, error === null ? this.#gathered.whole : noBytes);
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
  #room = noBytes;
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
