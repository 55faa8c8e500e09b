/** The rows of `watch`: operations as they are committed, until there were enough or time is up. */
import type { Version, WatchOptions } from '../index.js';
import { CliError } from './base/cli-error.js';
import type { Output } from './base/output.js';
import type { StoreAccess } from './base/store-access.js';

export interface WatchBounds {
  /** So many at most. */
  limit: number | undefined;
  /** For so long at most, in milliseconds. */
  timeout: number | undefined;
}

/** The most that a timer takes, in milliseconds. */
const timerMax = 2 ** 31 - 1;

/** Fails where time is up before there were as many as were asked for. */
export async function* watchedRows(
  store: StoreAccess,
  options: WatchOptions,
  { limit, timeout }: WatchBounds,
  signal: AbortSignal,
): AsyncGenerator<Version<Buffer>> {
  if (limit === 0) return;
  const timeUp = new AbortController();
  const disarm = after(timeout, () => {
    timeUp.abort();
  });
  let count = 0;
  try {
    const either = AbortSignal.any([signal, timeUp.signal]);
    for await (const version of store.watch({ ...options, signal: either })) {
      yield version;
      if (++count === limit) return;
    }
  } catch (error) {
    if (error !== timeUp.signal.reason) throw error;
    if (limit === undefined) return;
    throw new CliError(
      'ERR_TIMEKV_TIMEOUT',
      `${count} of ${limit} operations came in the time given; raise --timeout to wait for longer`,
    );
  } finally {
    disarm();
  }
}

/** @returns gives it up */
function after(milliseconds: number | undefined, act: () => void): () => void {
  if (milliseconds === undefined) return () => undefined;
  let left = milliseconds;
  let timer: NodeJS.Timeout | undefined;
  const arm = (): void => {
    const next = Math.min(left, timerMax);
    left -= next;
    timer = setTimeout(left > 0 ? arm : act, next);
  };
  arm();
  return () => {
    clearTimeout(timer);
  };
}

/**
 * The same rows; what has been written of them goes out before the next one is waited for.
 * @param failed told why it could not: perhaps nobody reads any more, while no row comes
 */
export async function* sentAtOnce<Row>(
  rows: AsyncIterable<Row>,
  output: Output,
  failed: (error: unknown) => void,
): AsyncGenerator<Row> {
  let isDue = false;
  const send = (): void => {
    if (isDue) return;
    isDue = true;
    // Rows that are there already follow each other in one turn, and go out together.
    setImmediate(() => {
      isDue = false;
      output.flush().catch(failed);
    });
  };
  send(); // What stands above the first row.
  for await (const row of rows) {
    send();
    yield row;
  }
}
