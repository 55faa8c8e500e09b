/**
 * Writes a segment from entries in order. All blocks go out as they fill, so the memory that it takes
 * hardly grows with the segment:
 *
 *     header │ data blocks; between them extents, filter blocks and index blocks
 *            │ filter directory │ top index │ properties │ footer
 */
import { copyOf, noBytes } from '../base/bytes.js';
import type { EntryAt } from '../base/entry-at.js';
import { compareVersions, type Entry, isKind, Kind } from '../base/entry.js';
import { TimekvError } from '../base/errors.js';
import { isExpiryKey } from '../base/expiry-order.js';
import { blockBytesTarget, entryKeyBytesMax, valueBytesMax } from '../base/limits.js';
import type { SegmentProperties } from '../base/segment-properties.js';
import type { FileSystem } from '../disk/file-system.js';
import { BlockMemory } from './block-memory.js';
import { DataBlockBuilder } from './data-block-builder.js';
import { encodeReference, type Handle, referenceBytes } from './data-block.js';
import { beforeKey, type Separator } from './directory.js';
import { Deflater } from './deflate.js';
import { Checksums, encodeFooter, encodeHeader, footerBytes, type Header } from './format.js';
import { commonPrefixLength, type TableState } from './key-table.js';
import { roomInPage, zerosToPageEnd } from './pages.js';
import { FilterParts, IndexParts } from './parts.js';
import { encodeProperties, PropertiesBuilder, type Sums } from './properties.js';
import { SegmentOutput } from './segment-output.js';
import { StoredVersion } from './stored-version.js';

/** The seqs of all that a segment was made of, whether it is in it or not. */
export interface SeqRange {
  minSeq: number;
  maxSeq: number;
}

/** Values of more than this lie in extents. */
const inlineBytesMax = blockBytesTarget / 2;

/** A segment that is half made: what its writer knows, beside what is in the file. */
export interface WriterState {
  /** What it has written by then, in bytes. */
  position: number;
  index: TableState;
  filter: TableState;
  sums: Sums;
  // The entry added last.
  key: Buffer;
  timestamp: number;
  seq: number;
  lastVersionKey: Buffer | undefined;
}

type State = 'open' | 'syncing' | 'finished' | 'failed' | 'abandoned';

export class SegmentWriter {
  readonly #path: string;
  readonly segmentId: string;
  readonly #checksums: Checksums;
  readonly #output: SegmentOutput;
  readonly #deflater: Deflater | undefined;
  readonly #headerChecksum: number;
  #state: State = 'open';

  readonly #block = new DataBlockBuilder();
  /** Blocks are to end where pages do: as long as none is deflated, since that leaves any size. */
  #isAligned = true;
  /** Separates the block being filled from the ones written. */
  #separator: Separator | undefined;
  readonly #index = new IndexParts((bytes) => this.#writePart(bytes));
  readonly #filter = new FilterParts((bytes) => this.#writePart(bytes));
  readonly #properties: PropertiesBuilder;
  readonly #reference = Buffer.alloc(referenceBytes);

  readonly #version = new StoredVersion();

  // The entry before.
  #keyMemory = new BlockMemory();
  #key = noBytes;
  #nextKeyMemory = new BlockMemory();
  #timestamp = 0;
  #seq = 0;
  /** The last key of a version, once entries in the order of expiry follow. */
  #lastVersionKey: Buffer | undefined;

  /**
   * Creates the file, which must not exist yet.
   * @param of says too whether data blocks are to be deflated where that pays
   * @param from goes on with a file that was left in this state
   */
  constructor(fileSystem: FileSystem, path: string, of: Header, from?: WriterState) {
    this.#path = path;
    this.segmentId = of.segmentId;
    this.#checksums = new Checksums(of.segmentId);
    this.#deflater = of.isDeflated ? new Deflater() : undefined;
    const { header, checksum } = encodeHeader(of);
    this.#headerChecksum = checksum;
    this.#properties = new PropertiesBuilder(from?.sums);
    this.#output = new SegmentOutput(fileSystem, path, from?.position);
    if (from === undefined) this.#output.write(header);
    else this.#restore(from);
  }

