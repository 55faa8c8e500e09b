/** Whether a row of a load is given as bytes, and whether it can be written. */
import { isUtf8 } from 'node:buffer';
import { invalidArgument } from './base/errors.js';
import { keyBytesMax, valueBytesMax } from './base/limits.js';
import type { RowBytes } from './base/row-bytes.js';

/** Of whatever a caller without types may pass. */
export function isRowBytes(row: unknown): row is RowBytes {
  return (row as Partial<RowBytes> | null | undefined)?.keyStart !== undefined;
}

/** @throws ERR_TIMEKV_INVALID_ARGUMENT unless all of it lies in its bytes, and can be written */
export function checkRowBytes({
  bytes,
  keyStart,
  keyEnd,
  valueStart,
  valueEnd,
  at,
}: RowBytes): void {
  const { length } = bytes;
  if (!isPart(keyStart, keyEnd, length) || !isPart(valueStart, valueEnd, length)) {
    throw invalidArgument(`a key or a value does not lie within the ${length} bytes of its row`);
  }
  const keyBytes = keyEnd - keyStart;
  if (keyBytes === 0) throw invalidArgument('the key is empty; a key is 1 to 2,048 bytes of text');
  if (keyBytes > keyBytesMax) {
    throw invalidArgument(`the key has ${keyBytes} bytes; the most is ${keyBytesMax}`);
  }
  let highBits = 0;
  for (let place = keyStart; place < keyEnd; place++) highBits |= bytes[place] as number;
  if (highBits > 0x7f && !isUtf8(bytes.subarray(keyStart, keyEnd))) {
    throw invalidArgument('the key is not valid UTF-8');
  }
  if (valueEnd - valueStart > valueBytesMax) {
    const most = `the most is ${valueBytesMax}`;
    throw invalidArgument(`the value has ${valueEnd - valueStart} bytes; ${most}`);
  }
  if (at !== undefined && !Number.isSafeInteger(at)) {
    throw invalidArgument(`the timestamp ${String(at)} is not an integer within ±(2^53 − 1)`);
  }
}

function isPart(start: number, end: number, length: number): boolean {
  return (
    Number.isInteger(start) && Number.isInteger(end) && start >= 0 && start <= end && end <= length
  );
}
