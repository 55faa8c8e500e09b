import { damaged } from '../base/errors.js';
import { blockBytesTarget, valueBytesMax } from '../base/limits.js';
import type { BlockCache } from './block-cache.js';
import type { CursorMemories } from './cursor-memory.js';
import type { Handle } from './data-block.js';
import { Directory } from './directory.js';
import { headerBytes } from './format.js';
import type { SegmentFile } from './segment-file.js';

/** Extents up to this size go through the block cache. */
const extentCachedBytesMax = 4 * blockBytesTarget;

/**
 * The parts of an open segment, from the cache or from its file, always verified. What is handed out
 * is a view that holds until the next part is asked for, of whichever segment.
 */
export class SegmentBlocks {
  readonly file: SegmentFile;
  readonly #cache: BlockCache;
  /** The segment's number in the cache. */
  readonly #number: number;
  #topIndex: Directory | undefined;
  #filterDirectory: Directory | undefined;

  constructor(file: SegmentFile, cache: BlockCache) {
    this.file = file;
    this.#cache = cache;
    this.#number = cache.addSegment();
  }

  /** What the two directories take, which are held from their first use on. */
  get memoryBytes(): number {
    const { filterDirectory, properties } = this.file.footer.sections;
    return properties - filterDirectory;
  }

  /** Of the index blocks. */
  get topIndex(): Directory {
    this.#topIndex ??= this.#directory('topIndex', 'properties');
    return this.#topIndex;
  }

  /** Of the filter blocks. */
  get filterDirectory(): Directory {
    this.#filterDirectory ??= this.#directory('filterDirectory', 'topIndex');
    return this.#filterDirectory;
  }

  get cursorMemories(): CursorMemories {
    return this.#cache.cursorMemories;
  }

  filterBlock(part: Handle): Buffer {
    return this.#cached(part, 'a filter block');
  }

  indexBlock(part: Handle): Buffer {
    return this.#cached(part, 'an index block');
  }

  dataBlock(part: Handle): Buffer {
    return this.#cached(part, 'a data block');
  }

  /** A part that happens to be in the cache, without counting as a use of it. */
  peek(part: Handle): Buffer | undefined {
    return this.#cache.peek(this.#number, part.offset);
  }

  /**
   * A large value. One that is not kept is a view that holds until the next one is read, from
   * whichever segment: large buffers that come and go would pile up in memory.
   * @param isKept put it into the cache, if it is small enough for that
   */
  extent(part: Handle, isKept: boolean): Buffer {
    if (isKept && part.length <= extentCachedBytesMax) return this.#cached(part, 'a value');
    this.#requireInside(part, 'a value');
    const bytes = this.#cache.scratch(part.length);
    this.#readInto(bytes, part, 'a value');
    return bytes;
  }

  close(): void {
    this.#cache.dropSegment(this.#number);
    this.file.close();
  }

  #cached(part: Handle, what: string): Buffer {
    const cached = this.#cache.get(this.#number, part.offset);
    if (cached) return cached;
    this.#requireInside(part, what);
    return this.#cache.add(this.#number, part.offset, part.length, (bytes) => {
      this.#readInto(bytes, part, what);
    });
  }

  #readInto(bytes: Buffer, part: Handle, what: string): void {
    this.file.readInto(bytes, part.offset);
    this.file.verify(bytes, part, what);
  }

  /** No length is believed before it is checked, so none makes us take more memory than it needs. */
  #requireInside({ offset, length }: Handle, what: string): void {
    const end = this.file.footer.sections.filterDirectory;
    if (offset < headerBytes || offset + length > end || length > valueBytesMax) {
      throw damaged(this.file.path, offset, `${what} is said to lie where none can be`);
    }
  }

  #directory(section: 'filterDirectory' | 'topIndex', next: 'topIndex' | 'properties'): Directory {
    const { sections, checksums } = this.file.footer;
    const offset = sections[section];
    const start = offset - sections.filterDirectory;
    const bytes = this.file.directories.subarray(start, sections[next] - sections.filterDirectory);
    const what = section === 'topIndex' ? 'the top index' : 'the filter directory';
    this.file.verify(bytes, { offset, length: bytes.length, checksum: checksums[section] }, what);
    const directory = new Directory();
    directory.open(bytes, this.file.path, offset);
    return directory;
  }
}
