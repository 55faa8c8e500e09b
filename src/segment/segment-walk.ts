/**
 * Goes through a segment from its first entry to its last without a cache, checking all that a
 * cursor checks and what none needs to: it goes on behind what is damaged, and names that. Whoever
 * verifies a segment, saves what is readable of it, or prints it walks like this.
 */
import { noBytes } from '../base/bytes.js';
import { damageOf, type PartDamage, shownKey, shownSeqs } from '../base/damage.js';
import { Span } from '../base/cursor.js';
import { compareKeys, compareVersions, type Entry } from '../base/entry.js';
import { damaged } from '../base/errors.js';
import { entryKeyBytesMax, valueBytesMax } from '../base/limits.js';
import { DataBlock, type Handle } from './data-block.js';
import { Directory } from './directory.js';
import { headerBytes } from './format.js';
import type { SegmentFile } from './segment-file.js';

type Tell = (damage: PartDamage) => void;

/** Blocks next to one another with the same damage: told as one. */
interface Pending {
  damage: Omit<PartDamage, 'lost'>;
  from: Buffer | undefined;
  /** Excluded; undefined: to the end. */
  to: Buffer | undefined;
}

/** Memory that is used again for each part of a kind. */
class PartMemory {
  #memory = Buffer.alloc(0);

  of(length: number): Buffer {
    if (length > this.#memory.length) this.#memory = Buffer.allocUnsafeSlow(length);
    return this.#memory.subarray(0, length);
  }
}

export class SegmentWalk {
  readonly #file: SegmentFile;
  readonly #tell: Tell;
  readonly #top = new Directory();
  readonly #index = new Directory();
  readonly #data = new DataBlock();
  readonly #indexMemory = new PartMemory();
  readonly #dataMemory = new PartMemory();
  readonly #valueMemory = new PartMemory();
  /** Of a value; used again for each. */
  readonly #place = new Span();
  readonly #keyMemory = Buffer.alloc(entryKeyBytesMax);
  /** The entry before, in memory of its own. */
  readonly #beforeKey = Buffer.alloc(entryKeyBytesMax);
  #before: { key: Buffer; timestamp: number; seq: number } | undefined;
  #pending: Pending | undefined;
  /** Bytes of all parts met so far. */
  partBytes = 0;

  constructor(file: SegmentFile, tell: Tell) {
    this.#file = file;
    this.#tell = tell;
  }

  /** All entries that can be read, in order; each is a view that holds until the next step. */
  *entries(): Generator<Entry> {
    const { path, footer } = this.#file;
    const { topIndex, properties } = footer.sections;
    const length = properties - topIndex;
    const handle = { offset: topIndex, length, checksum: footer.checksums.topIndex };
    const top = this.#top;
    try {
      top.open(this.#file.readPart(handle, 'the top index'), path, topIndex);
    } catch (error) {
      this.#note(damageOf(error, topIndex), undefined, undefined);
      this.#flush();
      return;
    }
    for (let block = 0; block < top.count; block++) yield* this.#indexBlock(block);
    this.#flush();
  }

  *#indexBlock(number: number): Generator<Entry> {
    const top = this.#top;
    const index = this.#index;
    let part = noPart;
    try {
      top.read(number);
      part = partOf(top);
      this.#requireSeparated(top, number, part.offset);
      index.open(
        this.#read(part, this.#indexMemory, 'an index block'),
        this.#file.path,
        part.offset,
      );
    } catch (error) {
      this.#note(damageOf(error, part.offset), keyAt(top, number), keyAt(top, number + 1));
      return;
    }
    const to = keyAt(top, number + 1);
    const bounds = { min: Infinity, max: -Infinity };
    for (let block = 0; block < index.count; block++) {
      yield* this.#dataBlock(block, to);
      bounds.min = Math.min(bounds.min, index.minTimestamp);
      bounds.max = Math.max(bounds.max, index.maxTimestamp);
    }
    if (bounds.min === part.minTimestamp && bounds.max === part.maxTimestamp) return;
    this.#tellOfBounds(part, 'the top index tells other times than the index block has');
  }

  /** @param to the key with which the next index block begins */
  *#dataBlock(number: number, to: Buffer | undefined): Generator<Entry> {
    const index = this.#index;
    const data = this.#data;
    const { path } = this.#file;
    let part = noPart;
    try {
      index.read(number);
      part = partOf(index);
      this.#requireSeparated(index, number, part.offset);
      const stored = this.#read(part, this.#dataMemory, 'a data block');
      data.open(this.#file.inflated(stored, part), path, part.offset);
      const bounds = { min: Infinity, max: -Infinity };
      let isFirst = true;
      for (let group = 0; group < data.count; group++) {
        const key = this.#keyMemory.subarray(0, data.copyKey(group, this.#keyMemory));
        data.openGroup(group);
        for (let version = 0; version < data.versions; version++) {
          const entry = this.#entry(key, version);
          bounds.min = Math.min(bounds.min, entry.timestamp);
          bounds.max = Math.max(bounds.max, entry.timestamp);
          const { timestamp, seq } = entry;
          if (isFirst && !index.isAtOrBefore(number, key, timestamp, seq)) {
            throw damaged(path, part.offset, 'the index separates a block at a wrong place');
          }
          isFirst = false;
          const value = this.#valueOf(entry, version);
          this.#keep(entry);
          if (value === undefined) continue;
          this.#flush();
          yield { ...entry, value };
        }
      }
      if (bounds.min === part.minTimestamp && bounds.max === part.maxTimestamp) return;
      this.#tellOfBounds(part, 'the index tells other times than the block has');
    } catch (error) {
      const next = number + 1 < index.count ? keyAt(index, number + 1) : to;
      this.#note(damageOf(error, part.offset), keyAt(index, number), next);
    }
  }

