/** The only place where the command line reads what is not the store: stdin, and files of the user. */
import { appendFileSync, createReadStream, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Readable } from 'node:stream';
import { isatty } from 'node:tty';
import { CliError, usageError } from './cli-error.js';
import type { Host } from './host.js';

/** What a file argument says when it means stdin. */
export const stdinName = '-';

/** The file that was named, else stdin, which has to carry something that is meant for us. */
export function stdinOr(file: string | undefined, host: Host): string {
  if ((file ?? stdinName) !== stdinName) return file ?? stdinName;
  if (host.session !== undefined) throw usageError('stdin carries the commands here; name a FILE');
  if (file === undefined && isatty(0)) {
    throw usageError('name a FILE, or send the input through a pipe; - reads from the terminal');
  }
  return stdinName;
}

/** The bytes of a file, or of stdin, as they come. The signal ends them with its reason. */
export async function* chunksOf(path: string, signal: AbortSignal): AsyncGenerator<Buffer> {
  const stream: Readable = path === stdinName ? process.stdin : createReadStream(path);
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

/** Everything in a file, or on stdin; refused as soon as it is more than a value may be. */
export async function readWhole(
  path: string,
  bytesMax: number,
  signal: AbortSignal,
): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of chunksOf(path, signal)) {
    bytes += chunk.length;
    if (bytes > bytesMax) {
      const source = path === stdinName ? 'stdin' : path;
      throw usageError(
        `${source} holds more than ${bytesMax} bytes, which is the most for a value`,
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
): AsyncGenerator<Buffer> {
  let begun: Buffer[] = [];
  let begunBytes = 0;
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(0x0a); end !== -1; end = chunk.indexOf(0x0a, start)) {
      const last = chunk.subarray(start, end);
      yield begun.length === 0 ? last : Buffer.concat([...begun, last]);
      begun = [];
      begunBytes = 0;
      start = end + 1;
    }
    if (start === chunk.length) continue;
    begun.push(chunk.subarray(start));
    begunBytes += chunk.length - start;
    if (begunBytes > lineBytesMax) throw usageError(`a line is longer than ${lineBytesMax} bytes`);
  }
  if (begun.length > 0) yield Buffer.concat(begun);
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

/** The lines of a file of ours; none where it cannot be read. */
export function rememberedLines(path: string): string[] {
  try {
    return readFileSync(path, 'utf8').split('\n').filter(Boolean);
  } catch {
    return [];
  }
}

/** Adds a line to a file of ours, which only its owner may read. */
export function rememberLine(path: string, line: string): void {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    appendFileSync(path, `${line}\n`, { mode: 0o600 });
  } catch {
    // What was typed is a convenience: a session goes on without it.
  }
}

const reasons: Record<string, string> = {
  ENOENT: 'there is no such file',
  EACCES: 'permission denied',
  EISDIR: 'it is a directory',
};

function unreadable(path: string, error: unknown): Error {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const reason = reasons[code] ?? (error instanceof Error ? error.message : String(error));
  const source = path === stdinName ? 'stdin' : path;
  return new CliError('ERR_TIMEKV_IO', `cannot read ${source}: ${reason}`);
}
