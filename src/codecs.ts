/** How values become bytes and come back. */
import { invalidArgument } from './base/errors.js';
import { KiB, MiB } from './base/limits.js';
import type { Codec } from './options.js';

/** Strings as UTF-8 (default). Bytes that are no UTF-8 come back with U+FFFD in their place. */
export const textCodec: Codec<string> = {
  encode: (value) => Buffer.from(checkedText(value), 'utf8'),
  decode: (bytes) => bytes.toString('utf8'),
};

function checkedText(value: string): string {
  if (typeof value !== 'string') {
    throw invalidArgument(
      `the value must be a string, not ${typeof value}; use the codec 'json' for anything else`,
    );
  }
  if (!value.isWellFormed()) {
    throw invalidArgument(
      "the value holds half of a surrogate pair, which has no UTF-8; remove it, or use the codec 'bytes'",
    );
  }
  return value;
}

/** Bytes as they are. */
export const bytesCodec: Codec<Buffer> = {
  // A copy: the caller may change its bytes before they are written.
  encode: (value) => Buffer.from(viewOf(value)),
  decode: (bytes) => bytes,
};

/** The bytes themselves, whatever their elements are. */
function viewOf(value: unknown): Buffer {
  if (Buffer.isBuffer(value)) return value;
  if (!ArrayBuffer.isView(value)) {
    throw invalidArgument(`the value must be bytes (a Buffer or Uint8Array), not ${typeof value}`);
  }
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
}

/** Anything that JSON can hold. */
export const jsonCodec: Codec<unknown> = {
  encode: (value) => Buffer.from(toJson(value), 'utf8'),
  decode: (bytes): unknown => JSON.parse(bytes.toString('utf8')),
};

function toJson(value: unknown): string {
  // JSON.stringify answers undefined for what JSON cannot hold, whatever its type says.
  const text = JSON.stringify(value) as string | undefined;
  if (text === undefined) {
    throw invalidArgument(`the value cannot be written as JSON: it is ${typeof value}`);
  }
  return text;
}

/** Longer texts get memory of their own. */
const scratchBytesMax = MiB;
let scratch: Buffer = Buffer.alloc(0);

/** Encodes a text into memory that the next one overwrites. */
function encodeBriefly(text: string): Buffer {
  const length = Buffer.byteLength(text, 'utf8');
  if (length > scratchBytesMax) return Buffer.from(text, 'utf8');
  if (length > scratch.length) scratch = Buffer.allocUnsafeSlow(length + 64 * KiB);
  scratch.write(text, 'utf8');
  return scratch.subarray(0, length);
}

/**
 * The codec for a caller that copies the bytes of a value before it has the next one encoded: a
 * buffer for each would pile up until a garbage collection.
 */
export function briefly<V>(codec: Codec<V>): Codec<V> {
  if (!givesOwnBytes(codec)) return codec;
  const toText = Object.is(codec, textCodec) ? checkedText : toJson;
  const encode = Object.is(codec, bytesCodec)
    ? viewOf
    : (value: V) => encodeBriefly(toText(value as string));
  return { encode, decode: (bytes) => codec.decode(bytes) };
}

/** True for a codec whose bytes for a value are nobody else's: of one's own nobody knows. */
export function givesOwnBytes(codec: object): boolean {
  return codec === textCodec || codec === jsonCodec || codec === bytesCodec;
}
