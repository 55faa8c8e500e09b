/**
 * The live log: one WAL file after another, each sealed one naming the next. Readers follow what is
 * committed. Under the write lock it is caught up with, appended to and rotated; the order of steps
 * here is the one of `docs/decisions/0002-commit-protocol.md` and must never be broken.
 */
import { damaged, systemCode } from '../base/errors.js';
import { walFramesMax } from '../base/limits.js';
import { isDiskFull } from '../disk/file-system.js';
import {
  quarantineDirectory,
  endPath,
  tornTailPath,
  walDirectory,
  walPath,
  type WalName,
} from '../disk/names.js';
import {
  encodeFrame,
  frameBytes,
  FrameDurability,
  frameHeaderBytes,
  FrameType,
  sealFrame,
} from '../wal/format.js';
import { WalFile, type Tail } from '../wal/wal-file.js';
import { commitTimeBefore, type FramePlace } from '../wal/frame-place.js';
import type { Environment } from './environment.js';
import { mayBeWritten, requireFree, requireNotLate, WrittenBeside } from './fence.js';
import { Generation, type Hole } from './generation.js';
import type { Memtable } from './memtable.js';
import { newHeader } from './new-wal.js';

/** As many frames as a log had that is full, the next one will have too, mostly. */
const manyFrames = walFramesMax / 4;

export interface LogPlace {
  directory: string;
  storeId: string;
  isReadOnly: boolean;
  /** This process seals a file when the next frame would pass this size. */
  walBytesMax: number;
}

/** A frame that was appended: what has to be synced and published. */
export interface Appended {
  generation: Generation;
  ordinal: number;
  needsSync: boolean;
  /** How many bytes a sync may have to write. */
  bytes: number;
  /** Where it must be still before it is published; undefined for what others have appended. */
  place: FramePlace | undefined;
}

export interface FrameContent {
  /** The payload lies at `frameHeaderBytes`; behind it there is room for padding and trailer. */
  buffer: Buffer;
  payloadBytes: number;
  count: number;
  lastNow: number;
  durability: FrameDurability;
}

export class Log {
  readonly #environment: Environment;
  readonly #place: LogPlace;
  #generations: Generation[];

  private constructor(environment: Environment, place: LogPlace, first: Generation) {
    this.#environment = environment;
    this.#place = place;
    this.#generations = [first];
  }

  /**
   * Opens the log at its first live file and follows it to the end.
   * @throws the system's ENOENT if a file has been flushed meanwhile: read the catalog again
   */
  static open(environment: Environment, place: LogPlace, first: WalName): Log {
    const log = new Log(environment, place, openGeneration(environment, place, first));
    try {
      log.refresh();
      return log;
    } catch (error) {
      log.close();
      throw error;
    }
  }

  get active(): Generation {
    const last = this.#generations.at(-1);
    if (last === undefined) throw new RangeError('the log is closed');
    return last;
  }

  /** Oldest first; all but the last are sealed. */
  get generations(): readonly Generation[] {
    return this.#generations;
  }

  /** Sealed files that no segment holds yet. */
  get sealed(): readonly Generation[] {
    return this.#generations.slice(0, -1);
  }

  /** The state after the last committed frame, following into new files. */
  refresh(): Tail {
    for (;;) {
      const tail = this.active.committed();
      if (tail.next === undefined) return tail;
      this.#enter(tail.next);
    }
  }

  /** What this process would have to read first, to know all that is in the log. */
  get unreadBytes(): number {
    const unread = this.#generations.filter(({ memtable }) => memtable === undefined);
    return unread.reduce((sum, { file }) => sum + file.size(), 0);
  }

  /** True if the file is one of those followed here. */
  has({ suffix }: WalName): boolean {
    return this.#generations.some(({ file }) => file.name.suffix === suffix);
  }

  memtables(): Memtable[] {
    return this.#generations.map((generation) => generation.load());
  }

  holes(): Hole[] {
    return this.#generations.flatMap((generation) => generation.holes);
  }

  /**
   * True if a power cut may have left committed frames behind the end register, or a failed sync of
   * this process frames of which nobody knows. (What a published seal ends is committed whole.)
   */
  needsSettling(): boolean {
    return this.active.outlivedBoot || this.active.file.isUnsettled;
  }

