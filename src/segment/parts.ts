/**
 * Filter and index blocks: made among the data as soon as they are full, and noted in a directory,
 * which alone waits in memory until the end (about a ten-thousandth of the data). They are written a
 * few at a time, so that who needs one of them can read its neighbours with it.
 */
import { blockBytesTarget, neighbourBytesMax } from '../base/limits.js';
import { FilterBlockBuilder } from './bloom-filter.js';
import { ByteWriter } from './byte-writer.js';
import type { Handle } from './data-block.js';
import { type Bounds, DirectoryBuilder, type Separator } from './directory.js';
import type { TableState } from './key-table.js';

/** Writes bytes as a part of the segment; answers where they lie. */
type WritePart = (bytes: Buffer) => Handle;

interface HeldPart {
  separator: Separator;
  bounds: Bounds | undefined;
  // Where it lies among what is held.
  start: number;
  end: number;
}

/** Parts that wait to be written side by side, and the directory that they are noted in then. */
class NeighbourParts {
  readonly #write: WritePart;
  readonly #bytes = new ByteWriter(blockBytesTarget);
  #held: HeldPart[] = [];
  readonly #directory = new DirectoryBuilder();

  constructor(write: WritePart) {
    this.#write = write;
  }

  /** @param bounds absent for parts without timestamps */
  add(separator: Separator, part: Buffer, bounds?: Bounds): void {
    if (this.#bytes.length + part.length > neighbourBytesMax) this.#writeHeld();
    const start = this.#bytes.length;
    this.#bytes.bytes(part);
    this.#held.push({ separator, bounds, start, end: this.#bytes.length });
  }

  /** Writes what still waits; answers the directory, which is not written yet. */
  finish(): Buffer {
    this.#writeHeld();
    return this.#directory.finish();
  }

  /** Writes what still waits; answers the directory so far, for `restore`. */
  pause(): TableState {
    this.#writeHeld();
    return this.#directory.save();
  }

  restore(state: TableState): void {
    this.#directory.restore(state);
  }

  #writeHeld(): void {
    const bytes = this.#bytes.written;
    for (const { separator, bounds, start, end } of this.#held) {
      this.#directory.add(separator, this.#write(bytes.subarray(start, end)), bounds);
    }
    this.#held = [];
    this.#bytes.reset();
  }
}

/** Makes filter blocks of a run of keys. */
export class FilterParts {
  readonly #parts: NeighbourParts;
  readonly #block = new FilterBlockBuilder();
  #separator: Separator | undefined;

  constructor(write: WritePart) {
    this.#parts = new NeighbourParts(write);
  }

  /** True if the next key begins a filter block, which needs a separator. */
  get isBetween(): boolean {
    return this.#separator === undefined;
  }

  /** @param separator separates the next key from the one before */
  begin(separator: Separator): void {
    this.#separator = separator;
  }

  add(key: Buffer): void {
    this.#block.add(key);
    if (this.#block.isFull) this.#close();
  }

  /** Writes the last blocks; answers the directory, which is not written yet. */
  finish(): Buffer {
    this.#close();
    return this.#parts.finish();
  }

  /** Ends the block that is being filled; answers what is to be gone on with. */
  pause(): TableState {
    this.#close();
    return this.#parts.pause();
  }

  restore(state: TableState): void {
    this.#parts.restore(state);
  }

  #close(): void {
    if (this.#separator === undefined) return;
    this.#parts.add(this.#separator, this.#block.finish());
    this.#separator = undefined;
  }
}

/** Makes index blocks of a run of data blocks. */
export class IndexParts {
  readonly #parts: NeighbourParts;
  readonly #block = new DirectoryBuilder();
  #separator: Separator | undefined;

  constructor(write: WritePart) {
    this.#parts = new NeighbourParts(write);
  }

  add(separator: Separator, handle: Handle, bounds: Bounds): void {
    this.#separator ??= separator;
    this.#block.add(separator, handle, bounds);
    if (this.#block.bytes >= blockBytesTarget) this.#close();
  }

  /** Writes the last blocks; answers the directory (the top index), which is not written yet. */
  finish(): Buffer {
    this.#close();
    return this.#parts.finish();
  }

  /** Ends the block that is being filled; answers what is to be gone on with. */
  pause(): TableState {
    this.#close();
    return this.#parts.pause();
  }

  restore(state: TableState): void {
    this.#parts.restore(state);
  }

  #close(): void {
    if (this.#separator === undefined) return;
    const bounds = this.#block.bounds;
    this.#parts.add(this.#separator, this.#block.finish(), bounds);
    this.#separator = undefined;
  }
}
