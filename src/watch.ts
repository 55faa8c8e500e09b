/** Following commits: an async iterable of operations, and the wait for a value. */
import { type Entry, Kind } from './base/entry.js';
import { invalidArgument, TimekvError } from './base/errors.js';
import { checkBound, checkKey, checkOptions, shown } from './checks.js';
import type { Engine, Wanted } from './engine/engine.js';
import type { WatchOptions, WhenOptions } from './options.js';
import type { Waits } from './waits.js';

/** The open engine. @throws ERR_TIMEKV_CLOSED */
type OpenEngine = () => Engine;

/** What a call of `watch` asks for. */
interface Watched {
  wanted: Wanted;
  /** Undefined: from the call on. */
  since: number | undefined;
  signal: AbortSignal | undefined;
}

export function checkWatch(options: WatchOptions): Watched {
  const { key, prefix, since, signal } = checkOptions(options, 'watch');
  if (key !== undefined && prefix !== undefined) {
    throw invalidArgument('key and prefix exclude each other; give one of them');
  }
  if (since !== undefined && !(Number.isSafeInteger(since) && since >= 0)) {
    throw invalidArgument(`since ${shown(since)} is not a seq: an integer of 0 or more`);
  }
  checkSignal(signal);
  return { wanted: wantedKeys(key, prefix), since, signal };
}

function wantedKeys(key: string | undefined, prefix: string | undefined): Wanted {
  if (key !== undefined) return isKey(checkKey(key));
  const start = prefix === undefined ? undefined : checkBound(prefix, 'prefix');
  if (start === undefined || start.length === 0) return () => true;
  return (candidate) => candidate.subarray(0, start.length).equals(start);
}

function isKey(key: Buffer): Wanted {
  return (candidate) => key.equals(candidate);
}

function checkSignal(signal: AbortSignal | undefined): void {
  if (signal === undefined || signal instanceof AbortSignal) return;
  throw invalidArgument(`signal ${shown(signal)} is no AbortSignal`);
}

/** Each iterator begins behind the same seq: the last one at the call, if none was given. */
export function watching<R>(
  open: OpenEngine,
  { wanted, since, signal }: Watched,
  convert: (entry: Entry) => R,
): AsyncIterable<R> {
  const engine = open();
  const from = since ?? engine.lastSeq();
  return {
    [Symbol.asyncIterator]() {
      // To be left has to end a wait, too, which a generator does not do by itself.
      const left = new AbortController();
      const entries = operations(open, { from, wanted, signal, left: left.signal }, convert);
      return {
        next: () => entries.next(),
        return: () => {
          left.abort();
          return entries.return(undefined);
        },
      };
    },
  };
}

async function* operations<R>(
  open: OpenEngine,
  asked: {
    from: number;
    wanted: Wanted;
    signal: AbortSignal | undefined;
    left: AbortSignal;
  },
  convert: (entry: Entry) => R,
): AsyncGenerator<R, undefined> {
  const { from, wanted, signal, left } = asked;
  const stop = signal === undefined ? left : AbortSignal.any([signal, left]);
  signal?.throwIfAborted();
  const follower = open().follow(from, wanted);
  try {
    while (!left.aborted) {
      const entries = await follower.next();
      if (entries === undefined) await follower.changed(Infinity, stop);
      for (const entry of entries ?? []) {
        yield convert(entry);
        open(); // If it was closed meanwhile, there is nothing to follow any more.
        signal?.throwIfAborted();
      }
      open();
      signal?.throwIfAborted();
    }
    return undefined;
  } finally {
    follower.close();
  }
}

/**
 * Resolves to what `answer` says once `at` is not in the future any more, or a version of the key up to
 * then is committed.
 */
export async function valueWhen<R>(
  open: OpenEngine,
  waits: Waits,
  wait: { key: string; at: number; options: WhenOptions },
  answer: () => R,
): Promise<R> {
  const { key, at, options } = wait;
  const { timeout, signal } = checkWait(options, 'when');
  const bytes = checkKey(key);
  signal?.throwIfAborted();
  // In this order: what is committed in between is met twice rather than never.
  const seq = open().lastSeq();
  const from = open().now();
  if (at <= from) return answer();
  const isMetBy = ({ kind, timestamp }: Entry) =>
    (kind === Kind.value || kind === Kind.tombstone) && from < timestamp && timestamp <= at;
  const outcome = await waits.wait({ key: bytes, isMetBy, at, timeout, signal }, seq);
  if (outcome === 'late') throw timedOut(key, timeout);
  return answer();
}

/** Resolves to true when a value of the key is committed, to false when that takes too long. */
export async function valueCommitted(
  open: OpenEngine,
  waits: Waits,
  key: string,
  options: WhenOptions,
): Promise<boolean> {
  const { timeout, signal } = checkWait(options, 'wait');
  const wait = { key: checkKey(key), at: Infinity, timeout, signal };
  const isMetBy = ({ kind }: Entry) => kind === Kind.value;
  return (await waits.wait({ ...wait, isMetBy }, open().lastSeq())) === 'met';
}

function checkWait(options: WhenOptions, call: string) {
  const { timeout = Infinity, signal } = checkOptions(options, call);
  if (typeof timeout !== 'number' || !(timeout >= 0)) {
    throw invalidArgument(`timeout ${shown(timeout)} is not a number of milliseconds`);
  }
  checkSignal(signal);
  return { timeout, signal };
}

function timedOut(key: string, timeout: number): TimekvError {
  return new TimekvError(
    'ERR_TIMEKV_TIMEOUT',
    `no version of ${JSON.stringify(key)} was committed within ${timeout} ms; wait for longer with timeout`,
  );
}
