/**
 * One WAL file as this process follows it: how far its chain is known, what of it is committed, and
 * (once something is read twice) its entries in a memtable. Readers walk to the end register and
 * no further; only the holder of the write lock looks behind it and judges what it finds there.
 */
import type { Found } from '../base/cursor.js';
import { copyOf } from '../base/bytes.js';
import { compareVersions } from '../base/entry.js';
import { damaged } from '../base/errors.js';
import { FrameWalker, type Frame } from '../wal/frame-walker.js';
import { FrameType } from '../wal/format.js';
import { RecordReader } from '../wal/record.js';
import { findTail, nextIntactFrame, tailBefore, walkBack } from '../wal/tail-finder.js';
import type { Tail, WalFile } from '../wal/wal-file.js';
import { Memtable } from './memtable.js';

/** Frames that cannot be read: any key may have been in there, up to this seq. */
export interface Hole {
  file: string;
  offset: number;
  seqMax: number;
}

export class Generation {
  readonly file: WalFile;
  /** True if the system has been started anew since the file was made: the register may lag. */
  readonly #outlivedBoot: boolean;
  /** True if the whole valid chain counts: nobody here may write, and the register may lag. */
  readonly #trustsChain: boolean;
  #tail: Tail | undefined;
  #walker: FrameWalker | undefined;
  /** Tails between the end register and `#tail`, by ordinal. */
  readonly #marks = new Map<number, Tail>();
  readonly holes: Hole[] = [];
  #memtable: Memtable | undefined;
  /** Set after the first lock hold, when older unpublished frames have been written again. */
  #isSettled = false;
  #holders = 0;
  #isDropped = false;

  constructor(file: WalFile, bootId: string, isReadOnly: boolean) {
    this.file = file;
    this.#outlivedBoot = file.header.bootId === '' || file.header.bootId !== bootId;
    this.#trustsChain = this.#outlivedBoot && isReadOnly;
  }

  get outlivedBoot(): boolean {
    return this.#outlivedBoot;
  }

  get generation(): number {
    return this.file.name.generation;
  }

  get memtable(): Memtable | undefined {
    return this.#memtable;
  }

