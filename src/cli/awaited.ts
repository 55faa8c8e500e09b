/** `get --wait`: what a read answers once it is worth reading. */
import type { Version } from '../index.js';
import { CliError, codeOf } from './base/cli-error.js';
import { given, type StoreAccess } from './base/store-access.js';

export interface Wait {
  key: string;
  /** Undefined: until there is a value. */
  at: number | undefined;
  /** In milliseconds. */
  timeout: number | undefined;
  signal: AbortSignal;
}

type Read = () => Promise<Version<Buffer> | undefined>;

/** A value that was set for later becomes valid without a commit: so often it is looked for. */
const lookMs = 500;
const endOfTime = Number.MAX_SAFE_INTEGER;

/** Fails where time is up before. */
export async function awaited(
  store: StoreAccess,
  { key, at, timeout, signal }: Wait,
  read: Read,
): Promise<Version<Buffer> | undefined> {
  if (at !== undefined) {
    await store.when(key, at, { ...given({ timeout }), signal });
    return read();
  }
  const deadline = performance.now() + (timeout ?? Infinity);
  for (;;) {
    const version = await read();
    const left = deadline - performance.now();
    // In ticks, now may be as late as it can be.
    if (version !== undefined || store.now() >= endOfTime) return version;
    try {
      await store.when(key, endOfTime, { timeout: Math.max(0, Math.min(left, lookMs)), signal });
    } catch (error) {
      if (codeOf(error) !== 'ERR_TIMEKV_TIMEOUT') throw error;
      if (left <= lookMs) throw timedOut(key);
    }
  }
}

function timedOut(key: string): CliError {
  return new CliError(
    'ERR_TIMEKV_TIMEOUT',
    `${JSON.stringify(key)} had no value in the time given; raise --timeout to wait for longer`,
  );
}
