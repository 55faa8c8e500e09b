import type { ExpiryPlace } from './expiry-order.js';

/**
 * What is known of a segment as a whole: everything that lets a read pass it by without opening it.
 * Kept in the catalog, and in the segment itself.
 */
export interface SegmentProperties {
  /** 32 hexadecimal digits. */
  id: string;
  /** Size of the file. */
  bytes: number;
  entries: number;
  keys: number;
  minKey: Buffer;
  maxKey: Buffer;
  minTimestamp: number;
  maxTimestamp: number;
  /** Whatever was committed with a seq from here to there, and was not merged away, is in it. */
  minSeq: number;
  maxSeq: number;
  /** Bytes of keys and values, the key counted with each entry. */
  userBytes: number;
  /** Of the footer, which covers all other checksums of the file, directly or through others. */
  checksum: number;
  /** Undefined for the most of them: those without expiry and erasures. */
  traits: SegmentTraits | undefined;
}

/** What only some segments have. */
export interface SegmentTraits {
  /** Entries that erase; and those of them that erase a whole history. */
  erasures: number;
  historyErasures: number;
  /** Entries in the order of expiry. */
  expiries: number;
  /** Values that were taken out, and stay for the sake of a snapshot. */
  heldValues: number;
  /** Entries that say how far back the history of their key goes. */
  marks: number;
  /** The largest timestamp of those; −Infinity if there are none. */
  lastMark: number;
  /** Entries that lie before a mark of their key, and stay for the sake of a snapshot. */
  heldVersions: number;
  /** Up to here, in that order, all versions of older segments were taken out; undefined: none. */
  expiredTo: ExpiryPlace | undefined;
}

/** Another thread gets buffers as arrays of bytes. */
export function propertiesWithBuffers(properties: SegmentProperties): SegmentProperties {
  const { minKey, maxKey, traits } = properties;
  return {
    ...properties,
    minKey: Buffer.from(minKey),
    maxKey: Buffer.from(maxKey),
    traits: traits && { ...traits, expiredTo: traits.expiredTo && withBuffer(traits.expiredTo) },
  };
}

export function withBuffer({ key, timestamp }: ExpiryPlace): ExpiryPlace {
  return { key: Buffer.from(key), timestamp };
}
