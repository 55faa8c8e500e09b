/** Filter and index blocks, collected while the data are written and written after them. */
import { copyOf } from '../base/bytes.js';
import { blockBytesTarget } from '../base/limits.js';
import { FilterBlockBuilder } from './bloom-filter.js';
import type { Handle } from './data-block.js';
import { type Bounds, DirectoryBuilder, type Separator } from './directory.js';
import type { Checksums } from './format.js';
import type { SegmentOutput } from './segment-output.js';

/** A finished block that waits for its place in the file. */
export interface Part {
  bytes: Buffer;
  separator: Separator;
  /** Absent for filter blocks. */
  bounds?: Bounds;
}

/** Makes filter blocks of a run of keys. */
export class FilterParts {
  readonly #block = new FilterBlockBuilder();
  readonly #parts: Part[] = [];
  #separator: Separator | undefined;

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

  finish(): Part[] {
    this.#close();
    return this.#parts;
  }

  #close(): void {
    if (this.#separator === undefined) return;
    this.#parts.push({ bytes: this.#block.finish(), separator: this.#separator });
    this.#separator = undefined;
  }
}

/** Makes index blocks of a run of data blocks. */
export class IndexParts {
  readonly #block = new DirectoryBuilder();
  readonly #parts: Part[] = [];
  #separator: Separator | undefined;

  add(separator: Separator, handle: Handle, bounds: Bounds): void {
    this.#separator ??= separator;
    this.#block.add(separator, handle, bounds);
    if (this.#block.bytes >= blockBytesTarget) this.#close();
  }

  finish(): Part[] {
    this.#close();
    return this.#parts;
  }

  #close(): void {
    if (this.#separator === undefined) return;
    const bounds = this.#block.bounds;
    this.#parts.push({ bytes: copyOf(this.#block.finish()), separator: this.#separator, bounds });
    this.#separator = undefined;
  }
}

/** Writes bytes as a part of the segment; answers where they lie. */
export function writePart(bytes: Buffer, output: SegmentOutput, checksums: Checksums): Handle {
  const offset = output.position;
  const handle = { offset, length: bytes.length, checksum: checksums.of(bytes, offset) };
  output.write(bytes);
  return handle;
}

/** Writes parts one after the other; answers the directory of them, which is not written yet. */
export function writeParts(parts: Part[], output: SegmentOutput, checksums: Checksums): Buffer {
  const directory = new DirectoryBuilder();
  for (const { bytes, separator, bounds } of parts) {
    directory.add(separator, writePart(bytes, output, checksums), bounds);
  }
  return copyOf(directory.finish());
}
