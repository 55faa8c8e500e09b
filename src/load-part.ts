/**
 * The rows of a load that wait for their commit. Plain ones are packed as they come; from the first
 * one with conditions on, the rest of the part is kept as it was asked for.
 */
import { copyOf } from './base/bytes.js';
import { MiB } from './base/limits.js';
import type { RowBytes } from './base/row-bytes.js';
import { bytesWrite, PlainRow, readPlainRow, rowWrite, type Checking } from './checks.js';
import { briefly } from './codecs.js';
import type { Engine } from './engine/engine.js';
import type { Batch, Write } from './engine/judge.js';
import { PackedRows } from './engine/packed-rows.js';
import type { Codec, LoadOptions, LoadRow } from './options.js';
import { checkRowBytes, isRowBytes } from './row-bytes.js';

/** A part is committed when it reaches this share of the memory tier. */
const partShare = 1 / 64;
const partBytesMax = MiB;
/** Rows that are no more than objects cost many times their bytes. */
const looseRowsMax = 1000;

/** @returns how many versions were committed */
export function loadRows<V>(
  engine: Engine,
  codec: Codec<V>,
  rows: Iterable<LoadRow<V> | RowBytes> | AsyncIterable<LoadRow<V> | RowBytes>,
  { onProgress }: LoadOptions,
): Promise<number> {
  const { unit, memoryBytes } = engine;
  const part = new LoadPart(
    Math.min(partBytesMax, memoryBytes * partShare),
    { unit, codec: briefly(codec), mustCopy: false },
    (batch) => engine.commit(batch),
    onProgress,
  );
  return part.addAll(rows);
}

class LoadPart<V> {
  readonly #bytesMax: number;
  readonly #checking: Checking<V>;
  readonly #plain = new PlainRow();
  readonly #commit: (batch: Batch) => Promise<unknown>;
  readonly #onProgress: ((committed: number) => void) | undefined;
  readonly #packed = new PackedRows();
  #loose: Write[] = [];
  #looseBytes = 0;
  #isBroken = false;
  committed = 0;

  constructor(
    bytesMax: number,
    checking: Checking<V>,
    commit: (batch: Batch) => Promise<unknown>,
    onProgress: ((committed: number) => void) | undefined,
  ) {
    this.#bytesMax = bytesMax;
    this.#checking = checking;
    this.#commit = commit;
    this.#onProgress = onProgress;
  }

  /**
   * Takes and commits all rows. One that is refused ends it.
   * @returns how many were committed
   */
  async addAll(
    rows: Iterable<LoadRow<V> | RowBytes> | AsyncIterable<LoadRow<V> | RowBytes>,
  ): Promise<number> {
    try {
      // Two loops, since awaiting each row of a plain iterable would cost more than storing it.
      if (Symbol.iterator in rows) {
        for (const row of rows) if (this.#add(row)) await this.#commitAll();
      } else {
        for await (const row of rows) if (this.#add(row)) await this.#commitAll();
      }
    } catch (error) {
      await this.#commitAll(); // The rows before the one that was refused count.
      throw error;
    }
    await this.#commitAll();
    return this.committed;
  }

  /** Takes a row, and copies its bytes; true if the part is to be committed now. */
  #add(row: LoadRow<V> | RowBytes): boolean {
    if (isRowBytes(row)) return this.#addBytes(row);
    const checking = this.#checking;
    if (this.#loose.length === 0 && readPlainRow(checking, row, this.#plain)) {
      this.#packed.add(this.#plain, this.#plain.isTimed);
      return this.#packed.bytes >= this.#bytesMax;
    }
    const write = rowWrite(checking, row);
    if (this.#loose.length === 0 && this.#isPacked(write)) {
      const { kind, key, value, at, expiresAt = Infinity } = write;
      this.#packed.add({ kind, key, value, timestamp: at ?? 0, expiresAt }, at !== undefined);
      return this.#packed.bytes >= this.#bytesMax;
    }
    return this.#addLoose({ ...write, value: copyOf(write.value) });
  }

  #addBytes(row: RowBytes): boolean {
    checkRowBytes(row);
    if (this.#loose.length === 0 && (row.at !== undefined || this.#checking.unit === 'us')) {
      this.#packed.addBytes(row);
      return this.#packed.bytes >= this.#bytesMax;
    }
    return this.#addLoose(bytesWrite(row));
  }

  #addLoose(write: Write): boolean {
    this.#loose.push(write);
    this.#looseBytes += write.key.length + write.value.length;
    return this.#looseBytes >= this.#bytesMax || this.#loose.length >= looseRowsMax;
  }

  /** Commits what waits, in order. After a commit that failed nothing follows. */
  async #commitAll(): Promise<void> {
    if (this.#packed.count > 0) {
      const { count } = this.#packed;
      if (!(await this.#commitBatch(this.#packed))) return;
      this.#packed.clear();
      this.#tellProgress(count);
    }
    if (this.#loose.length > 0) {
      const writes = this.#loose;
      this.#loose = [];
      this.#looseBytes = 0;
      if (await this.#commitBatch({ writes, nowPerWrite: true })) this.#tellProgress(writes.length);
    }
  }

  /** False if a batch before it has failed. */
  async #commitBatch(batch: Batch): Promise<boolean> {
    if (this.#isBroken) return false;
    this.#isBroken = true;
    await this.#commit(batch);
    this.#isBroken = false;
    return true;
  }

  /** Only once the rows no longer wait: the caller's function may throw, and they are committed. */
  #tellProgress(rows: number): void {
    this.committed += rows;
    this.#onProgress?.(this.committed);
  }

  /** True if nothing about the row depends on what is there, or on a time that it has yet to get. */
  #isPacked({ at, ttl, expiresAt, onConflict, ifSeq }: Write): boolean {
    if (onConflict !== 'replace' || ifSeq !== undefined || ttl !== undefined) return false;
    if (at === undefined) return this.#checking.unit === 'us' && expiresAt === undefined;
    return expiresAt === undefined || expiresAt > at;
  }
}
