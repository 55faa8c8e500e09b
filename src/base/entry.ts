/**
 * An entry is a version inside the engine. This is the one ordering of the house:
 *
 *     key bytes ascending | timestamp descending | seq descending
 *     ────────────────────┼──────────────────────┼───────────────
 *     "a"                 | 20                   | 7
 *     "a"                 | 10                   | 9   ← replaced seq 3
 *     "a"                 | 10                   | 3
 *     "b"                 | 15                   | 1
 *
 * so the answer for (key, as of T) is the first entry at or after (key, T, ∞).
 */

/** Persisted in WAL and segments: never change these numbers. */
export const Kind = {
  value: 1,
  tombstone: 2,
  /** What stays of a value that has expired and was taken out: its times. */
  stub: 3,
  /** Hides every entry of its key and timestamp with a smaller seq, from every view. */
  erasure: 4,
  /** Hides every entry of its key with a smaller seq. Its timestamp is the largest there is. */
  historyErasure: 5,
  /** A stub that was not written in the order of expiry: it tells nothing of other versions. */
  importedStub: 6,
  /** Of its key, what has its timestamp or an earlier one was let go by retention. */
  mark: 7,
  /** An erasure and a mark: of a version before which nothing is known any more. */
  markingErasure: 8,
} as const;
export type Kind = (typeof Kind)[keyof typeof Kind];

/** True for the kinds that there are, of all numbers that can stand in a file. */
export function isKind(kind: number): kind is Kind {
  return kind >= Kind.value && kind <= Kind.markingErasure;
}

/** True for what hides every entry of its key and timestamp with a smaller seq. */
export function erasesVersion(kind: Kind): boolean {
  return kind === Kind.erasure || kind === Kind.markingErasure;
}

/** True for what answers no read itself, and hides what does. */
export function isErasure(kind: Kind): boolean {
  return erasesVersion(kind) || kind === Kind.historyErasure;
}

/** True for what says that the history of its key does not go back farther. */
export function isMark(kind: Kind): boolean {
  return kind === Kind.mark || kind === Kind.markingErasure;
}

/** True for what is no version, but says something of versions. */
export function isNote(kind: Kind): boolean {
  return isErasure(kind) || kind === Kind.mark;
}

/** True for what is left of a value that was taken out. */
export function isStub(kind: Kind): boolean {
  return kind === Kind.stub || kind === Kind.importedStub;
}

export interface Entry {
  /** UTF-8 bytes, 1 to 2,048 of them. */
  key: Buffer;
  /** Integer in the store's unit, |t| ≤ 2^53 − 1. */
  timestamp: number;
  /** Number of the operation in the store, from 1. */
  seq: number;
  kind: Kind;
  /** The value is, or was, valid in [timestamp, expiresAt); Infinity if it does not expire. */
  expiresAt: number;
  /** Empty unless it is a value. */
  value: Buffer;
}

/** Keys of usual length are compared sooner byte by byte than by a call. */
const loopBytesMax = 48;

/** Compares keys by their UTF-8 bytes: negative, 0 or positive. */
export function compareKeys(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length);
  if (length > loopBytesMax) return Buffer.compare(a, b);
  for (let at = 0; at < length; at++) {
    const difference = (a[at] as number) - (b[at] as number);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

/** Compares the place of two versions of one key: the later timestamp, then the greater seq, first. */
export function compareVersions(
  aTimestamp: number,
  aSeq: number,
  bTimestamp: number,
  bSeq: number,
): number {
  return bTimestamp - aTimestamp || bSeq - aSeq;
}