  #restore({ index, filter, key, timestamp, seq, lastVersionKey }: WriterState): void {
    this.#index.restore(index);
    this.#filter.restore(filter);
    this.#keep(key);
    this.#timestamp = timestamp;
    this.#seq = seq;
    this.#lastVersionKey = lastVersionKey;
  }

  get entries(): number {
    return this.#properties.entries;
  }

  /** Size of the file so far: without the block being filled and what waits for the end. */
  get bytes(): number {
    return this.#output.position;
  }

  /**
   * Adds the next entry. Key and value may be views, they are copied. It must come after the one
   * before, in the order of base/entry.ts. After an error only `abandon` is left.
   */
  add({ key, timestamp, seq, kind, expiresAt, value }: Entry): void {
    const version = this.#version;
    version.timestamp = timestamp;
    version.seq = seq;
    version.kind = kind;
    version.expiresAt = expiresAt;
    version.value.set(value, 0, value.length);
    this.#add(key);
  }

  /**
   * The same of the entry that a cursor stands on, without making anything of it.
   * @param staysOnKey it has the key of the entry before
   */
  addFrom(cursor: EntryAt, staysOnKey: boolean): void {
    const version = this.#version;
    version.timestamp = cursor.timestamp;
    version.seq = cursor.seq;
    version.kind = cursor.kind;
    version.expiresAt = cursor.expiresAt;
    cursor.locateValue(version.value);
    this.#add(staysOnKey ? undefined : cursor.key);
  }

  /** @param given undefined: it is the key of the entry before */
  #add(given: Buffer | undefined): void {
    hold(this.#state === 'open', 'the segment is open');
    const version = this.#version;
    assertVersion(version);
    const last = this.#key;
    const key = given ?? last;
    hold(key.length > 0 && key.length <= entryKeyBytesMax, 'a key has 1 to 2,048 bytes');
    const shared = given === undefined ? key.length : commonPrefixLength(last, key);
    const isNewKey = shared < key.length || shared < last.length;
    this.#assertOrder(key, shared);
    if (isNewKey && this.#lastVersionKey === undefined && isExpiryKey(key)) this.#beginExpiries();

    const valueBytes = version.value.length;
    version.isInExtent = valueBytes > inlineBytesMax;
    if (version.isInExtent) this.#writeExtent(version);
    const fits =
      this.#separator !== undefined &&
      (isNewKey
        ? this.#block.fitsKey(key, shared, version.value.length)
        : this.#block.fitsVersion(version));
    if (!fits) this.#writeBlock();
    if (this.#separator === undefined) {
      this.#separator = this.#separatorBefore(key, shared);
      this.#block.bytesTarget = this.#isAligned
        ? roomInPage(this.#output.position)
        : blockBytesTarget;
    }
    if (isNewKey || !fits) this.#block.addKey(key, shared);
    this.#block.addVersion(version);
    if (isNewKey) {
      if (this.#lastVersionKey === undefined) this.#properties.addKey(key);
      if (this.#filter.isBetween) this.#filter.begin(this.#separatorBefore(key, shared));
      this.#filter.add(key);
      this.#keep(key);
    }
    if (this.#lastVersionKey === undefined) {
      this.#properties.add(version, key, key.length + valueBytes);
    } else {
      this.#properties.addExpiry();
    }
    this.#timestamp = version.timestamp;
    this.#seq = version.seq;
  }

  /** In a block of their own, so that a cursor over versions ends with a block. */
  #beginExpiries(): void {
    this.#lastVersionKey = copyOf(this.#key);
    this.#writeBlock();
  }

  /** The key before is needed until then, so there are two memories in turn. */
  #keep(key: Buffer): void {
    const memory = this.#nextKeyMemory;
    this.#nextKeyMemory = this.#keyMemory;
    this.#keyMemory = memory;
    this.#key = memory.copy(key);
  }

  /**
   * Writes the rest and syncs the file (not its directory). It must hold an entry. After an error
   * only `abandon` is left.
   * @param of the seqs that it stands for, if these are not just those of its entries
   */
  async finish(of?: SeqRange): Promise<SegmentProperties> {
    hold(this.#state === 'open', 'the segment is open');
    hold(this.entries > 0, 'a segment holds at least one entry');
    this.#state = 'failed';
    const properties = this.#writeEnd(of);
    await this.#sync();
    this.#output.close();
    this.#state = 'finished';
    return properties;
  }

  /**
   * Breaks off between two entries, for another writer to go on behind the last one: what was written
   * is synced, then the state put behind it and synced too. Afterwards nothing is left to be done.
   * @param encoded makes of the state what is put there
   */
  async pause(encoded: (state: WriterState) => Buffer): Promise<void> {
    hold(this.#state === 'open', 'the segment is open');
    hold(this.entries > 0, 'a segment holds at least one entry');
    this.#state = 'failed';
    this.#writeBlock();
    const index = this.#index.pause();
    const filter = this.#filter.pause();
    this.#output.flush();
    await this.#sync();
    const state = encoded({
      position: this.#output.position,
      index,
      filter,
      sums: this.#properties.sums,
      key: this.#key,
      timestamp: this.#timestamp,
      seq: this.#seq,
      lastVersionKey: this.#lastVersionKey,
    });
    this.#output.write(state);
    this.#output.flush();
    await this.#sync();
    this.#output.close();
    this.#state = 'finished';
  }

  /** To be called between entries, now and then: keeps the disk from falling far behind. */
  async keepUp(): Promise<void> {
    hold(this.#state === 'open', 'the segment is open');
    if (!this.#output.isAhead) return;
    await this.#sync();
    this.#state = 'open';
  }

  /** Closes and removes the file, at any time and any number of times; never a finished one. */
  abandon(): void {
    if (this.#state === 'finished' || this.#state === 'abandoned') return;
    // The file must not be closed under a sync: that is done afterwards.
    const isSyncing = this.#state === 'syncing';
    this.#state = 'abandoned';
    try {
      if (!isSyncing) this.#output.close();
    } finally {
      this.#output.remove();
    }
  }

  get #isAbandoned(): boolean {
    return this.#state === 'abandoned';
  }

  async #sync(): Promise<void> {
    this.#state = 'syncing';
    try {
      await this.#output.sync();
    } finally {
      if (this.#isAbandoned) this.#output.close();
      else this.#state = 'failed';
    }
    if (this.#isAbandoned) {
      throw new TimekvError('ERR_TIMEKV_CLOSED', `${this.#path} was abandoned during its sync`);
    }
  }

  #assertOrder(key: Buffer, shared: number): void {
    if (this.#key.length === 0) return;
    const { timestamp, seq } = this.#version;
    // A missing byte counts as less than any byte.
    const order = (this.#key[shared] ?? -1) - (key[shared] ?? -1);
    const isAfter =
      order < 0 || (order === 0 && compareVersions(this.#timestamp, this.#seq, timestamp, seq) < 0);
    hold(isAfter, 'an entry comes after the one before it');
  }

  /** Separates the entry at hand, the first of a block, from the one before: see directory.ts. */
  #separatorBefore(key: Buffer, shared: number): Separator {
    const { timestamp } = this.#version;
    if (this.#key.length === 0) return beforeKey(copyOf(key));
    const isNewKey = shared < key.length || shared < this.#key.length;
    if (isNewKey) return beforeKey(copyOf(key.subarray(0, shared + 1)));
    const isNewTimestamp = timestamp !== this.#timestamp;
    return {
      key: copyOf(key),
      timestamp: isNewTimestamp ? this.#timestamp - 1 : timestamp,
      seq: isNewTimestamp ? Infinity : this.#seq - 1,
    };
  }

  /** Leaves the reference to the extent in place of the value. */
  #writeExtent({ value }: StoredVersion): void {
    const handle = this.#writePart(value.bytes.subarray(value.start, value.end));
    encodeReference(handle, this.#reference);
    value.set(this.#reference, 0, referenceBytes);
  }

  #writeBlock(): void {
    if (this.#separator === undefined) return;
    const bounds = this.#block.bounds;
    const block = this.#block.finish((bytes) =>
      this.#isAligned ? zerosToPageEnd(this.#output.position + bytes) : 0,
    );
    const deflated = this.#deflater?.deflated(block);
    this.#isAligned = deflated === undefined;
    const handle =
      deflated === undefined ? this.#writePart(block) : this.#writePart(deflated, block.length);
    this.#index.add(this.#separator, handle, bounds);
    this.#separator = undefined;
  }

  /** Writes bytes as a part of the segment; answers where they lie. */
  #writePart(bytes: Buffer, inflatedLength = 0): Handle {
    const offset = this.#output.position;
    const checksum = this.#checksums.of(bytes, offset);
    this.#output.write(bytes);
    return { offset, length: bytes.length, checksum, inflatedLength };
  }

  /** Everything after the data. */
  #writeEnd(of: SeqRange | undefined): SegmentProperties {
    this.#writeBlock();
    const filterDirectoryBytes = this.#filter.finish();
    const topIndexBytes = this.#index.finish();
    const filterDirectory = this.#writePart(filterDirectoryBytes);
    const topIndex = this.#writePart(topIndexBytes);
    const maxKey = this.#lastVersionKey ?? copyOf(this.#key);
    const stored = { ...this.#properties.finish(maxKey), ...of };
    const properties = this.#writePart(encodeProperties(stored));

    const bytes = this.#output.position + footerBytes;
    const footer = {
      sections: {
        filterDirectory: filterDirectory.offset,
        topIndex: topIndex.offset,
        properties: properties.offset,
        bytes,
      },
      checksums: {
        filterDirectory: filterDirectory.checksum,
        topIndex: topIndex.checksum,
        properties: properties.checksum,
      },
      headerChecksum: this.#headerChecksum,
    };
    const id = this.segmentId;
    const encoded = encodeFooter(footer, id);
    this.#output.write(encoded.bytes);
    this.#output.flush();
    return { id, bytes, ...stored, checksum: encoded.checksum };
  }
}

/** A wrong entry here is a mistake of the engine, never of a user. */
function assertVersion({ timestamp, seq, kind, expiresAt, value }: StoredVersion): void {
  hold(Number.isSafeInteger(timestamp), 'a timestamp is a whole number');
  hold(Number.isSafeInteger(seq) && seq > 0, 'a seq is a whole number from 1');
  hold(isKind(kind), 'an entry is of a known kind');
  hold(value.length <= valueBytesMax, 'a value has at most 16 MiB');
  hold(
    kind === Kind.value || kind === Kind.markingErasure || value.length === 0,
    'only a value has bytes',
  );
  hold(
    expiresAt === Infinity || (Number.isSafeInteger(expiresAt) && expiresAt > timestamp),
    'a value expires after its timestamp',
  );
}

function hold(condition: boolean, message: string): void {
  if (!condition) throw new Error(`a mistake of the engine: it does not hold that ${message}`);
}