  /** The state after the last committed frame, as of now. */
  committed(): Tail {
    if (this.#trustsChain) return this.#wholeChain();
    const committed = this.file.committedFrames();
    let tail = this.#tail;
    if (tail === undefined) {
      const found = findTail(this.file);
      tail = found && walkBack(this.file, found, committed);
      if (tail?.ordinal !== committed) tail = undefined;
      if (tail !== undefined) this.#moveTo(tail);
    }
    tail = this.#tail ?? this.#moveTo(this.file.start);
    if (tail.ordinal < committed) tail = this.#follow(committed, committed);
    return tail.ordinal <= committed ? tail : this.#markAt(committed, tail);
  }

  /**
   * Everything that is whole in the file, for the holder of the write lock: behind it is the place
   * for the next frame. A torn tail is cut.
   * @throws ERR_TIMEKV_POISONED if an earlier sync through this descriptor failed
   */
  catchUp(saveTorn: (bytes: Buffer, offset: number) => void): Tail {
    this.file.requireSound();
    const committed = this.file.committedFrames();
    let isUnclean = false;
    if (this.#tail === undefined) {
      const found = findTail(this.file);
      isUnclean = found === undefined;
      this.#moveTo(found !== undefined && found.ordinal >= committed ? found : this.file.start);
    }
    let tail = this.#follow(Infinity, committed);
    if (!this.#isSettled) {
      tail = this.#settleOlder(tail, committed);
      this.#isSettled = true;
    }
    if (isUnclean || this.#walker?.ended === 'invalid') this.#cut(tail, saveTorn);
    return tail;
  }

  /** The tail after a frame that this process has just appended under the lock. */
  appended(tail: Tail, payload: Buffer, firstSeq: number): void {
    const before = this.#tail;
    if (before !== undefined) this.#marks.set(before.ordinal, before);
    this.#tail = tail;
    this.#walker = undefined;
    if (tail.next === undefined) this.#memtable?.addFrame(payload, firstSeq);
    this.#forgetMarks();
  }

  /** The entries of the file, up to its known tail at least. */
  load(): Memtable {
    if (this.#memtable !== undefined) return this.#memtable;
    const known = this.#tail?.ordinal ?? 0;
    this.#memtable = new Memtable();
    this.#tail = undefined;
    this.#marks.clear();
    this.holes.length = 0;
    this.#moveTo(this.file.start);
    const committed = this.#trustsChain ? 0 : this.file.committedFrames();
    this.#follow(Math.max(known, committed), committed);
    return this.#memtable;
  }

  /**
   * One lookup without building a map: walks the committed frames and compares each record.
   * Answers undefined too if a frame cannot be read; then `load` tells where.
   */
  findByWalking(key: Buffer, timestamp: number, upTo: Tail): Found | 'unreadable' | undefined {
    const walker = new FrameWalker(this.file, this.file.start);
    const reader = new RecordReader();
    let best: Found | undefined;
    for (let frame = walker.next(upTo.ordinal); frame; frame = walker.next(upTo.ordinal)) {
      if (frame.header.type !== FrameType.data) continue;
      reader.reset(frame.payload);
      for (let seq = frame.header.firstSeq; reader.next(); seq++) {
        if (reader.timestamp > timestamp || !reader.keyEquals(key)) continue;
        if (
          best !== undefined &&
          compareVersions(reader.timestamp, seq, best.timestamp, best.seq) > 0
        ) {
          continue;
        }
        best = {
          timestamp: reader.timestamp,
          seq,
          kind: reader.kind,
          expiresAt: reader.expiresAt,
          value: copyOf(reader.value()),
        };
      }
    }
    return walker.tail.ordinal === upTo.ordinal ? best : 'unreadable';
  }

  /** Keeps the file open over a sync: others may flush the log away meanwhile. */
  retain(): void {
    this.#holders++;
  }

  release(): void {
    this.#holders--;
    if (this.#isDropped && this.#holders === 0) this.file.close();
  }

  close(): void {
    this.#isDropped = true;
    if (this.#holders === 0) this.file.close();
  }

  #wholeChain(): Tail {
    if (this.#tail === undefined) this.#moveTo(this.file.start);
    return this.#follow(Infinity, 0);
  }

  #moveTo(tail: Tail): Tail {
    this.#tail = tail;
    this.#walker = undefined;
    return tail;
  }

  /** Walks on from the known tail. What is committed must be there, and whole. */
  #follow(ordinalMax: number, committed: number): Tail {
    let tail = this.#tail ?? this.file.start;
    for (;;) {
      const walker = (this.#walker ??= new FrameWalker(this.file, tail));
      for (let frame = walker.next(ordinalMax); frame; frame = walker.next(ordinalMax)) {
        if (tail.ordinal >= committed) this.#marks.set(tail.ordinal, tail);
        tail = walker.tail;
        this.#apply(frame);
      }
      this.#tail = tail;
      if (tail.ordinal >= committed || tail.next !== undefined) break;
      const behind = this.#skipDamage(tail, committed);
      if (behind === undefined) break;
      tail = this.#moveTo(behind);
    }
    this.#forgetMarks();
    return tail;
  }

  #apply(frame: Frame): void {
    if (frame.header.type !== FrameType.data) return;
    try {
      this.#memtable?.addFrame(frame.payload, frame.header.firstSeq);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      throw damaged(
        this.file.path,
        frame.header.offset,
        `a record cannot be read: ${error.message}`,
      );
    }
  }

  /** A committed frame cannot be read: notes the loss and goes on behind it, if anything is there. */
  #skipDamage(tail: Tail, committed: number): Tail | undefined {
    if (this.#outlivedBoot && !this.file.publishedAsFull(tail.ordinal, committed)) {
      // Frames of writers in mode `process`: a power cut may take them.
      return undefined;
    }
    const intact = nextIntactFrame(this.file, tail.offset + 8);
    if (intact === undefined || intact.ordinal <= tail.ordinal) {
      throw damaged(
        this.file.path,
        tail.offset,
        `${committed - tail.ordinal} committed frames cannot be read`,
      );
    }
    const behind = tailBefore(intact);
    this.holes.push({ file: this.file.path, offset: tail.offset, seqMax: behind.seq });
    return behind;
  }

  #markAt(ordinal: number, tail: Tail): Tail {
    const mark = this.#marks.get(ordinal) ?? walkBack(this.file, tail, ordinal);
    if (mark === undefined) {
      throw damaged(this.file.path, tail.offset, `frame ${ordinal} cannot be found again`);
    }
    this.#marks.set(ordinal, mark);
    return mark;
  }

  /**
   * Frames that were there before this process could have noticed a failed sync: written again, so
   * that the next sync through this descriptor covers them for certain. (After a failed writeback
   * the kernel counts pages as clean, and tells only descriptors that were open at the time.)
   */
  #settleOlder(tail: Tail, committed: number): Tail {
    if (tail.ordinal < committed) {
      this.file.unpublishAfter(tail.ordinal);
      return tail;
    }
    if (tail.ordinal === committed) return tail;
    const from = walkBack(this.file, tail, committed) ?? this.file.start;
    const walker = new FrameWalker(this.file, from);
    for (let frame = walker.next(tail.ordinal); frame; frame = walker.next(tail.ordinal)) {
      if (frame.header.ordinal > committed) this.file.rewrite(frame.bytes, frame.header.offset);
    }
    if (walker.tail.ordinal === tail.ordinal) return tail;
    // Found by its last frame, the chain turns out to be broken before it: walk it from the start.
    this.#memtable = undefined;
    this.#marks.clear();
    this.#moveTo(this.file.start);
    return this.#follow(Infinity, committed);
  }

  /** Cuts what lies behind the chain, unless a later frame proves that it was committed. */
  #cut(tail: Tail, saveTorn: (bytes: Buffer, offset: number) => void): void {
    const later = nextIntactFrame(this.file, tail.offset + 8);
    if (later !== undefined && later.committed > tail.ordinal) {
      throw damaged(this.file.path, tail.offset, 'a committed frame cannot be read');
    }
    if (this.#outlivedBoot) {
      const torn = Buffer.alloc(Math.max(0, this.file.size() - tail.offset));
      saveTorn(torn.subarray(0, this.file.read(torn, torn.length, tail.offset)), tail.offset);
    }
    this.file.cutAt(tail.offset);
    this.#walker = undefined;
  }

  #forgetMarks(): void {
    if (this.#marks.size < 64 || this.#trustsChain) return;
    const committed = this.file.committedFrames();
    for (const ordinal of this.#marks.keys()) {
      if (ordinal < committed) this.#marks.delete(ordinal);
    }
  }
}
