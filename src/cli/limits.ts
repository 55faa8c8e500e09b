/** Limits that the command line checks by itself, to name the line or to stop reading early. */

/** As in the library: a test compares them. */
export const keyBytesMax = 2048;
export const valueBytesMax = 16 * 1024 * 1024;

/** Whether the library takes this key. */
export function isSoundKey(key: string): boolean {
  return key !== '' && key.isWellFormed() && Buffer.byteLength(key) <= keyBytesMax;
}

/** A line of input: room for the largest value with every byte written as `\xHH`. */
export const lineBytesMax = 4 * valueBytesMax + 64 * 1024;
