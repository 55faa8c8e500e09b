/** Makes values of stored bytes: of where they lie, since a view of each would cost more than its copy. */
import { type Found, Span } from './base/cursor.js';
import { TimekvError } from './base/errors.js';
import { bytesCodec, jsonCodec, textCodec } from './codecs.js';
import type { Codec } from './options.js';

/** Makes a value of a part of a buffer that others will write to. */
type DecodePart = (bytes: Buffer, start: number, end: number) => unknown;

/** Few bytes are copied sooner by a loop than by a call. */
const loopBytesMax = 32;

export class Decoder<V> {
  readonly #codec: Codec<V>;
  readonly #part: DecodePart;
  /** Where the value at hand lies; used again for each. */
  readonly #span = new Span();

  constructor(codec: Codec<V>) {
    this.#codec = codec;
    this.#part = partDecoder(codec);
  }

  /** The value of a version of the key. */
  valueOf(found: Found, key: string): V {
    found.locateValue(this.#span);
    const { bytes, start, end } = this.#span;
    return this.#decode(bytes, start, end, key);
  }

  /** The same of a view that will not last. */
  decode(view: Buffer, key: string): V {
    return this.#decode(view, 0, view.length, key);
  }

  #decode(bytes: Buffer, start: number, end: number, key: string): V {
    try {
      return this.#part(bytes, start, end) as V;
    } catch (error) {
      throw decodingError(this.#codec, key, error);
    }
  }
}

/** Codecs of ours keep nothing of the part; one's own gets a copy, which it may keep. */
function partDecoder<V>(codec: Codec<V>): DecodePart {
  if (Object.is(codec, textCodec)) return partAsText;
  if (Object.is(codec, bytesCodec)) return copyOfPart;
  if (Object.is(codec, jsonCodec)) {
    return (bytes, start, end) => JSON.parse(partAsText(bytes, start, end)) as unknown;
  }
  return (bytes, start, end) => codec.decode(copyOfPart(bytes, start, end));
}

function partAsText(bytes: Buffer, start: number, end: number): string {
  return bytes.toString('utf8', start, end);
}

function copyOfPart(bytes: Buffer, start: number, end: number): Buffer {
  const length = end - start;
  const copy = Buffer.allocUnsafe(length);
  if (length > loopBytesMax) bytes.copy(copy, 0, start, end);
  else for (let i = 0; i < length; i++) copy[i] = bytes[start + i] as number;
  return copy;
}

/** One's own codec speaks for itself; JSON's error names neither key nor codec, and may show lines of the value. */
function decodingError(codec: object, key: string, error: unknown): unknown {
  if (codec !== jsonCodec) return error;
  return new TimekvError(
    'ERR_TIMEKV_INVALID_ARGUMENT',
    `the value of ${JSON.stringify(key)} is no JSON; open the store with the codec that it was written with`,
    { cause: error },
  );
}
