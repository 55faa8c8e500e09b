/** Makes values of stored bytes: of where they lie, since a view of each would cost more than its copy. */
import { copyBytes, noBytes, viewOf } from './base/bytes.js';
import { type Cursor, type Found, Span } from './base/cursor.js';
import { TimekvError } from './base/errors.js';
import { bytesCodec, jsonCodec, textCodec } from './codecs.js';
import type { Codec } from './options.js';

/** Makes a value of a part of a buffer that others will write to. */
type DecodePart = (bytes: Buffer, start: number, end: number) => unknown;

export class Decoder<V> {
  readonly #codec: Codec<V>;
  readonly #part: DecodePart;
  /** Where the value at hand lies; used again for each. */
  readonly #span = new Span();
  readonly #run = new CopiedRun();

  constructor(codec: Codec<V>) {
    this.#codec = codec;
    this.#part = partDecoder(codec);
  }

  /** How many bytes the last value had. */
  get bytes(): number {
    return this.#span.length;
  }

  /** The value of a version of the key. */
  valueOf(found: Pick<Found, 'locateValue'>, key: string): V {
    found.locateValue(this.#span);
    const { bytes, start, end } = this.#span;
    return this.#decode(bytes, start, end, key);
  }

  /** The same for one of many of a key: those that lie back to back are copied all at once. */
  valueOfMany(entry: Cursor, key: string): V {
    if (this.#part !== copyOfPart || entry.run === 0) return this.valueOf(entry, key);
    const value = this.#span;
    entry.locateValue(value);
    const run = this.#run;
    if (entry.run !== run.number) run.take(entry);
    if (value.bytes !== run.source || value.start < run.start || value.end > run.end) {
      return this.valueOf(entry, key);
    }
    return viewOf(run.memory, run.offset + value.start, value.end - value.start) as V;
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

/** Values of a key that were copied together. */
class CopiedRun {
  number = 0;
  /** Where they lay. */
  source = noBytes;
  start = 0;
  end = 0;
  memory: ArrayBufferLike = noBytes.buffer;
  /** From where they lay to where they lie now. */
  offset = 0;
  readonly #span = new Span();

  take(entry: Cursor): void {
    entry.locateRun(this.#span);
    const { bytes, start, end } = this.#span;
    this.number = entry.run;
    this.source = bytes;
    this.start = start;
    this.end = end;
    const copy = copyOfPart(bytes, start, end);
    this.memory = copy.buffer;
    this.offset = copy.byteOffset - start;
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
  const copy = Buffer.allocUnsafe(end - start);
  copyBytes(bytes, start, end, copy, 0);
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
