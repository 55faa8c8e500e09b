/** Tokens that mean the same to every command: no option, no word for a time. */
import type { Token } from '../tokens.js';

/** Text that cannot be an option. */
export function isPlain(token: Token | undefined): token is string {
  return typeof token === 'string' && !token.startsWith('-');
}

/** A time in digits; undefined for any other, and for what is no exact number. */
export function integerIn(token: Token): number | undefined {
  if (typeof token !== 'string' || !/^-?\d+$/.test(token)) return undefined;
  const integer = Number(token);
  return Number.isSafeInteger(integer) ? integer : undefined;
}
