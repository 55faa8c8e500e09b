/**
 * One WAL file as this process follows it: how far its chain is known, what of it is committed, and
 * (once something is read twice) its entries in a memtable. Readers walk to the end register and
 * no further; only the holder of the write lock looks behind it and judges what it finds there.
 */
import type { Found } from '../base/cursor.js';
import { copyOf } from '../base/bytes.js';
import { compareVersions, isMark, Kind } from '../base/entry.js';
import { damaged } from '../base/errors.js';
import type { Slices } from '../base/slices.js';
import { FrameWalker } from '../wal/frame-walker.js';
import { frameBytes, FrameType } from '../wal/format.js';
import { RecordReader } from '../wal/record.js';
import { findTail, nextIntactFrame, tailBefore, walkBack } from '../wal/tail-finder.js';
import { isInPlace, isStillBefore, type FramePlace } from '../wal/frame-place.js';
import type { Tail, WalFile } from '../wal/wal-file.js';
import { requireLast, WrittenBeside } from './fence.js';
import { FoundInMemory } from './found-in-memory.js';
import { addRecords, gatherLog } from './log-gathering.js';
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
  readonly outlivedBoot: boolean;
  /** True if the whole valid chain counts. */
  readonly #trustsChain: boolean;
  /** True if nobody can tell whether the system has been started anew: writers may be at work. */
  readonly #isBootUnknown: boolean;
  /** So many were committed when it was last asked. */
  #publishedUpTo = 0;
  /** Frames up to here were synced by this process, which may not publish them. */
  #syncedUpTo = 0;
  #tail: Tail | undefined;
  #walker: FrameWalker | undefined;
  /** Tails between the end register and `#tail`, by ordinal. */
  readonly #marks = new Map<number, Tail>();
  readonly holes: Hole[] = [];
  #memtable: Memtable | undefined;
  /** The tail that a reader who may not settle has found nothing behind: no need to look each time. */
  #nothingBehind: number | undefined;
  /** Where the last bytes that are not zero were met, if they were the end of a frame. */
  #lastFrameEnd: number | undefined;
  /** Set after the first lock hold. */
  #isSettled = false;
  /** Frames up to here were there then: a sync through this descriptor may know nothing of them. */
  #rewriteUpTo = 0;
  #holders = 0;
  #isDropped = false;

  constructor(file: WalFile, bootId: string, isReadOnly: boolean) {
    this.file = file;
    this.outlivedBoot = file.header.bootId === '' || file.header.bootId !== bootId;
    this.#trustsChain = this.outlivedBoot && isReadOnly;
    this.#isBootUnknown = file.header.bootId === '' || bootId === '';
  }

  get generation(): number {
    return this.file.name.generation;
  }

  get memtable(): Memtable | undefined {
    return this.#memtable;
  }

  /** The state after the last committed frame, as of now. */
  committed(): Tail {
    const committed = this.file.committedFrames();
    // Nobody here may write, and the register may lag behind what is on the disk: all that is whole.
    if (this.#trustsChain) return this.#wholeChain(committed);
    // What was seen before it was published may have been written over since.
    if (this.#tail !== undefined && this.#tail.ordinal > this.#publishedUpTo) {
      if (committed > this.#publishedUpTo) this.stillEndsAt(this.#tail);
    }
    this.#publishedUpTo = committed;
    let tail = this.#tail ?? this.#locate(committed);
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
    const mayHaveShrunk = this.outlivedBoot && !this.#isSettled;
    const committed = mayHaveShrunk
      ? this.file.recountCommittedFrames()
      : this.file.committedFrames();
    // What a power cut has left may look whole from behind: each frame is checked, once.
    if (mayHaveShrunk) this.#startOver();
    else if (this.#tail !== undefined) this.stillEndsAt(this.#tail);
    if (this.#tail === undefined && !mayHaveShrunk) this.#locate(committed);
    const tail = this.#follow(Infinity, committed);
    if (tail.ordinal < committed) {
      // A seal where others have published frames: its writer is late, and will see that.
      if (!this.outlivedBoot) throw new WrittenBeside(this.file.path);
      this.file.unpublishAfter(tail.ordinal);
    }
    if (!this.#endsClean(tail)) {
      requireLast(this.file, tail);
      this.#cut(tail, saveTorn);
    }
    if (!this.#isSettled) this.#rewriteUpTo = tail.ordinal;
    this.#isSettled = true;
    return tail;
  }

  /**
   * For the holder of the write lock, before a sync through this descriptor shall count for all that
   * is in the file: writes frames again, once, that may have been there when it was opened and are
   * not known to be on the disk. (After a failed writeback the kernel counts pages as clean, and
   * tells only descriptors that were open at the time.)
   */
  rewriteUnsynced(tail: Tail): void {
    const { file } = this;
    const { durableFrames } = file;
    const upTo = this.#rewriteUpTo;
    if (durableFrames < upTo) {
      const walker = new FrameWalker(file, walkBack(file, tail, durableFrames) ?? file.start);
      for (let frame = walker.next(upTo); frame; frame = walker.next(upTo)) {
        if (frame.header.ordinal > durableFrames) file.rewrite(frame.bytes, frame.header.offset);
      }
    }
    this.#rewriteUpTo = 0;
  }

  /** The tail after a frame that this process has just appended under the lock. */
  appended(tail: Tail, payload: Buffer, firstSeq: number): void {
    const before = this.#tail;
    if (before !== undefined) this.#marks.set(before.ordinal, before);
    this.#tail = tail;
    this.#walker = undefined;
    if (tail.next === undefined) this.#memtable?.addFrame(payload, firstSeq);
  }

  /**
   * False if a frame of this process is not where it was put any more: then what is remembered of
   * the file is not to be believed either.
   */
  stillHas(place: FramePlace): boolean {
    if (isInPlace(this.file, place)) return true;
    this.#startOver();
    return false;
  }

  /** The same for the last frame of a tail, whoever wrote it. */
  stillEndsAt(tail: Tail): boolean {
    if (isStillBefore(this.file, tail)) return true;
    this.#startOver();
    return false;
  }

  /** The entries of the file, up to its known tail at least. */
  load(): Memtable {
    if (this.#memtable !== undefined) return this.#memtable;
    const known = this.#tail?.ordinal ?? 0;
    this.#startOver();
    const memtable = new Memtable();
    this.#memtable = memtable;
    memtable.gather();
    try {
      const committed = this.file.committedFrames();
      this.#follow(this.#trustsChain ? Infinity : Math.max(known, committed), committed);
      memtable.sortNow();
      return memtable;
    } catch (error) {
      this.#startOver(); // A part of the entries would answer reads wrongly.
      throw error;
    }
  }

  /**
   * Answers all committed entries, in memory; reads the whole file for it, since what is remembered
   * of frames may have been written over by a process that had lost the write lock.
   * @param table where they are added if they are not in memory yet
   * @throws ERR_TIMEKV_DAMAGED if a frame cannot be read: the log must stay as it is then
   * @throws ERR_TIMEKV_BUSY if something else was remembered, which now is forgotten
   */
  async sorted(table: Memtable, slices: Slices): Promise<Memtable> {
    const upTo = this.committed();
    const memtable = this.#memtable;
    const gathering = memtable === undefined ? table : undefined;
    // The chain is made of checksums: the same at its end, all of it is the same.
    if (await gatherLog(this.file, upTo, gathering, slices)) return memtable ?? table;
    this.#startOver();
    throw new WrittenBeside(this.file.path);
  }

  /**
   * One lookup without building a map: walks the committed frames and compares each record.
   * @returns `undecided` if a frame cannot be read (then `load` tells where), or the key is erased
   */
  findByWalking(key: Buffer, timestamp: number, upTo: Tail): Found | 'undecided' | undefined {
    const walker = new FrameWalker(this.file, this.file.start);
    const reader = new RecordReader();
    let best: Found | undefined;
    for (let frame = walker.next(upTo.ordinal); frame; frame = walker.next(upTo.ordinal)) {
      if (frame.header.type !== FrameType.data) continue;
      reader.reset(frame.payload);
      for (let seq = frame.header.firstSeq; reader.next(); seq++) {
        if (!reader.keyEquals(key)) continue;
        if (reader.kind === Kind.historyErasure || isMark(reader.kind)) return 'undecided';
        if (reader.timestamp > timestamp) continue;
        if (
          best !== undefined &&
          compareVersions(reader.timestamp, seq, best.timestamp, best.seq) > 0
        ) {
          continue;
        }
        const { timestamp: found, kind, expiresAt } = reader;
        const value = copyOf(reader.value());
        best = new FoundInMemory({ timestamp: found, seq, kind, expiresAt }, value);
      }
    }
    return walker.tail.ordinal === upTo.ordinal ? best : 'undecided';
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

  /** All that is whole; what a power cut could still take is synced before anybody is shown it. */
  #wholeChain(committed: number): Tail {
    const tail = this.#follow(Infinity, committed);
    if (this.#isBootUnknown && tail.ordinal > Math.max(committed, this.#syncedUpTo)) {
      this.file.syncData();
      this.#syncedUpTo = tail.ordinal;
    }
    return tail;
  }

  #moveTo(tail: Tail): Tail {
    this.#tail = tail;
    this.#walker = undefined;
    return tail;
  }

  #startOver(): void {
    this.#tail = undefined;
    this.#walker = undefined;
    this.#memtable = undefined;
    this.#marks.clear();
    this.#nothingBehind = undefined;
    this.holes.length = 0;
  }

  /** Goes to the last committed frame from the file's end, or else to the start. */
  #locate(committed: number): Tail {
    const found = findTail(this.file);
    this.#lastFrameEnd = found?.offset;
    const tail = found && walkBack(this.file, found, committed);
    return this.#moveTo(tail?.ordinal === committed ? tail : this.file.start);
  }

  /**
   * Walks on from the known tail. What is committed must be there, and whole.
   * @param ordinalMax Infinity: to the end of what is whole, and judges what lies behind
   */
  #follow(ordinalMax: number, committed: number): Tail {
    const judges = ordinalMax === Infinity;
    let tail = this.#tail ?? this.file.start;
    for (;;) {
      const walker = this.#walker ?? new FrameWalker(this.file, tail);
      this.#walker = undefined; // Should anything throw, the next walk begins behind the last frame.
      for (let frame = walker.next(ordinalMax); frame; frame = walker.next(ordinalMax)) {
        if (frame.header.ordinal > committed) this.#marks.set(tail.ordinal, tail);
        if (this.#memtable !== undefined) addRecords(this.file, frame, this.#memtable);
        tail = walker.tail;
        this.#tail = tail;
      }
      this.#walker = walker;
      if (tail.next !== undefined) break;
      if (tail.ordinal >= committed && (!judges || this.#endsClean(tail))) break;
      if (this.#trustsChain && this.#nothingBehind === tail.offset) break;
      const behind = this.#skipDamage(tail, committed);
      if (behind === undefined) {
        this.#nothingBehind = tail.offset;
        break;
      }
      tail = this.#moveTo(behind);
    }
    this.#tail = tail;
    this.#forgetMarks(committed);
    return tail;
  }

  /**
   * Bytes behind the tail are no next frame. If there was one that was on the disk, notes the loss
   * and goes on behind it, where anything is. Undefined: the writes of a power cut or a dead writer.
   */
  #skipDamage(tail: Tail, committed: number): Tail | undefined {
    const { file } = this;
    // A power cut may take what was published by writers in mode `process`.
    const durable = this.outlivedBoot ? file.durableFrames : committed;
    const intact = nextIntactFrame(file, tail.offset + 8);
    let proof = intact;
    while (durable <= tail.ordinal && proof !== undefined && proof.durable <= tail.ordinal) {
      proof = nextIntactFrame(file, proof.offset + frameBytes(proof.payloadBytes));
    }
    if (durable <= tail.ordinal && proof === undefined) return undefined;
    if (intact === undefined || intact.ordinal <= tail.ordinal) {
      const lost = Math.max(durable, proof?.durable ?? 0) - tail.ordinal;
      throw damaged(file.path, tail.offset, `${lost} committed frames cannot be read`);
    }
    const behind = tailBefore(intact);
    this.holes.push({ file: file.path, offset: tail.offset, seqMax: behind.seq });
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

  /** True if there is nothing but zeros behind the tail. */
  #endsClean(tail: Tail): boolean {
    if (this.#walker?.ended === 'invalid') return false;
    // Only a power cut leaves zeros before other bytes; once that was looked for, it cannot come.
    return this.#isSettled || tail.offset >= (this.#lastFrameEnd ?? Infinity);
  }

  /** Ends the file at the tail: what lies behind was never committed. */
  #cut(tail: Tail, saveTorn: (bytes: Buffer, offset: number) => void): void {
    if (this.outlivedBoot) {
      const torn = Buffer.alloc(Math.max(0, this.file.size() - tail.offset));
      const length = this.file.read(torn, torn.length, tail.offset);
      if (torn.some((byte) => byte !== 0)) saveTorn(torn.subarray(0, length), tail.offset);
    }
    this.file.cutAt(tail.offset);
    this.#walker = undefined;
  }

  #forgetMarks(committed: number): void {
    if (this.#marks.size < 64) return;
    for (const ordinal of this.#marks.keys()) {
      if (ordinal < committed) this.#marks.delete(ordinal);
    }
  }
}