  /** The entry here without its value, which has to come behind the one before. */
  #entry(key: Buffer, version: number): Entry {
    const data = this.#data;
    const entry = {
      key,
      timestamp: data.timestamp(version),
      seq: data.seq(version),
      kind: data.kind(version),
      expiresAt: data.expiresAt(version),
      value: noBytes,
    };
    const before = this.#before;
    if (before !== undefined) {
      const order =
        compareKeys(before.key, key) ||
        compareVersions(before.timestamp, before.seq, entry.timestamp, entry.seq);
      if (order >= 0) throw data.damage('an entry does not come after the one before it');
    }
    if (key.length === 0 || key.length > entryKeyBytesMax || !(entry.seq > 0)) {
      throw data.damage('an entry is none that could have been written');
    }
    return entry;
  }

  /** Undefined, and told, if it lies in an extent that cannot be read. */
  #valueOf({ key, timestamp, seq }: Entry, version: number): Buffer | undefined {
    const data = this.#data;
    const place = this.#place;
    data.locateValue(version, place);
    if (!data.isInExtent(version)) return data.bytes.subarray(place.start, place.end);
    const extent = data.reference(place);
    try {
      return this.#read(extent, this.#valueMemory, 'a value');
    } catch (error) {
      this.#flush();
      const lost = `the version of ${shownKey(key)} at ${timestamp} (${shownSeqs(seq, seq)})`;
      this.#tell({ ...damageOf(error, extent.offset), lost });
      return undefined;
    }
  }

  #read(part: Handle, memory: PartMemory, what: string): Buffer {
    const { path, footer } = this.#file;
    const { offset, length } = part;
    const isInside = offset >= headerBytes && offset + length <= footer.sections.filterDirectory;
    if (!isInside || length > valueBytesMax) {
      throw damaged(path, offset, `${what} is said to lie where none can be`);
    }
    this.partBytes += length;
    const bytes = memory.of(length);
    this.#file.readInto(bytes, offset);
    this.#file.verify(bytes, part, what);
    return bytes;
  }

  /** A part's separator lies behind all that comes before the part. */
  #requireSeparated(directory: Directory, number: number, offset: number): void {
    const before = this.#before;
    if (before === undefined) return;
    if (!directory.isAtOrBefore(number, before.key, before.timestamp, before.seq)) return;
    throw damaged(this.#file.path, offset, 'the index separates a block at a wrong place');
  }

  #keep({ key, timestamp, seq }: Entry): void {
    key.copy(this.#beforeKey);
    this.#before = { key: this.#beforeKey.subarray(0, key.length), timestamp, seq };
  }

  #tellOfBounds({ offset }: Handle, what: string): void {
    this.#flush();
    this.#tell({ offset, what, lost: 'nothing, but reads of some times pass it by' });
  }

  #note(damage: Omit<PartDamage, 'lost'>, from: Buffer | undefined, to: Buffer | undefined): void {
    const pending = this.#pending;
    if (pending !== undefined && pending.damage.what === damage.what) {
      pending.to = to;
      return;
    }
    this.#flush();
    this.#pending = { damage, from, to };
  }

  /** Tells what is known of the last damaged blocks: behind them something can be read. */
  #flush(): void {
    const pending = this.#pending;
    if (pending === undefined) return;
    this.#pending = undefined;
    this.#tell({ ...pending.damage, lost: lostKeys(pending.from, pending.to) });
  }
}

interface Part extends Handle {
  minTimestamp: number;
  maxTimestamp: number;
}

const noPart: Part = {
  offset: 0,
  length: 0,
  checksum: 0,
  inflatedLength: 0,
  minTimestamp: -Infinity,
  maxTimestamp: Infinity,
};

/** The part that was read last. */
function partOf(directory: Directory): Part {
  const { minTimestamp, maxTimestamp } = directory;
  return { ...directory.handle, minTimestamp, maxTimestamp };
}

/** The key of a separator; undefined if there is none, or it cannot be read. */
function keyAt(directory: Directory, record: number): Buffer | undefined {
  if (record >= directory.count) return undefined;
  const key = Buffer.alloc(entryKeyBytesMax);
  try {
    return key.subarray(0, directory.copyKey(record, key));
  } catch {
    return undefined;
  }
}

/** Versions of some keys may also lie in the blocks before and behind. */
function lostKeys(from: Buffer | undefined, to: Buffer | undefined): string {
  if (from === undefined && to === undefined) return 'versions of any key of the segment';
  const start = from === undefined ? 'the first' : shownKey(from);
  return `versions of keys from ${start} to ${to === undefined ? 'the last' : shownKey(to)}`;
}
