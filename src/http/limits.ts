/** What a client may ask of the server at most, units last. */
import { valueBytesMax } from '../cli/base/limits.js';

export const hostDefault = '127.0.0.1';
export const portDefault = 58_322;

/** A body of JSON: room for the largest value in base64, and for what stands around it. */
export const jsonBytesMax = 2 * valueBytesMax;
/** All header lines together; a key of 2,048 bytes in a path is three times as long. */
export const headerBytesMax = 16 * 1024;
/** Longest part of a path between two slashes: a key with every byte written as %HH. */
export const pathPartMax = 3 * 2048;

/** Idle ones count; fewer where the process may open fewer files. */
export const connectionsMax = 16_384;
/** Files that are left for the store where connections take all that the process may open. */
export const filesLeft = 256;
/** Requests that wait: for their body, a commit, or a value. */
export const requestsMax = 12_000;
/** Answers of many rows, and watchers. */
export const streamsMax = 256;
/**
 * Bodies of requests that are not answered and answers that were not taken yet, of all clients together:
 * so many bytes of what is large, and as many of what is small.
 */
export const heldBytesMax = 64 * 1024 * 1024;
export const smallBytesMax = 64 * 1024;
/** Small answers that wait for the end of a turn; behind more than this they do not. */
export const turnBytesMax = 256 * 1024;
/** Of a time or a length of time, as text. */
export const timeCharsMax = 200;

/** For the header lines of a request to come. */
export const headersMs = 20_000;
/** For a whole request to come. */
export const requestMs = 300_000;
/** Without a byte in either direction a connection ends, unless it waits for us. */
export const stalledMs = 60_000;
/** After an answer a connection is kept for so long for the next request. */
export const keepAliveMs = 72_000;
/** So often a watcher hears from us while nothing is committed. */
export const heartbeatMs = 15_000;
/** When the server ends, what it has accepted may take so long. */
export const endingMs = 10_000;
export const tokenFileBytesMax = 64 * 1024;
