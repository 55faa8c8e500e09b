/** What a marking erasure has in the place of a value: which version it erases, and for whom it marks. */
import { readInt64, writeInt64 } from '../base/bytes.js';

export interface Erased {
  /** Of the version's first write. */
  firstSeq: number;
  /** It marks the key in earlier snapshots alone: in the store it was let go already. */
  isForSnapshots: boolean;
}

export function encodeErased({ firstSeq, isForSnapshots }: Erased): Buffer {
  const bytes = Buffer.alloc(8);
  writeInt64(bytes, isForSnapshots ? -firstSeq : firstSeq, 0);
  return bytes;
}

export function decodeErased(value: Buffer): Erased {
  const seq = readInt64(value, 0);
  return { firstSeq: Math.abs(seq), isForSnapshots: seq < 0 };
}