  /** Forgets files that are in segments now. */
  dropBefore(generation: number): void {
    const dropped = this.#generations.filter((each) => each.generation < generation);
    this.#generations = this.#generations.filter((each) => each.generation >= generation);
    for (const each of dropped) each.close();
  }

  close(): void {
    for (const generation of this.#generations) generation.close();
    this.#generations = [];
  }

  // Below: only for the holder of the write lock.

  /** Everything that is in the log, committed or not; the next frame goes behind it. */
  catchUp(): Tail {
    for (;;) {
      const generation = this.active;
      const tail = generation.catchUp((bytes, offset) => {
        this.#saveTornTail(generation.file.name, bytes, offset);
      });
      if (tail.next === undefined) return tail;
      // A rotation that died half way: its seal counts once it is durable and published.
      this.publishAll(tail);
      // Whoever writes over a seal that is published, finds that; who did before, is found here. Else
      // nobody but this process would go on in the file that it names.
      if (generation.stillEndsAt(tail)) this.#enter(tail.next);
    }
  }

  /**
   * Makes committed whatever is whole in the log. After a restart of the system it then goes on in
   * a new file, so that nobody else need settle this one, and a reader that cannot write may go on
   * taking all of it: it stays as it is.
   */
  settle(): void {
    const tail = this.catchUp();
    const { file, outlivedBoot } = this.active;
    this.publishAll(tail);
    file.settled();
    if (!outlivedBoot || this.#environment.bootId === '') return;
    try {
      this.rotate(tail);
    } catch (error) {
      // A full disk must not keep the store from being read; the next opening tries again.
      if (!isDiskFull(error)) throw error;
    }
  }

  /** Makes everything in the active file committed that is not yet: synced, then published. */
  publishAll(tail: Tail): void {
    if (this.unpublished(tail) === undefined) return;
    this.active.file.syncData();
    this.active.file.publish(tail.ordinal, FrameDurability.full);
  }

  /** The same, and what writers in mode `process` have published without a sync is synced too. */
  makeDurable(tail: Tail): void {
    const { file } = this.active;
    if (file.committedFrames() >= tail.ordinal && file.durableFrames >= tail.ordinal) return;
    this.active.rewriteUnsynced(tail);
    file.syncData();
    file.publish(tail.ordinal, FrameDurability.full);
  }

  /**
   * What has to be synced and published before anybody is told of what is in the log up to here;
   * undefined if everything is. (A file that was sealed before this one is.)
   */
  unpublished(tail: Tail): Appended | undefined {
    const generation = this.active;
    if (generation.file.committedFrames() >= tail.ordinal) return undefined;
    generation.rewriteUnsynced(tail);
    const { ordinal, offset: bytes } = tail;
    return { generation, ordinal, needsSync: true, bytes, place: undefined };
  }

  /** When what comes last before the tail was committed, microseconds since 1970; −Infinity: unknown. */
  lastCommitTime(tail: Tail): number {
    const { file } = this.active;
    return tail.ordinal === 0 ? file.header.lastCommitTime : commitTimeBefore(file, tail);
  }

  isFull(tail: Tail, payloadBytes: number): boolean {
    if (tail.ordinal === 0) return false; // However large: a frame over the cap has a file to itself.
    // One frame's place is kept for the seal.
    return (
      tail.ordinal + 2 > walFramesMax ||
      tail.offset + frameBytes(payloadBytes) > this.#place.walBytesMax
    );
  }

  /** Appends a batch in one write. Throws with nothing appended, or if even undoing failed. */
  append(tail: Tail, content: FrameContent): Appended {
    const generation = this.active;
    // In mode `process` a frame needs no sync, but those before it may be other writers'.
    const needsSync =
      content.durability === FrameDurability.full ||
      generation.file.committedFrames() !== tail.ordinal;
    if (needsSync) generation.rewriteUnsynced(tail);
    const place = this.#write(generation, tail, content, { type: FrameType.data });
    const bytes = frameBytes(content.payloadBytes);
    return { generation, ordinal: tail.ordinal + 1, needsSync, bytes, place };
  }

  /**
   * Goes on in a new file:
   * 1. the new file written and synced, 2. its directory synced, 3. the seal that names it written,
   * 4. synced and 5. published. A crash before 3 leaves an orphan; after it the next holder of the
   * lock finishes. Answers the tail of the new, empty file.
   */
  rotate(tail: Tail): Tail {
    const { fileSystem, clock, newIdentity, bootId } = this.#environment;
    const { directory, storeId } = this.#place;
    const sealed = this.active;
    const next = { generation: sealed.generation + 1, suffix: newIdentity(8) };
    const header = {
      ...newHeader(newIdentity, clock),
      storeId,
      bootId,
      generation: next.generation,
      baseSeq: tail.seq,
      lastNow: tail.lastNow,
      previousEnd: tail.offset,
      previousCrc: tail.crc,
      lastCommitTime: this.lastCommitTime(tail),
    };
    let place: FramePlace;
    try {
      WalFile.create(fileSystem, directory, next, header, tail.ordinal >= manyFrames);
      fileSystem.syncDirectory(walDirectory(directory));
      place = this.#seal(sealed, tail, next);
    } catch (error) {
      // Unless a seal that names them may have been seen, the new files are of no use.
      if (!mayBeWritten(error)) {
        fileSystem.remove(walPath(directory, next));
        fileSystem.remove(endPath(directory, next));
      }
      throw error;
    }
    const seal = sealed.catchUp(() => undefined);
    this.publishAll(seal);
    // Else nobody but this process would go on in the new file.
    if (!sealed.stillHas(place)) throw new WrittenBeside(sealed.file.path);
    sealed.file.cutAt(seal.offset); // The zeros ahead are of no use any more.
    this.#enter(next);
    return this.active.catchUp(() => undefined);
  }

  #seal(generation: Generation, tail: Tail, next: WalName): FramePlace {
    const content: FrameContent = {
      ...sealFrame(next),
      count: 0,
      lastNow: tail.lastNow,
      durability: FrameDurability.full,
    };
    return this.#write(generation, tail, content, { type: FrameType.seal, next });
  }

  #write(
    generation: Generation,
    tail: Tail,
    content: FrameContent,
    frame: { type: FrameType; next?: WalName },
  ): FramePlace {
    const { buffer, payloadBytes, count, lastNow, durability } = content;
    const { type, next } = frame;
    const { file } = generation;
    const firstSeq = tail.seq + 1;
    const ordinal = tail.ordinal + 1;
    const crc = encodeFrame(
      buffer,
      {
        payloadBytes,
        previousCrc: tail.crc,
        type,
        durability,
        offset: tail.offset,
        ordinal,
        durable: file.durableFrames,
        count,
        firstSeq,
        commitTime: this.#environment.clock.now(),
        lastNow,
      },
      file.header.salt,
    );
    const length = frameBytes(payloadBytes);
    const place = { offset: tail.offset, previousCrc: tail.crc, crc };
    file.append(buffer, length, tail.offset, () => {
      requireFree(file, tail);
    });
    requireNotLate(file, tail, place);
    const payload = buffer.subarray(frameHeaderBytes, frameHeaderBytes + payloadBytes);
    const places = { offset: tail.offset + length, frameOffset: tail.offset };
    const after = { ...places, ordinal, crc, seq: tail.seq + count, lastNow };
    generation.appended({ ...after, next }, payload, firstSeq);
    return place;
  }

