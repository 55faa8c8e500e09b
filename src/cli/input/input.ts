/** The only place where the command line reads what is not the store: stdin, and files of the user. */
import { createReadStream, fstatSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { CliError, usageError } from '../base/cli-error.js';
import type { Host } from '../base/host.js';

/** What a file argument says when it means stdin. */
export const stdinName = '-';

/** The file that was named, else stdin, which has to carry something that is meant for us. */
export function stdinOr(file: string | undefined, host: Host): string {
  if ((file ?? stdinName) !== stdinName) return file ?? stdinName;
  if (host.session !== undefined) throw usageError('stdin carries the commands here; name a FILE');
  if (file === undefined && host.hasTerminalInput) {
    throw usageError('name a FILE, or send the input through a pipe; - reads from the terminal');
  }
  return stdinName;
}

/** Where stdin is, and what ends the reading with its reason. */
export type Source = Pick<Host, 'input' | 'signal'>;

/** The bytes of a file, or of stdin, as they come. */
export async function* chunksOf(path: string, source: Source): AsyncGenerator<Buffer> {
  const { signal } = source;
  const stream = path === stdinName ? source.input : createReadStream(path);
  const stop = (): void => {
    stream.destroy();
  };
  signal.addEventListener('abort', stop);
  try {
    for await (const chunk of stream) yield chunk as Buffer;
  } catch (error) {
    signal.throwIfAborted();
    throw unreadable(path, error);
  } finally {
    signal.removeEventListener('abort', stop);
  }
  signal.throwIfAborted();
}

/** The same, and how many bytes of the whole have come; undefined where there is no telling. */
export function countedChunksOf(
  path: string,
  source: Source,
): { chunks: AsyncIterable<Buffer>; share: () => number | undefined } {
  const total = bytesIn(path, source);
  let read = 0;
  async function* counted(): AsyncGenerator<Buffer> {
    for await (const chunk of chunksOf(path, source)) {
      read += chunk.length;
      yield chunk;
    }
  }
  const share = () => (total === undefined || total === 0 ? undefined : read / total);
  return { chunks: counted(), share };
}

/** The same in larger pieces: what is done with each of them may cost a sync. */
export async function* inLargePieces(
  chunks: AsyncIterable<Buffer>,
  bytesMin: number,
): AsyncGenerator<Buffer> {
  let waiting: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of chunks) {
      waiting.push(chunk);
      bytes += chunk.length;
      if (bytes < bytesMin) continue;
      yield Buffer.concat(waiting);
      waiting = [];
      bytes = 0;
    }
  } catch (error) {
    yield Buffer.concat(waiting); // What came before the error, or the signal, still counts.
    throw error;
  }
  yield Buffer.concat(waiting);
}

/** The size of a file, or of one that stdin comes from; a pipe has none. */
function bytesIn(path: string, source: Source): number | undefined {
  try {
    const status = path === stdinName ? fstatSync(source.input.fd ?? -1) : statSync(path);
    return status.isFile() ? status.size : undefined;
  } catch {
    return undefined; // Reading it will say why.
  }
}

/** Everything in a file, or on stdin; refused as soon as it is more than a value may be. */
export async function readWhole(path: string, bytesMax: number, source: Source): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of chunksOf(path, source)) {
    bytes += chunk.length;
    if (bytes > bytesMax) {
      throw usageError(
        `${shownSource(path)} holds more than ${bytesMax} bytes, which is the most for a value`,
      );
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Lines without the newline that ends them. */
export async function* linesOf(
  chunks: AsyncIterable<Buffer>,
  lineBytesMax: number,
): AsyncGenerator<Iterable<Buffer>> {
  const begun = new BegunLine(lineBytesMax);
  for await (const chunk of chunks) yield linesIn(chunk, begun);
  if (begun.bytes > 0) yield [begun.take(Buffer.alloc(0))];
}

/** The lines that end in a chunk; what is left of it begins the next one. */
function* linesIn(chunk: Buffer, begun: BegunLine): Generator<Buffer> {
  let start = 0;
  for (let end = chunk.indexOf(0x0a); end !== -1; end = chunk.indexOf(0x0a, start)) {
    const last = chunk.subarray(start, end);
    start = end + 1;
    yield begun.bytes === 0 ? last : begun.take(last);
  }
  if (start < chunk.length) begun.add(chunk.subarray(start));
}

/** From this size on a line is put together as it comes, so that it is in memory once. */
const longLineBytes = 8 * 1024 * 1024;

/** A line whose end has not come yet. */
class BegunLine {
  readonly #bytesMax: number;
  #chunks: Buffer[] = [];
  /** Room for the longest line; memory that is not written to costs nothing. */
  #long: Buffer | undefined;
  bytes = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  add(chunk: Buffer): void {
    const bytes = this.bytes + chunk.length;
    if (bytes > this.#bytesMax) throw usageError(`a line is longer than ${this.#bytesMax} bytes`);
    if (bytes > longLineBytes) {
      this.#long ??= this.#begunLong();
      chunk.copy(this.#long, this.bytes);
    } else {
      this.#chunks.push(chunk);
    }
    this.bytes = bytes;
  }

  /** The whole line; another one may begin. */
  take(last: Buffer): Buffer {
    this.add(last);
    const line = this.#long?.subarray(0, this.bytes) ?? Buffer.concat(this.#chunks);
    this.#chunks = [];
    this.#long = undefined;
    this.bytes = 0;
    return line;
  }

  #begunLong(): Buffer {
    const long = Buffer.allocUnsafeSlow(this.#bytesMax);
    let position = 0;
    for (const chunk of this.#chunks.splice(0)) position += chunk.copy(long, position);
    return long;
  }
}

/** The arguments of this process as the system got them; undefined where it does not tell. */
export function rawArguments(): Buffer[] | undefined {
  try {
    const bytes = readFileSync('/proc/self/cmdline');
    const parts: Buffer[] = [];
    for (let start = 0, end = bytes.indexOf(0); end !== -1; end = bytes.indexOf(0, start)) {
      parts.push(bytes.subarray(start, end));
      start = end + 1;
    }
    return parts;
  } catch {
    return undefined;
  }
}

/** The names of the files in a directory of ours. */
export function fileNames(directory: URL): string[] {
  return readdirSync(directory).toSorted();
}

const reasons: Record<string, string> = {
  ENOENT: 'there is no such file',
  EACCES: 'permission denied',
  EISDIR: 'it is a directory',
};

function unreadable(path: string, error: unknown): Error {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const reason = reasons[code] ?? (error instanceof Error ? error.message : String(error));
  return new CliError('ERR_TIMEKV_IO', `cannot read ${shownSource(path)}: ${reason}`);
}

function shownSource(path: string): string {
  return path === stdinName ? 'stdin' : path;
}
