/**
 * One operation in the payload of a WAL frame:
 *
 *     u8 kind | u8 flags | u16 key bytes | u32 value bytes | i64 timestamp | [i64 expiresAt] | key | value
 *
 * flags bit 0: expiresAt is there. The seq is the frame's first seq plus the record's position.
 */
import { noBytes, readInt64, writeInt64 } from '../base/bytes.js';
import { Kind, type Entry } from '../base/entry.js';

const fixedBytes = 16;
/** Where in a record its timestamp stands. */
export const timestampOffset = 8;
const flagExpires = 1;

export type RecordContent = Omit<Entry, 'seq'>;

export function recordBytes(content: RecordContent): number {
  const expiry = content.expiresAt === Infinity ? 0 : 8;
  return fixedBytes + expiry + content.key.length + content.value.length;
}

/** Writes the record and answers the offset after it. */
export function encodeRecord(into: Buffer, offset: number, content: RecordContent): number {
  const expires = content.expiresAt !== Infinity;
  into.writeUInt8(content.kind, offset);
  into.writeUInt8(expires ? flagExpires : 0, offset + 1);
  into.writeUInt16LE(content.key.length, offset + 2);
  into.writeUInt32LE(content.value.length, offset + 4);
  writeInt64(into, content.timestamp, offset + 8);
  let at = offset + fixedBytes;
  if (expires) {
    writeInt64(into, content.expiresAt, at);
    at += 8;
  }
  into.set(content.key, at);
  at += content.key.length;
  into.set(content.value, at);
  return at + content.value.length;
}

/**
 * A place in a payload, moved from record to record without allocating. The payload has passed its
 * CRC, yet every length is still held against its end: a writer's mistake must not become a read
 * of foreign memory.
 */
export class RecordReader {
  #payload: Buffer = noBytes;
  #next = 0;
  #key = 0;
  #keyBytes = 0;
  #valueBytes = 0;
  kind: Kind = Kind.value;
  timestamp = 0;
  expiresAt = Infinity;

  /** @param payload up to the end of the last record @param start where the first one begins */
  reset(payload: Buffer, start = 0): void {
    this.#payload = payload;
    this.#next = start;
  }

  /** Moves to the next record; false at the end. Throws a RangeError if the record is no record. */
  next(): boolean {
    const payload = this.#payload;
    const start = this.#next;
    if (start === payload.length) return false;
    const kind = payload.readUInt8(start);
    if (kind !== Kind.value && kind !== Kind.tombstone) throw new RangeError(`kind ${kind}`);
    this.kind = kind;
    const expires = (payload.readUInt8(start + 1) & flagExpires) !== 0;
    this.#keyBytes = payload.readUInt16LE(start + 2);
    this.#valueBytes = payload.readUInt32LE(start + 4);
    this.timestamp = readInt64(payload, start + 8);
    this.expiresAt = expires ? readInt64(payload, start + fixedBytes) : Infinity;
    this.#key = start + fixedBytes + (expires ? 8 : 0);
    this.#next = this.#key + this.#keyBytes + this.#valueBytes;
    if (this.#next > payload.length) throw new RangeError('a record passes the end of its frame');
    return true;
  }

  get keyOffset(): number {
    return this.#key;
  }

  get keyBytes(): number {
    return this.#keyBytes;
  }

  get valueOffset(): number {
    return this.#key + this.#keyBytes;
  }

  get valueBytes(): number {
    return this.#valueBytes;
  }

  keyEquals(key: Buffer): boolean {
    return (
      this.#keyBytes === key.length &&
      this.#payload.compare(key, 0, key.length, this.#key, this.#key + key.length) === 0
    );
  }

  value(): Buffer {
    const start = this.valueOffset;
    return this.#payload.subarray(start, start + this.#valueBytes);
  }
}
