/** Limits that the command line checks by itself, to name the line or to stop reading early. */

/** As in the library: a test compares them. */
export const keyBytesMax = 2048;
export const memoryBytesMin = 8 * 1024 * 1024;
export const valueBytesMax = 16 * 1024 * 1024;
export const batchBytesMax = 64 * 1024 * 1024;
export const batchOperationsMax = 1_000_000;
/** What an operation counts beside its key and its value. */
export const operationBytes = 24;

/** A line of input: room for the largest value with every byte written as `\xHH`. */
export const lineBytesMax = 4 * valueBytesMax + 64 * 1024;

/** The answers of an atomic batch, which all wait for its end. */
export const heldAnswersBytesMax = 64 * 1024 * 1024;
