/** What a marking erasure has in the place of a value: which version it erases, and for whom it marks. */
import { readInt64, writeInt64 } from '../base/bytes.js';

export interface Erased {
  /** Of the version's first write. */
  firstSeq: number;
  /** Which of the views that hold the erasure itself have the key marked. */
  marks: Marks;
}

/**
 * All of them; none: in the store it was let go already, so that only earlier snapshots, which do not
 * hold it, are marked by it; or, in a backup of a snapshot, those whose horizon has reached the
 * version: there it is older than it was made, and earlier snapshots hold it too.
 */
export type Marks = 'all' | 'none' | 'since horizon';

export function encodeErased({ firstSeq, marks }: Erased): Buffer {
  const bytes = Buffer.alloc(marks === 'since horizon' ? 9 : 8);
  writeInt64(bytes, marks === 'none' ? -firstSeq : firstSeq, 0);
  return bytes;
}

export function decodeErased(value: Buffer): Erased {
  const seq = readInt64(value, 0);
  const marks = seq < 0 ? 'none' : value.length > 8 ? 'since horizon' : 'all';
  return { firstSeq: Math.abs(seq), marks };
}
