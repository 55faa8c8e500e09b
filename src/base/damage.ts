/** What a check finds wrong in a file, and how it is told. */
import { systemCode, TimekvError } from './errors.js';

/** Something that is not as it was written, in a file that is known. */
export interface PartDamage {
  /** Where in the file, in bytes. */
  offset: number;
  what: string;
  /** What cannot be read any more because of it. */
  lost: string;
}

export interface Damage extends PartDamage {
  /** Path of the file. */
  file: string;
}

/** What is lost where everything that counts is there still, or there twice. */
export const nothingLost = 'nothing';

const shownKeyCharacters = 60;

/** A key in words that fit into a line. */
export function shownKey(key: Buffer): string {
  const text = key.toString('utf8');
  const isShort = text.length <= shownKeyCharacters;
  return JSON.stringify(isShort ? text : `${text.slice(0, shownKeyCharacters)}…`);
}

export function shownSeqs(first: number, last: number): string {
  return shownRange('seq', first, last);
}

/** Things with numbers from `first` to `last`, in words. */
export function shownRange(noun: string, first: number, last: number): string {
  return first === last ? `${noun} ${first}` : `${noun}s ${first} to ${last}`;
}

/**
 * What an error tells of damage; a sector that the disk does not give back is damage too.
 * @param offset where the part begins, for errors that do not know
 * @throws every other error, as it is
 */
export function damageOf(error: unknown, offset: number): Omit<PartDamage, 'lost'> {
  if (error instanceof TimekvError) {
    const { damage, cause } = error;
    if (damage !== undefined) return { offset: error.offset ?? offset, what: damage };
    if (systemCode(cause) === 'EIO') return unreadable(offset);
  }
  if (systemCode(error) === 'EIO') return unreadable(offset);
  throw error;
}

function unreadable(offset: number): Omit<PartDamage, 'lost'> {
  return { offset, what: 'the disk does not give it back (EIO)' };
}
