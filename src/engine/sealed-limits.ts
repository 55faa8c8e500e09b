/** How many sealed logs may wait to be flushed before writers do: they are memory to whoever reads. */
import {
  walBytesMax,
  walSealedLimit,
  walSealedMax,
  walSealedMemoryMax,
  walSealedShare,
} from '../base/limits.js';
import type { Generation } from './generation.js';

type Sealed = readonly Generation[];

/** A memtable is a copy of a log's records, and about so much for each of them. */
const memtableEntryBytes = 28;

export class SealedLimits {
  readonly #logs: number;

  /** @param memoryBytes the writer's memory tier */
  constructor(memoryBytes: number) {
    const share = Math.floor((memoryBytes * walSealedShare) / walBytesMax);
    this.#logs = Math.min(walSealedLimit, Math.max(walSealedMax, share));
  }

  /** Too many to go on writing without waiting for a flush of this process. */
  areTooMany(sealed: Sealed): boolean {
    return sealed.length >= this.#logs || areTooMuch(sealed);
  }

  /** …and for one of another process. */
  areFarTooMany(sealed: Sealed): boolean {
    return sealed.length >= walSealedLimit || areTooMuch(sealed);
  }
}

function areTooMuch(sealed: Sealed): boolean {
  if (sealed.length < walSealedMax) return false;
  return sealed.reduce((sum, each) => sum + memoryOf(each), 0) >= walSealedMemoryMax;
}

function memoryOf(sealed: Generation): number {
  const entries = sealed.committed().seq - sealed.file.header.baseSeq;
  return sealed.file.size() + entries * memtableEntryBytes;
}
