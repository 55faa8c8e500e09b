import { type Found, Span } from '../base/cursor.js';
import type { Kind } from '../base/entry.js';
import { damaged } from '../base/errors.js';
import type { FileSystem } from '../disk/file-system.js';
import type { BlockCache } from './block-cache.js';
import { BlockMemory } from './block-memory.js';
import { hashKey, mayContain } from './bloom-filter.js';
import { DataBlock, type Handle } from './data-block.js';
import { Directory } from './directory.js';
import type { SegmentProperties } from '../base/segment-properties.js';
import { SegmentBlocks } from './segment-blocks.js';
import { SegmentCursor } from './segment-cursor.js';
import { SegmentFile } from './segment-file.js';

/** An open segment. All reads are of verified bytes; a damaged part fails only who needs it. */
export class SegmentReader {
  readonly properties: SegmentProperties;
  readonly #blocks: SegmentBlocks;
  // Both turn from block to block.
  readonly #index = new Directory();
  readonly #data = new DataBlock();
  readonly #valueMemory = new BlockMemory();

  private constructor(properties: SegmentProperties, blocks: SegmentBlocks) {
    this.properties = properties;
    this.#blocks = blocks;
  }

  /**
   * Opens a segment, reading its header and its end.
   * @param expected what the catalog knows of it; a file that differs is damaged
   * @throws the system's own error if the file is gone (ENOENT)
   */
  static open(
    fileSystem: FileSystem,
    path: string,
    expected: { storeId: string } & SegmentProperties,
    cache: BlockCache,
  ): SegmentReader {
    const { storeId, ...properties } = expected;
    const file = new SegmentFile(fileSystem, path, properties.bytes);
    try {
      if (file.identity.storeId !== storeId) {
        throw damaged(path, 24, `it belongs to the store ${file.identity.storeId}`);
      }
      if (file.identity.segmentId !== properties.id) {
        throw damaged(path, 40, `it is the segment ${file.identity.segmentId}`);
      }
      if (file.footer.checksum !== properties.checksum) {
        throw damaged(path, file.bytes, 'its footer is not the one in the catalog');
      }
      return new SegmentReader(properties, new SegmentBlocks(file, cache));
    } catch (error) {
      file.close();
      throw error;
    }
  }

  /** What is held in memory beside the block cache, sooner or later. */
  get memoryBytes(): number {
    return this.#blocks.memoryBytes;
  }

  /**
   * The first entry at or after (key, timestamp, ∞) that is of this key. Reads at most one filter
   * block, one index block and one data block.
   */
  find(key: Buffer, timestamp: number): Found | undefined {
    if (!this.#mayHold(key)) return undefined;
    const { path } = this.#blocks.file;
    const top = this.#blocks.topIndex;
    top.read(Math.max(0, top.lastAtOrBefore(key, timestamp, Infinity)));
    const index = this.#index;
    index.open(this.#blocks.indexBlock(top), path, top.offset);
    index.read(Math.max(0, index.lastAtOrBefore(key, timestamp, Infinity)));
    if (timestamp < index.minTimestamp) return undefined;

    const data = this.#data;
    data.open(this.#blocks.dataBlock(index), path, index.offset);
    if (!data.openKey(key)) return undefined;
    const version = data.firstVersionAtOrAfter(timestamp, Infinity);
    if (version === data.versions) return undefined;
    return new FoundVersion(data, version, this.#blocks, this.#valueMemory);
  }

  /** A new position in the segment, valid nowhere yet. Closed, it gives its memory to the next. */
  cursor(): SegmentCursor {
    return new SegmentCursor(this.#blocks);
  }

  /** Any number of times. Views that were handed out stay readable, except of large values. */
  close(): void {
    this.#blocks.close();
  }

  #mayHold(key: Buffer): boolean {
    const filters = this.#blocks.filterDirectory;
    filters.read(Math.max(0, filters.lastAtOrBefore(key, Infinity, Infinity)));
    return mayContain(this.#blocks.filterBlock(filters), hashKey(key));
  }
}

/** Reads a value only when asked: a tombstone or an expired value never costs anything. */
class FoundVersion implements Found {
  readonly timestamp: number;
  readonly seq: number;
  readonly kind: Kind;
  readonly expiresAt: number;
  readonly #inline = new Span();
  readonly #extent: Handle | undefined;
  readonly #blocks: SegmentBlocks;
  readonly #memory: BlockMemory;

  constructor(data: DataBlock, version: number, blocks: SegmentBlocks, memory: BlockMemory) {
    this.timestamp = data.timestamp(version);
    this.seq = data.seq(version);
    this.kind = data.kind(version);
    this.expiresAt = data.expiresAt(version);
    const start = data.valueStart(version);
    const end = data.valueEnd(version);
    this.#extent = data.isInExtent(version) ? data.reference(start, end) : undefined;
    if (this.#extent === undefined) this.#inline.set(data.bytes, start, end);
    this.#blocks = blocks;
    this.#memory = memory;
  }

  get value(): Buffer {
    if (this.#extent !== undefined) return this.#blocks.extent(this.#extent, true);
    const { bytes, start, end } = this.#inline;
    return bytes.subarray(start, end);
  }

  keep(): void {
    const { bytes, start, end } = this.#inline;
    this.#inline.set(this.#memory.copy(bytes, start, end), 0, end - start);
  }
}
