/** What stands in one place of a row of input, and how a key or a time is read from it. */
import { isUtf8 } from 'node:buffer';
import { codeOf, messageOf, usageError } from '../base/cli-error.js';
import type { InputFault } from './csv-reader.js';
import { keyBytesMax } from '../base/limits.js';
import type { MaybePromise } from '../base/store-access.js';

/** Undefined where nothing does. */
export type Field = Buffer | string | number | undefined;

export type ReadTime = (text: string) => MaybePromise<number>;

const minus = 0x2d;
const zero = 0x30;
/** Of what may be exact as a number, with a sign. */
const integerBytesMax = 17;

export function readKey(field: Field): string {
  const bytes = fieldBytes(field);
  if (bytes.length === 0) throw usageError('has no key');
  const key = bytes.toString();
  // What is no UTF-8 has turned into this character, which may also stand there itself.
  if (key.includes('\ufffd') && !isUtf8(bytes)) throw usageError('the key is not valid UTF-8');
  if (bytes.length > keyBytesMax) {
    throw usageError(`the key has ${bytes.length} bytes; the most is ${keyBytesMax}`);
  }
  if (typeof field === 'string' && field !== key) throw usageError('the key has a lone surrogate');
  return key;
}

/** @returns a promise only where a time zone has to be looked up */
export function readMoment(
  name: string,
  field: Field,
  readTime: ReadTime,
): MaybePromise<number | undefined> {
  if (field === undefined) return undefined;
  if (typeof field === 'number') {
    if (Number.isSafeInteger(field)) return field;
    throw usageError(`${name} ${field} is no exact integer; write a time in quotes`);
  }
  const bytes = fieldBytes(field);
  const integer = plainInteger(bytes, 0, bytes.length);
  if (integer !== undefined) return integer;
  const text = bytes.toString().trim();
  return text === '' ? undefined : readTime(text);
}

/** Digits alone, after a minus or not: nearly all times are, and mean what they say in any unit. */
export function plainInteger(bytes: Buffer, from: number, end: number): number | undefined {
  const isNegative = bytes[from] === minus;
  const start = isNegative ? from + 1 : from;
  if (end === start || end - from > integerBytesMax) return undefined;
  let integer = 0;
  for (let at = start; at < end; at++) {
    const digit = (bytes[at] ?? 0) - zero;
    if (digit < 0 || digit > 9) return undefined;
    integer = integer * 10 + digit;
  }
  if (!Number.isSafeInteger(integer)) return undefined;
  return isNegative ? 0 - integer : integer;
}

export function fieldBytes(field: Field): Buffer {
  if (Buffer.isBuffer(field)) return field;
  return Buffer.from(field === undefined ? '' : String(field));
}

/** Understands a row; what is wrong with it comes back as a fault. */
export function readOrFault<T>(
  line: number,
  read: () => MaybePromise<T>,
): MaybePromise<T | InputFault> {
  try {
    const row = read();
    return row instanceof Promise ? row.catch((error: unknown) => faultOf(line, error)) : row;
  } catch (error) {
    return faultOf(line, error);
  }
}

export function faultOf(line: number, error: unknown): InputFault {
  const code = codeOf(error);
  // The store is right, and its history no longer reaches so far: of this row nothing can be told.
  if (code === 'ERR_TIMEKV_HISTORY_TRUNCATED') {
    return { line, fault: messageOf(error), cause: error };
  }
  if (code !== 'ERR_TIMEKV_INVALID_ARGUMENT') throw error;
  return { line, fault: messageOf(error) };
}

/** What to throw for a row that cannot be left out. */
export function refusalOf({ line, fault, cause }: InputFault): unknown {
  return cause ?? usageError(toldOf({ line, fault }));
}

export function toldOf({ line, fault }: InputFault): string {
  return `line ${line}: ${fault}`;
}
