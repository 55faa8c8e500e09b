import { type Found, Span } from '../base/cursor.js';
import { Kind } from '../base/entry.js';
import { damaged } from '../base/errors.js';
import type { FileSystem } from '../disk/file-system.js';
import type { BlockCache } from './block-cache.js';
import { BlockMemory } from './block-memory.js';
import { hashKey, mayContain } from './bloom-filter.js';
import { DataBlock, type Handle } from './data-block.js';
import type { SegmentProperties } from '../base/segment-properties.js';
import { notAtHand, nowhere, SegmentBlocks } from './segment-blocks.js';
import { SegmentCursor } from './segment-cursor.js';
import { SegmentFile } from './segment-file.js';

/** A filter is asked first until so many keys in a row were here… */
const presentBeforeFirst = 8;
/** …and before anything is read until so many were: then it would say yes once more. */
const presentBeforeReads = 256;

/** An open segment. All reads are of verified bytes; a damaged part fails only who needs it. */
export class SegmentReader {
  readonly properties: SegmentProperties;
  readonly #blocks: SegmentBlocks;
  /** Turns from block to block. */
  readonly #data = new DataBlock();
  readonly #span = new Span();
  readonly #found: FoundVersion;
  /** So many keys that were looked for in a row are here. */
  #present = 0;

  private constructor(properties: SegmentProperties, blocks: SegmentBlocks) {
    this.properties = properties;
    this.#blocks = blocks;
    this.#found = new FoundVersion(blocks);
  }

  /**
   * Opens a segment, reading its header and its end.
   * @param expected what the catalog knows of it; a file that differs is damaged
   * @throws the system's own error if the file is gone (ENOENT)
   */
  static open(
    fileSystem: FileSystem,
    path: string,
    expected: { storeIds: readonly string[] } & SegmentProperties,
    cache: BlockCache,
  ): SegmentReader {
    const { storeIds, ...properties } = expected;
    const file = new SegmentFile(fileSystem, path, properties.bytes);
    try {
      if (!storeIds.includes(file.identity.storeId)) {
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

  /** True if data blocks may be deflated. */
  get isDeflated(): boolean {
    return this.#blocks.file.identity.isDeflated;
  }

  /** Fills the buffer with what lies in the file from the offset on, whatever that is. */
  readInto(into: Buffer, offset: number): void {
    this.#blocks.file.readInto(into, offset);
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
    const blocks = this.#blocks;
    const span = this.#span;
    // A filter saves what has to be read. Where the block is at hand, looking into it costs no more,
    // unless most of the keys that are looked for are not here; where all are, it saves nothing.
    const asksFirst = this.#present < presentBeforeFirst;
    if (asksFirst && this.#isFilteredOut(key)) return undefined;
    let offset = blocks.locateAtHand(key, timestamp, span);
    if (offset === notAtHand) {
      const asksNone = this.#present >= presentBeforeReads;
      if (!asksFirst && !asksNone && this.#isFilteredOut(key)) return undefined;
      offset = asksNone
        ? this.#locateUnasked(key, timestamp)
        : blocks.locateData(key, timestamp, span);
    }
    if (offset === nowhere) return undefined;

    const data = this.#data;
    data.openIn(span, blocks.file.path, offset);
    if (!data.openKey(key)) {
      this.#present = 0;
      return undefined;
    }
    if (this.#present < presentBeforeReads) this.#present++;
    const version = data.firstVersionAtOrAfter(timestamp, Infinity);
    if (version === data.versions) return undefined;
    this.#found.set(data, version);
    return this.#found;
  }

  /** Without the filter; but what is damaged concerns only keys that it does not rule out. */
  #locateUnasked(key: Buffer, timestamp: number): number {
    try {
      return this.#blocks.locateData(key, timestamp, this.#span);
    } catch (error) {
      if (this.#isFilteredOut(key)) return nowhere;
      throw error;
    }
  }

  #isFilteredOut(key: Buffer): boolean {
    this.#blocks.locateFilter(key, this.#span);
    if (mayContain(this.#span, hashKey(key))) return false;
    this.#present = 0;
    return true;
  }

  /** A new position in the segment, valid nowhere yet. Closed, it gives its memory to the next. */
  cursor(): SegmentCursor {
    return new SegmentCursor(this.#blocks, this.#hasExpiries);
  }

  /** The same over its entries in the order of expiry; undefined if there are none. Goes forward only. */
  expiries(): SegmentCursor | undefined {
    return this.#hasExpiries ? new SegmentCursor(this.#blocks, false) : undefined;
  }

  get #hasExpiries(): boolean {
    return (this.properties.traits?.expiries ?? 0) > 0;
  }

  /** Any number of times. Views that were handed out stay readable, except of large values. */
  close(): void {
    this.#blocks.close();
  }
}

/**
 * Reads a value only when asked: a tombstone or an expired value never costs anything. One object
 * serves for all lookups in a segment.
 */
class FoundVersion implements Found {
  timestamp = 0;
  seq = 0;
  kind: Kind = Kind.value;
  expiresAt = Infinity;
  readonly #inline = new Span();
  #extent: Handle | undefined;
  readonly #blocks: SegmentBlocks;
  readonly #memory = new BlockMemory();

  constructor(blocks: SegmentBlocks) {
    this.#blocks = blocks;
  }

  set(data: DataBlock, version: number): void {
    this.timestamp = data.timestamp(version);
    this.seq = data.seq(version);
    this.kind = data.kind(version);
    this.expiresAt = data.expiresAt(version);
    const inline = this.#inline;
    data.locateValue(version, inline);
    this.#extent = data.isInExtent(version) ? data.reference(inline) : undefined;
  }

  get value(): Buffer {
    if (this.#extent !== undefined) return this.#blocks.extent(this.#extent, true);
    const { bytes, start, end } = this.#inline;
    return bytes.subarray(start, end);
  }

  locateValue(into: Span): void {
    if (this.#extent === undefined) {
      const { bytes, start, end } = this.#inline;
      into.set(bytes, start, end);
    } else {
      const { value } = this;
      into.set(value, 0, value.length);
    }
  }

  keep(): void {
    if (this.#extent !== undefined) return;
    const { bytes, start, end } = this.#inline;
    this.#inline.set(this.#memory.copy(bytes, start, end), 0, end - start);
  }
}
