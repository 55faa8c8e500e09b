/** The section of a segment that tells its properties, and how they are gathered. */
import { copyOf, noBytes } from '../base/bytes.js';
import { Span } from '../base/cursor.js';
import { isErasure, isMark, Kind } from '../base/entry.js';
import { expiryKey, laterPlace } from '../base/expiry-order.js';
import { entryKeyBytesMax } from '../base/limits.js';
import type { SegmentProperties, SegmentTraits } from '../base/segment-properties.js';
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
  if (properties.traits !== undefined) encodeTraits(into, properties.traits);
  return into.written;
}

function encodeTraits(into: ByteWriter, traits: SegmentTraits): void {
  const { expiredTo } = traits;
  into.int64(traits.erasures);
  into.int64(traits.historyErasures);
  into.int64(traits.expiries);
  into.int64(traits.heldValues);
  into.int64(traits.marks);
  into.int64(traits.marks === 0 ? 0 : traits.lastMark);
  into.int64(traits.heldVersions);
  into.int64(expiredTo?.timestamp ?? 0);
  into.uint(expiredTo?.key.length ?? 0, 2);
  into.bytes(expiredTo?.key ?? noBytes);
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
    traits: from.at === from.end ? undefined : decodeTraits(from),
  };
}

function decodeTraits(from: ByteReader): SegmentTraits {
  const counts = {
    erasures: from.int64(),
    historyErasures: from.int64(),
    expiries: from.int64(),
    heldValues: from.int64(),
  };
  const marks = from.int64();
  const lastMark = from.int64();
  const heldVersions = from.int64();
  const timestamp = from.int64();
  const length = from.uint(2);
  const expiredTo = length === 0 ? undefined : { key: keyOf(from, length), timestamp };
  return {
    ...counts,
    marks,
    lastMark: marks === 0 ? -Infinity : lastMark,
    heldVersions,
    expiredTo,
  };
}

function decodeKey(from: ByteReader): Buffer {
  const length = from.uint(2);
  if (length === 0) throw from.damage('a key has an impossible length');
  return keyOf(from, length);
}

function keyOf(from: ByteReader, length: number): Buffer {
  if (length > entryKeyBytesMax) throw from.damage('a key has an impossible length');
  const start = from.skip(length);
  return copyOf(from.bytes.subarray(start, start + length));
}

/** A version as it counts. */
interface Counted {
  timestamp: number;
  seq: number;
  kind: Kind;
  expiresAt: number;
}

/** Of the entries so far. */
export interface Sums extends Omit<StoredProperties, 'maxKey' | 'traits'>, SegmentTraits {
  /** The timestamp of the last stub of the key at hand, until its value has come. */
  stubAt: number;
  /** The key at hand has a mark, which has come. */
  isBehindMark: boolean;
}

function nothing(): Sums {
  return {
    minKey: noBytes,
    entries: 0,
    keys: 0,
    userBytes: 0,
    minTimestamp: Infinity,
    maxTimestamp: -Infinity,
    minSeq: Infinity,
    maxSeq: -Infinity,
    erasures: 0,
    historyErasures: 0,
    expiries: 0,
    heldValues: 0,
    marks: 0,
    lastMark: -Infinity,
    heldVersions: 0,
    stubAt: NaN,
    isBehindMark: false,
    expiredTo: undefined,
  };
}

/** Adds up the properties of the entries of a segment: versions first, then those in order of expiry. */
export class PropertiesBuilder {
  readonly #sums: Sums;

  /** @param sums of another builder, to go on with */
  constructor(sums: Sums = nothing()) {
    this.#sums = { ...sums };
  }

  /** What was added so far, for another builder. */
  get sums(): Sums {
    return { ...this.#sums };
  }

  /** Those in the order of expiry are no versions, and do not count. */
  get entries(): number {
    return this.#sums.entries;
  }

  /** A key, before its entries. */
  addKey(key: Buffer): void {
    if (this.#sums.keys === 0) this.#sums.minKey = copyOf(key);
    this.#sums.keys++;
    this.#sums.stubAt = NaN;
    this.#sums.isBehindMark = false;
  }

  /** @param bytes of key and value */
  add(version: Counted, key: Buffer, bytes: number): void {
    const { timestamp, seq, kind } = version;
    this.#sums.entries++;
    this.#sums.userBytes += bytes;
    if (timestamp < this.#sums.minTimestamp) this.#sums.minTimestamp = timestamp;
    if (timestamp > this.#sums.maxTimestamp) this.#sums.maxTimestamp = timestamp;
    if (seq < this.#sums.minSeq) this.#sums.minSeq = seq;
    if (seq > this.#sums.maxSeq) this.#sums.maxSeq = seq;
    if (kind === Kind.stub) this.#addStub(version, key);
    if (kind === Kind.value && timestamp === this.#sums.stubAt) {
      this.#sums.heldValues++;
      this.#sums.stubAt = NaN;
    }
    if (isErasure(kind)) this.#sums.erasures++;
    if (kind === Kind.historyErasure) this.#sums.historyErasures++;
    if (this.#sums.isBehindMark) this.#sums.heldVersions++;
    if (isMark(kind)) this.#addMark(timestamp);
  }

  #addMark(timestamp: number): void {
    this.#sums.marks++;
    if (timestamp > this.#sums.lastMark) this.#sums.lastMark = timestamp;
    this.#sums.isBehindMark = true;
  }

  addExpiry(): void {
    this.#sums.expiries++;
  }

  #addStub({ timestamp, expiresAt }: Counted, key: Buffer): void {
    this.#sums.stubAt = timestamp;
    const place = { key: expiryKey(expiresAt, key), timestamp };
    this.#sums.expiredTo = laterPlace(this.#sums.expiredTo, place);
  }

  /** @param maxKey the last key that was added */
  finish(maxKey: Buffer): StoredProperties {
    const traits = {
      erasures: this.#sums.erasures,
      historyErasures: this.#sums.historyErasures,
      expiries: this.#sums.expiries,
      heldValues: this.#sums.heldValues,
      marks: this.#sums.marks,
      lastMark: this.#sums.lastMark,
      heldVersions: this.#sums.heldVersions,
      expiredTo: this.#sums.expiredTo,
    };
    const { erasures, expiries, marks, expiredTo } = traits;
    const hasTraits = erasures + expiries + marks > 0 || expiredTo !== undefined;
    return {
      entries: this.#sums.entries,
      keys: this.#sums.keys,
      minKey: this.#sums.minKey,
      maxKey,
      minTimestamp: this.#sums.minTimestamp,
      maxTimestamp: this.#sums.maxTimestamp,
      minSeq: this.#sums.minSeq,
      maxSeq: this.#sums.maxSeq,
      userBytes: this.#sums.userBytes,
      traits: hasTraits ? traits : undefined,
    };
  }
}
