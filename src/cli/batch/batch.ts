/** Many commands over one open store, a line each: what `batch` runs, and `repl` without a terminal. */
import { AtomicLines } from './atomic-lines.js';
import type { Lines } from './batch-line.js';
import { usageError } from '../base/cli-error.js';
import type { Format } from '../base/look.js';
import type { Host } from '../base/host.js';
import { chunksOf, linesOf } from '../input/input.js';
import { lineBytesMax } from '../base/limits.js';
import { tokensOf } from '../line-tokens.js';
import { PipelinedLines } from './pipelined-lines.js';
import type { StoreAccess } from '../base/store-access.js';
import type { Token } from '../tokens.js';

export interface BatchOptions {
  /** Makes one batch of all writes. */
  isAtomic: boolean;
  /** Goes on after an error. */
  keepsGoing: boolean;
  format: Format | undefined;
  zone: string | undefined;
}

/** Runs the commands in a file or on stdin. Throws the first error, which has been told by then. */
export async function runBatch(
  path: string,
  host: Host,
  store: StoreAccess,
  options: BatchOptions,
): Promise<void> {
  const stop = new AbortController();
  const signal = AbortSignal.any([host.signal, stop.signal]);
  const Kind = options.isAtomic ? AtomicLines : PipelinedLines;
  const lines: Lines = new Kind(host, store, { ...options, stop });
  let unread: { error: unknown } | undefined;
  try {
    let number = 0;
    for await (const piece of linesOf(
      chunksOf(path, { input: host.input, signal }),
      lineBytesMax,
    )) {
      for (const bytes of piece) {
        number += 1;
        const tokens = tokensOrFault(bytes);
        if (!(tokens instanceof Error) && tokens.length === 0) continue;
        const begun = lines.run(number, tokens);
        if (begun !== undefined) await begun;
        signal.throwIfAborted();
      }
    }
  } catch (error) {
    if (error !== stop.signal.reason) unread = { error };
  }
  await lines.end(unread);
}

/** Refuses options that contradict each other. */
export function assertBatchOptions({ isAtomic, keepsGoing, format }: BatchOptions): void {
  if (isAtomic && keepsGoing) {
    throw usageError('--atomic writes all or nothing; leave --keep-going out');
  }
  if (format === 'table' || format === 'csv' || format === 'ndjson') {
    throw usageError(`a batch answers as tsv, or as JSON lines with --json; not as ${format}`);
  }
}

function tokensOrFault(line: Buffer): Token[] | Error {
  try {
    return tokensOf(line);
  } catch (error) {
    if (error instanceof Error) return error;
    throw error;
  }
}
