/** What a caller with types cannot write, and HTTP has no words for: a client would refuse it unasked. */
import { invalidArgument } from '../../../src/base/errors.js';

/** The type of each option that has one alone. */
const types: Record<string, string> = {
  key: 'string',
  prefix: 'string',
  start: 'string',
  end: 'string',
  onConflict: 'string',
  limit: 'number',
  since: 'number',
  timeout: 'number',
  ttl: 'number',
  maxBump: 'number',
};

export function checkTyped<T extends object>(options: T): T {
  const given: unknown = options;
  if (typeof given !== 'object' || given === null) throw invalidArgument('no object');
  for (const [name, value] of Object.entries(options)) {
    const type = types[name];
    if (type !== undefined && value !== undefined && typeof value !== type) {
      throw invalidArgument(`${name} is no ${type}`);
    }
    // JSON has no word for it.
    if (Number.isNaN(value)) throw invalidArgument(`${name} is not a number`);
    if (name === 'signal' && value !== undefined && !(value instanceof AbortSignal)) {
      throw invalidArgument('signal is no AbortSignal');
    }
    if (name === 'ttl' && !Number.isInteger(value ?? 1)) throw invalidArgument('ttl is no integer');
  }
  return options;
}

export function checkTypedKey(key: string): string {
  if (typeof key !== 'string') throw invalidArgument('the key is no string');
  return key;
}

export function checkTypedTime<T>(at: T): T {
  if (at === undefined || typeof at === 'number' || at instanceof Date) return at;
  throw invalidArgument('a time is a number, or a Date');
}
