/**
 * Data on its way out. Writes are gathered into larger pieces, a slow reader slows the command down,
 * and a reader that has gone ends it.
 */
import { ClosedPipe } from './cli-error.js';

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

/** An output to a stream of the process. */
export class StreamOutput implements Output {
  readonly #stream: NodeJS.WritableStream;
  readonly #signal: AbortSignal;
  #parts: Uint8Array[] = [];
  #text = '';
  #gathered = 0;
  #since: [seconds: number, nanoseconds: number] = [0, 0];

  constructor(stream: NodeJS.WritableStream, signal: AbortSignal) {
    this.#stream = stream;
    this.#signal = signal;
    ownErrorsOf(stream);
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
    if (bytes.length === 0) return undefined;
    return new Promise((resolve, reject) => {
      this.#stream.write(bytes, (error) => {
        if (error === null || error === undefined) resolve();
        else reject(isClosedPipe(error) ? new ClosedPipe(error.message) : error);
      });
    });
  }
}

/** What goes wrong is told to the callback of each write; nobody else may act on it. */
export function ownErrorsOf(stream: NodeJS.WritableStream): void {
  stream.removeAllListeners('error');
  stream.on('error', () => undefined);
}

function isClosedPipe(error: Error): boolean {
  return 'code' in error && (error.code === 'EPIPE' || error.code === 'ERR_STREAM_DESTROYED');
}
