/**
 * Data on its way out. Writes are gathered into larger pieces, a slow reader slows the command down,
 * and a reader that has gone ends it.
 */
import { writeSync } from 'node:fs';
import { CliError, ClosedPipe } from './cli-error.js';

/** Where answers go. A promise is returned where the writer has to wait before it goes on. */
export interface Output {
  write(chunk: string | Uint8Array): Promise<void> | undefined;
  flush(): Promise<void>;
}

const gatherBytes = 64 * 1024;
/** More than this at once is not put together. */
const piecesBytes = 4 * gatherBytes;
/** The first rows of a slow scan should not wait until a whole piece is full. */
const gatherNs = 50e6;

/** A pipe takes so much at once, or waits until it can. */
const atOnceBytes = 4096;

/** An output to a stream of the process, which is opened when it is needed. */
export class StreamOutput implements Output {
  readonly #open: () => NodeJS.WritableStream;
  #stream: NodeJS.WritableStream | undefined;
  readonly #signal: AbortSignal;
  readonly #descriptor: number | undefined;
  #parts: Uint8Array[] = [];
  #text = '';
  #gathered = 0;
  #since: [seconds: number, nanoseconds: number] = [0, 0];

  /**
   * @param descriptor where a short answer may go at once: to load what Node has for pipes takes one
   *   part in twenty of a command
   */
  constructor(open: () => NodeJS.WritableStream, signal: AbortSignal, descriptor?: number) {
    this.#open = open;
    this.#signal = signal;
    this.#descriptor = descriptor;
  }

  write(chunk: string | Uint8Array): Promise<void> | undefined {
    if (this.#gathered === 0) this.#since = process.hrtime();
    if (typeof chunk === 'string') {
      this.#text += chunk;
    } else {
      this.#takeText();
      this.#parts.push(chunk);
    }
    this.#gathered += chunk.length;
    return this.#gathered >= gatherBytes || this.#isLate ? this.flush() : undefined;
  }

  get #isLate(): boolean {
    const [seconds, nanoseconds] = process.hrtime(this.#since);
    return seconds > 0 || nanoseconds >= gatherNs;
  }

  async flush(): Promise<void> {
    this.#takeText();
    const parts = this.#parts;
    // Small parts go out as one; large ones are not copied for that.
    const pieces = this.#gathered > piecesBytes ? parts : [Buffer.concat(parts)];
    this.#parts = [];
    this.#gathered = 0;
    await Promise.all(pieces.map((piece) => this.#send(piece)));
    this.#signal.throwIfAborted();
  }

  #takeText(): void {
    if (this.#text !== '') this.#parts.push(Buffer.from(this.#text));
    this.#text = '';
  }

  #send(bytes: Uint8Array): Promise<void> | undefined {
    const rest = bytes.subarray(this.#sentAtOnce(bytes));
    if (rest.length === 0) return undefined;
    this.#stream ??= ownErrorsOf(this.#open());
    const stream = this.#stream;
    return new Promise((resolve, reject) => {
      stream.write(rest, (error) => {
        if (error === null || error === undefined) resolve();
        else reject(toldOf(error));
      });
    });
  }

  /** How many bytes went out; the stream sees to the others, and to what went wrong. */
  #sentAtOnce(bytes: Uint8Array): number {
    if (this.#descriptor === undefined || this.#stream !== undefined) return 0;
    if (bytes.length === 0 || bytes.length > atOnceBytes) return 0;
    try {
      return writeSync(this.#descriptor, bytes);
    } catch {
      return 0;
    }
  }
}

/** What goes wrong is told to the callback of each write; nobody else may act on it. */
export function ownErrorsOf<Stream extends NodeJS.WritableStream>(stream: Stream): Stream {
  stream.removeAllListeners('error');
  stream.on('error', () => undefined);
  return stream;
}

function toldOf(error: Error): Error {
  const code = 'code' in error ? error.code : undefined;
  if (code === 'EPIPE' || code === 'ERR_STREAM_DESTROYED') return new ClosedPipe(error.message);
  const reason = code === 'ENOSPC' ? 'the disk is full; free some space there' : error.message;
  return new CliError('ERR_TIMEKV_IO', `cannot write what is answered: ${reason}`);
}
