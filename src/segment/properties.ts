/** The section of a segment that tells its properties, and how they are gathered. */
import { copyOf } from '../base/bytes.js';
import { Span } from '../base/cursor.js';
import { keyBytesMax } from '../base/limits.js';
import type { SegmentProperties } from '../base/segment-properties.js';
import { ByteReader } from './byte-reader.js';
import { ByteWriter } from './byte-writer.js';

/** What stands in the section; id, size and checksum are the footer's. */
export type StoredProperties = Omit<SegmentProperties, 'id' | 'bytes' | 'checksum'>;

export function encodeProperties(properties: StoredProperties): Buffer {
  const into = new ByteWriter(256);
  into.int64(properties.entries);
  into.int64(properties.keys);
  into.int64(properties.userBytes);
  into.int64(properties.minTimestamp);
  into.int64(properties.maxTimestamp);
  into.int64(properties.minSeq);
  into.int64(properties.maxSeq);
  for (const key of [properties.minKey, properties.maxKey]) {
    into.uint(key.length, 2);
    into.bytes(key);
  }
  return into.written;
}

/** Reads the section. What may follow the known fields is a later version's addition. */
export function decodeProperties(bytes: Buffer, file: string, offset: number): StoredProperties {
  const from = new ByteReader(Span.of(bytes), file, offset);
  return {
    entries: from.int64(),
    keys: from.int64(),
    userBytes: from.int64(),
    minTimestamp: from.int64(),
    maxTimestamp: from.int64(),
    minSeq: from.int64(),
    maxSeq: from.int64(),
    minKey: decodeKey(from),
    maxKey: decodeKey(from),
  };
}

function decodeKey(from: ByteReader): Buffer {
  const length = from.uint(2);
  if (length === 0 || length > keyBytesMax) throw from.damage('a key has an impossible length');
  const start = from.skip(length);
  return copyOf(from.bytes.subarray(start, start + length));
}

/** Adds up the properties of the entries of a segment. */
export class PropertiesBuilder {
  #minKey: Buffer = Buffer.alloc(0);
  #entries = 0;
  #keys = 0;
  #userBytes = 0;
  #minTimestamp = Infinity;
  #maxTimestamp = -Infinity;
  #minSeq = Infinity;
  #maxSeq = -Infinity;

  get entries(): number {
    return this.#entries;
  }

  /** A key, before its entries. */
  addKey(key: Buffer): void {
    if (this.#keys === 0) this.#minKey = copyOf(key);
    this.#keys++;
  }

  /** @param bytes of key and value */
  add({ timestamp, seq }: { timestamp: number; seq: number }, bytes: number): void {
    this.#entries++;
    this.#userBytes += bytes;
    if (timestamp < this.#minTimestamp) this.#minTimestamp = timestamp;
    if (timestamp > this.#maxTimestamp) this.#maxTimestamp = timestamp;
    if (seq < this.#minSeq) this.#minSeq = seq;
    if (seq > this.#maxSeq) this.#maxSeq = seq;
  }

  /** @param maxKey the last key that was added */
  finish(maxKey: Buffer): StoredProperties {
    return {
      entries: this.#entries,
      keys: this.#keys,
      minKey: this.#minKey,
      maxKey,
      minTimestamp: this.#minTimestamp,
      maxTimestamp: this.#maxTimestamp,
      minSeq: this.#minSeq,
      maxSeq: this.#maxSeq,
      userBytes: this.#userBytes,
    };
  }
}
