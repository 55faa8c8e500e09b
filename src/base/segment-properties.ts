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
  minSeq: number;
  maxSeq: number;
  /** Bytes of keys and values, the key counted with each entry. */
  userBytes: number;
  /** Of the footer, which covers all other checksums of the file, directly or through others. */
  checksum: number;
}
