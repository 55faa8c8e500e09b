import type { CursorMemory } from './cursor-memory.js';
import { DataBlock } from './data-block.js';
import { Directory } from './directory.js';
import { Lease } from './lease.js';
import { ReadAhead } from './read-ahead.js';
import type { SegmentBlocks } from './segment-blocks.js';

/** After so many blocks without a jump a cursor is on a long scan. */
const longScanBlocks = 64;

/** The way of a cursor to its entry: an index block, and a data block of it. Both are read in place. */
export class BlockPath {
  readonly #blocks: SegmentBlocks;
  readonly memory: CursorMemory;
  readonly index = new Directory();
  readonly data = new DataBlock();
  /** Their numbers in the top index and in the index block; −1: none is open. */
  indexBlock = -1;
  dataBlock = -1;
  readonly #indexLease: Lease;
  readonly #dataLease: Lease;
  #indexOffset = 0;
  #dataOffset = 0;
  readonly #readAhead: ReadAhead;
  #blocksInSequence = 0;

  /** @param onMoved called when the data block lies elsewhere all of a sudden */
  constructor(blocks: SegmentBlocks, onMoved: () => void) {
    this.#blocks = blocks;
    this.memory = blocks.cursorMemories.take();
    this.#indexLease = new Lease(this.memory.index, () => {
      this.#readIndex();
    });
    this.#dataLease = new Lease(this.memory.data, () => {
      this.#readData();
      onMoved();
    });
    blocks.leases.add(this.#indexLease).add(this.#dataLease);
    this.#readAhead = new ReadAhead(blocks, this.memory);
  }

  get isLongScan(): boolean {
    return this.#blocksInSequence > longScanBlocks;
  }

  /** The next data block to be opened is not the one next to that at hand. */
  jump(): void {
    this.#blocksInSequence = 0;
  }

  /** It is. */
  step(): void {
    this.#blocksInSequence++;
  }

  openIndex(block: number): void {
    this.indexBlock = this.dataBlock = -1;
    const top = this.#blocks.topIndex;
    top.read(block);
    this.#indexOffset = top.offset;
    this.#blocks.leaseIndex(top, this.#indexLease);
    this.#readIndex();
    this.indexBlock = block;
  }

  openData(block: number): void {
    this.dataBlock = -1;
    const blocks = this.#blocks;
    const { isLongScan } = this;
    const ahead = this.#readAhead;
    const fences = isLongScan ? undefined : blocks.fencesOf(this.indexBlock);
    if (fences === undefined) {
      const { index } = this;
      index.read(block);
      this.#dataOffset = index.offset;
      const source = ahead.sourceOf(index.offset, index.length);
      if (isLongScan) ahead.leaseData(index, this.#dataLease);
      else blocks.leaseData(index, this.#dataLease, source);
    } else {
      this.#dataOffset = fences.offset(block);
      const source = ahead.sourceOf(this.#dataOffset, fences.length(block));
      blocks.leaseFenced(fences, block, this.#dataLease, source);
    }
    this.#readData();
    this.dataBlock = block;
  }

  /** True if the block behind this one surely begins with the key of this one's last group. */
  get keyGoesOn(): boolean {
    const next = this.dataBlock + 1;
    if (next >= this.index.count) return false;
    const fences = this.#blocks.fencesOf(this.indexBlock);
    return (fences ?? this.index).separatesVersions(next);
  }

  /** True if the entries on both sides of the place are surely those of the block at hand. */
  holds(key: Buffer, timestamp: number, seq: number): boolean {
    const block = this.dataBlock;
    return (
      block >= 0 &&
      block + 1 < this.index.count &&
      this.index.isAtOrBefore(block, key, timestamp, seq) &&
      !this.index.isAtOrBefore(block + 1, key, timestamp, seq)
    );
  }

  /** Once. Nothing of it is used afterwards. */
  close(): void {
    this.#blocks.leases.delete(this.#indexLease);
    this.#blocks.leases.delete(this.#dataLease);
    this.#blocks.cursorMemories.giveBack(this.memory);
  }

  /** Where the index block lies now. */
  #readIndex(): void {
    this.index.openIn(this.#indexLease.span, this.#blocks.file.path, this.#indexOffset);
  }

  /** Where the data block lies now. */
  #readData(): void {
    this.data.openIn(this.#dataLease.span, this.#blocks.file.path, this.#dataOffset);
  }
}