  #enter(next: WalName): void {
    const { seq } = this.active.committed();
    const entered = openGeneration(this.#environment, this.#place, next);
    if (entered.file.header.baseSeq !== seq) {
      const { path } = entered.file;
      entered.close();
      throw damaged(path, 48, `it does not go on where ${this.active.file.path} ends`);
    }
    this.#generations.push(entered);
  }

  /** Keeps a copy of what is cut after a restart of the system, where it might be more than a torn write. */
  #saveTornTail(name: WalName, bytes: Buffer, offset: number): void {
    const { fileSystem } = this.#environment;
    const { directory } = this.#place;
    try {
      fileSystem.makeDirectory(quarantineDirectory(directory));
      const file = fileSystem.create(tornTailPath(directory, name, offset));
      try {
        fileSystem.write(file, bytes, 0);
      } finally {
        fileSystem.close(file);
      }
    } catch (error) {
      // A copy for the curious must not keep the store from opening: full disk, or there already.
      if (!isDiskFull(error) && systemCode(error) !== 'EEXIST') throw error;
    }
  }
}

function openGeneration(environment: Environment, place: LogPlace, name: WalName): Generation {
  const file = WalFile.open(environment.fileSystem, place.directory, name, {
    storeId: place.storeId,
    access: place.isReadOnly ? 'read' : 'readWrite',
  });
  return new Generation(file, environment.bootId, place.isReadOnly);
}
