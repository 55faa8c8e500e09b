/**
 * One operation in the payload of a WAL frame:
 *
 *     u8 kind | u8 flags | u16 key bytes | u32 value bytes | i64 timestamp | [i64 expiresAt] | key | value
 *
 * flags bit 0: expiresAt is there. The seq is the frame's first seq plus the record's position.
 */
import { noBytes, readInt64, writeInt64 } from '../base/bytes.js';
import { isKind, Kind, type Entry } from '../base/entry.js';
import type { RowBytes } from '../base/row-bytes.js';

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
  into[offset] = content.kind;
  into[offset + 1] = expires ? flagExpires : 0;
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

export function plainRecordBytes(keyBytes: number, valueBytes: number): number {
  return fixedBytes + keyBytes + valueBytes;
}

/**
 * The same as `encodeRecord` for a value that does not expire, without views of key and value. A
 * timestamp that is not given is yet to be written.
 */
export function encodeRowBytes(into: Buffer, offset: number, row: RowBytes): number {
  const { bytes, keyStart, keyEnd, valueStart, valueEnd, at = 0 } = row;
  const keyBytes = keyEnd - keyStart;
  into[offset] = Kind.value;
  into[offset + 1] = 0;
  into[offset + 2] = keyBytes;
  into[offset + 3] = keyBytes >>> 8;
  into.writeUInt32LE(valueEnd - valueStart, offset + 4);
  writeInt64(into, at, offset + timestampOffset);
  const value = copyPart(into, offset + fixedBytes, bytes, keyStart, keyEnd);
  return copyPart(into, value, bytes, valueStart, valueEnd);
}

/** Up to so many bytes are copied sooner one by one than by a call. */
const loopBytesMax = 32;

/** Answers the offset behind the copy. */
// oxlint-disable-next-line max-params -- a place to copy to and a part to copy, with nothing to group
function copyPart(
  into: Buffer,
  offset: number,
  bytes: Uint8Array,
  start: number,
  end: number,
): number {
  if (end - start > loopBytesMax) {
    into.set(bytes.subarray(start, end), offset);
  } else {
    for (let at = start; at < end; at++) into[offset + at - start] = bytes[at] as number;
  }
  return offset + end - start;
}

// Fields of a record where it lies, which a reader has been through.

export function recordKeyBytes(bytes: Buffer, record: number): number {
  return (bytes[record + 2] as number) | ((bytes[record + 3] as number) << 8);
}

export function recordValueBytes(bytes: Buffer, record: number): number {
  return (
    (bytes[record + 4] as number) +
    (bytes[record + 5] as number) * 0x100 +
    (bytes[record + 6] as number) * 0x1_0000 +
    (bytes[record + 7] as number) * 0x100_0000
  );
}

export function recordTimestamp(bytes: Buffer, record: number): number {
  return readInt64(bytes, record + timestampOffset);
}

/** Infinity: it does not expire. */
export function recordExpiresAt(bytes: Buffer, record: number): number {
  return doesExpire(bytes, record) ? readInt64(bytes, record + fixedBytes) : Infinity;
}

export function recordKeyOffset(bytes: Buffer, record: number): number {
  return record + fixedBytes + (doesExpire(bytes, record) ? 8 : 0);
}

function doesExpire(bytes: Buffer, record: number): boolean {
  return ((bytes[record + 1] as number) & flagExpires) !== 0;
}

/**
 * A place in a payload, moved from record to record without allocating. The payload has passed its
 * CRC, yet every length is still held against its end: a writer's mistake must not become a read
 * of foreign memory. Most records are only passed over, by processes that have just been started: a
 * step reads no more than it needs, and calls nothing.
 */
export class RecordReader {
  #payload: Buffer = noBytes;
  #start = 0;
  #next = 0;
  #key = 0;
  #keyBytes = 0;
  #valueBytes = 0;
  kind: Kind = Kind.value;

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
    if (start + fixedBytes > payload.length) throw new RangeError('a record has no end');
    const kind = payload[start] as number;
    if (!isKind(kind)) throw new RangeError(`kind ${kind}`);
    this.kind = kind;
    this.#start = start;
    this.#keyBytes = (payload[start + 2] as number) | ((payload[start + 3] as number) << 8);
    this.#valueBytes =
      (payload[start + 4] as number) +
      (payload[start + 5] as number) * 0x100 +
      (payload[start + 6] as number) * 0x1_0000 +
      (payload[start + 7] as number) * 0x100_0000;
    const expires = ((payload[start + 1] as number) & flagExpires) !== 0;
    this.#key = start + fixedBytes + (expires ? 8 : 0);
    this.#next = this.#key + this.#keyBytes + this.#valueBytes;
    if (this.#next > payload.length) throw new RangeError('a record passes the end of its frame');
    return true;
  }

  get timestamp(): number {
    return recordTimestamp(this.#payload, this.#start);
  }

  get expires(): boolean {
    return doesExpire(this.#payload, this.#start);
  }

  get expiresAt(): number {
    return recordExpiresAt(this.#payload, this.#start);
  }

  /** Where the record begins. */
  get offset(): number {
    return this.#start;
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

  /** From the end, where keys differ first. */
  keyEquals(key: Buffer): boolean {
    if (this.#keyBytes !== key.length) return false;
    let at = key.length - 1;
    while (at >= 0 && this.#payload[this.#key + at] === key[at]) at--;
    return at < 0;
  }

  key(): Buffer {
    return this.#payload.subarray(this.#key, this.#key + this.#keyBytes);
  }

  value(): Buffer {
    const start = this.valueOffset;
    return this.#payload.subarray(start, start + this.#valueBytes);
  }
}
