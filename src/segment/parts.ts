/**
 * Filter and index blocks: written among the data as soon as they are full, and noted in a directory,
 * which alone waits in memory until the end (about a ten-thousandth of the data).
 */
import { blockBytesTarget } from '../base/limits.js';
import { FilterBlockBuilder } from './bloom-filter.js';
import type { Handle } from './data-block.js';
import { type Bounds, DirectoryBuilder, type Separator } from './directory.js';

/** Writes bytes as a part of the segment; answers where they lie. */
type WritePart = (bytes: Buffer) => Handle;

/** Makes filter blocks of a run of keys. */
export class FilterParts {
  readonly #write: WritePart;
  readonly #block = new FilterBlockBuilder();
  readonly #directory = new DirectoryBuilder();
  #separator: Separator | undefined;

  constructor(write: WritePart) {
    this.#write = write;
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

  /** Writes the last block; answers the directory, which is not written yet. */
  finish(): Buffer {
    this.#close();
    return this.#directory.finish();
  }

  #close(): void {
    if (this.#separator === undefined) return;
    this.#directory.add(this.#separator, this.#write(this.#block.finish()));
    this.#separator = undefined;
  }
}

/** Makes index blocks of a run of data blocks. */
export class IndexParts {
  readonly #write: WritePart;
  readonly #block = new DirectoryBuilder();
  readonly #directory = new DirectoryBuilder();
  #separator: Separator | undefined;

  constructor(write: WritePart) {
    this.#write = write;
  }

  add(separator: Separator, handle: Handle, bounds: Bounds): void {
    this.#separator ??= separator;
    this.#block.add(separator, handle, bounds);
    if (this.#block.bytes >= blockBytesTarget) this.#close();
  }

  /** Writes the last block; answers the directory (the top index), which is not written yet. */
  finish(): Buffer {
    this.#close();
    return this.#directory.finish();
  }

  #close(): void {
    if (this.#separator === undefined) return;
    const bounds = this.#block.bounds;
    this.#directory.add(this.#separator, this.#write(this.#block.finish()), bounds);
    this.#separator = undefined;
  }
}
