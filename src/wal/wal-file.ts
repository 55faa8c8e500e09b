/**
 * One WAL file and its end register, open. Knows bytes and places; it does not decide anything:
 * who may append, cut or publish, and when, is the engine's business (`engine/log.ts`).
 *
 * The end register `.end` has one byte for the file header and one for each frame. Frame n is
 * published by writing the byte at position n; committed is the size − 1. The kernel makes a
 * file's size the maximum of all writes, so publishing needs no lock and never goes back.
 */
import { damaged, TimekvError } from '../base/errors.js';
import { KiB, walFillBytes } from '../base/limits.js';
import type { Descriptor, FileSystem } from '../disk/file-system.js';
import { endPath, walPath, type WalName } from '../disk/names.js';
import {
  decodeFileHeader,
  encodeFileHeader,
  fileHeaderBytes,
  fileHeaderCrc,
  FrameDurability,
  type FileHeader,
} from './format.js';

/** The state of the log after a frame: all that the next frame needs to know. */
export interface Tail {
  /** Where the next frame begins. */
  offset: number;
  /** Where the last one begins; undefined if there is none, or it cannot be read. */
  frameOffset: number | undefined;
  /** Frames in the file up to here. */
  ordinal: number;
  /** Header CRC of the last frame, or of the file header. */
  crc: number;
  /** The last seq given. */
  seq: number;
  /** The last *now* given; −Infinity if none. */
  lastNow: number;
  /** The file that goes on, if the last frame is a seal. */
  next: WalName | undefined;
}

/**
 * What a byte of the register says of its frame: published after a sync, which covered all before
 * it too, or without one. What is committed is told by the size alone.
 */
export const publishedWithSync = 1;
export const publishedWithoutSync = 2;
const registerByte = {
  [FrameDurability.full]: Buffer.from([publishedWithSync]),
  [FrameDurability.process]: Buffer.from([publishedWithoutSync]),
};

/** What is read of any register: a whole one as a rule, so that reading one anew takes one call. */
const scratch = Buffer.alloc(4 * KiB);

/** Logs that this process has failed to sync: it settles them when it opens them again. */
const unsettledPaths = new Set<string>();

export class WalFile {
  readonly name: WalName;
  readonly path: string;
  readonly header: FileHeader;
  /** The tail of the file when it has no frames. */
  readonly start: Tail;
  readonly #fileSystem: FileSystem;
  readonly #log: Descriptor;
  readonly #register: Descriptor;
  readonly #registerPath: string;
  #registerBytes = 0;
  #durableFrames = 0;
  /**
   * The file reached as far as this when it was last known. It is asked as rarely as can be: where
   * Linux has multigrain timestamps, whoever asks for a file's status makes the next write change its
   * inode, and the sync after that takes twice as long. Others may have cut the file meanwhile; then
   * frames are written without zeros ahead for a while.
   */
  #reach = 0;
  /** What left this descriptor in a state that nobody knows: never synced through again. */
  #failure: unknown;
  #isOpen = true;

  private constructor(
    fileSystem: FileSystem,
    directory: string,
    name: WalName,
    opened: { log: Descriptor; register: Descriptor; header: FileHeader; start: Tail },
  ) {
    this.#fileSystem = fileSystem;
    this.name = name;
    this.path = walPath(directory, name);
    this.#registerPath = endPath(directory, name);
    this.#log = opened.log;
    this.#register = opened.register;
    this.header = opened.header;
    this.start = opened.start;
  }

  /**
   * Writes and syncs a new, empty pair of files; the caller syncs the directory.
   * @param forMany many frames are to come: then it pays to have the register apart, which grows with
   *   each, so that no sync of the log has to write that too
   */
  // oxlint-disable-next-line max-params -- one more that hardly anybody gives
  static create(
    fileSystem: FileSystem,
    directory: string,
    name: WalName,
    header: FileHeader,
    forMany = false,
  ): void {
    const first = Buffer.alloc(walFillBytes);
    encodeFileHeader(header).copy(first);
    const log = fileSystem.create(walPath(directory, name));
    try {
      fileSystem.write(log, first, 0);
      fileSystem.syncData(log);
      const register = fileSystem.create(endPath(directory, name), forMany ? log : undefined);
      try {
        fileSystem.write(register, registerByte[FrameDurability.full], 0);
        fileSystem.syncData(register);
      } finally {
        fileSystem.close(register);
      }
    } finally {
      fileSystem.close(log);
    }
  }

  /**
   * @throws the system's ENOENT if the file is gone (it has been flushed: read the catalog again)
   * @throws ERR_TIMEKV_DAMAGED if its header is not what this store wrote
   */
  static open(
    fileSystem: FileSystem,
    directory: string,
    name: WalName,
    expected: { storeId: string; access: 'read' | 'readWrite' },
  ): WalFile {
    const path = walPath(directory, name);
    const log = fileSystem.open(path, expected.access);
    let register: Descriptor | undefined;
    try {
      register = fileSystem.open(endPath(directory, name), expected.access);
      const bytes = Buffer.alloc(fileHeaderBytes);
      const length = fileSystem.read(log, bytes, 0, fileHeaderBytes, 0);
      const header = decodeFileHeader(bytes.subarray(0, length), path);
      if (header?.storeId !== expected.storeId || header.generation !== name.generation) {
        throw damaged(path, 0, 'the file header is not one that this store wrote');
      }
      const start: Tail = {
        offset: fileHeaderBytes,
        frameOffset: undefined,
        ordinal: 0,
        crc: fileHeaderCrc(bytes),
        seq: header.baseSeq,
        lastNow: header.lastNow,
        next: undefined,
      };
      return new WalFile(fileSystem, directory, name, { log, register, header, start });
    } catch (error) {
      fileSystem.close(log);
      if (register !== undefined) fileSystem.close(register);
      throw error;
    }
  }

  /** How many frames are committed, as of now. One read of nothing if there is nothing new. */
  committedFrames(): number {
    for (let more = scratch.length; more === scratch.length;) {
      const from = this.#registerBytes;
      more = this.#fileSystem.read(this.#register, scratch, 0, scratch.length, from);
      for (let at = more - 1; at >= 0; at--) {
        if (scratch[at] !== registerByte[FrameDurability.full][0]) continue;
        this.#durableFrames = from + at;
        break;
      }
      this.#registerBytes += more;
    }
    if (this.#registerBytes === 0) {
      throw damaged(this.#registerPath, 0, 'the end register is empty');
    }
    return this.#registerBytes - 1;
  }

  /** The same from the register's first byte: another process may have taken back publications. */
  recountCommittedFrames(): number {
    this.#registerBytes = 0;
    this.#durableFrames = 0;
    return this.committedFrames();
  }

  /** Of the committed frames, those that are known to be on the disk. */
  get durableFrames(): number {
    return this.#durableFrames;
  }

  /** Makes frame `ordinal`, and all before it, visible to everybody. */
  publish(ordinal: number, durability: FrameDurability): void {
    if (ordinal < 1) throw new RangeError(`frame ${ordinal} cannot be published`);
    this.#fileSystem.write(this.#register, registerByte[durability], ordinal);
  }

  /** True if somebody has published this frame, and not only one behind it: that leaves a zero here. */
  isPublishedItself(ordinal: number): boolean {
    return this.#fileSystem.read(this.#register, scratch, 0, 1, ordinal) === 1 && scratch[0] !== 0;
  }

  /** Takes back the publication of frames that a power cut has taken (mode `process` allows it). */
  unpublishAfter(ordinal: number): void {
    this.#fileSystem.truncate(this.#register, ordinal + 1);
    this.recountCommittedFrames();
  }

  size(): number {
    return this.#fileSystem.size(this.#log);
  }

  /** Reads up to `length` bytes at `position`; answers how many. */
  read(into: Buffer, length: number, position: number): number {
    return this.#fileSystem.read(this.#log, into, 0, length, position);
  }

  /**
   * Writes a complete frame at `offset` in one call, with zeros ahead of the next ones where the
   * file ends. If that fails, the file is put back to end at `offset`, and the system's error is
   * thrown; ERR_TIMEKV_OUTCOME_UNKNOWN if even that was refused, so that nobody knows what is there.
   * @param buffer begins with the frame; room behind it is used for the zeros
   * @param look called right before the write; what it throws leaves the file as it is
   */
  append(buffer: Buffer, frameLength: number, offset: number, look: () => void = () => {}): void {
    let length = frameLength;
    const end = offset + frameLength;
    if (end > this.#reach) this.#reach = this.size();
    if (end > this.#reach) {
      const filled = Math.ceil(end / walFillBytes) * walFillBytes - offset;
      if (filled <= buffer.length) {
        buffer.fill(0, frameLength, filled);
        length = filled;
      }
    }
    look();
    try {
      this.#fileSystem.write(this.#log, buffer.subarray(0, length), offset);
    } catch (error) {
      this.#undo(offset, error);
      throw error;
    }
    this.#reach = Math.max(this.#reach, offset + length);
  }

  /** Writes bytes again that are there already, so that the next sync covers them for certain. */
  rewrite(bytes: Buffer, offset: number): void {
    this.#fileSystem.write(this.#log, bytes, offset);
  }

  /** Ends the file at `offset`. Only the holder of the write lock may judge what lies behind. */
  cutAt(offset: number): void {
    this.#reach = 0;
    this.#fileSystem.truncate(this.#log, offset);
  }

  #undo(offset: number, cause: unknown): void {
    try {
      this.cutAt(offset);
    } catch {
      this.#fail(cause);
      throw new TimekvError(
        'ERR_TIMEKV_OUTCOME_UNKNOWN',
        `a write to ${this.path} failed and could not be undone; open the store again and read to see whether it is there`,
        { cause, file: this.path, offset },
      );
    }
  }

  /** False after a failed sync, or a failed write that could not be undone. */
  get isSound(): boolean {
    return this.#failure === undefined;
  }

  /** True if an earlier descriptor of this process was left unsound. */
  get isUnsettled(): boolean {
    return unsettledPaths.has(this.path);
  }

  /** Everything whole in the file has been made durable, and published. */
  settled(): void {
    unsettledPaths.delete(this.path);
  }

  /** @throws ERR_TIMEKV_POISONED */
  requireSound(): void {
    if (this.isSound) return;
    throw new TimekvError(
      'ERR_TIMEKV_POISONED',
      `${this.path} could not be written or synced earlier; close the store and open it again to write`,
      { cause: this.#failure, file: this.path },
    );
  }

  /** Once it has failed it is never tried again: the kernel tells each descriptor only once. */
  syncData(): void {
    this.requireSound();
    try {
      this.#fileSystem.syncData(this.#log);
    } catch (error) {
      this.#fail(error);
      throw error;
    }
  }

  /** True while a sync, even of a few bytes, would hold up the event loop. */
  get syncsMustWait(): boolean {
    return this.#fileSystem.syncsMustWait();
  }

  /** @param bytes how many it may have to write */
  async syncDataAsync(bytes: number): Promise<void> {
    this.requireSound();
    try {
      await this.#fileSystem.syncDataAsync(this.#log, bytes);
    } catch (error) {
      this.#fail(error);
      throw error;
    }
  }

  #fail(cause: unknown): void {
    this.#failure ??= cause;
    unsettledPaths.add(this.path);
  }

  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#fileSystem.close(this.#log);
    this.#fileSystem.close(this.#register);
  }
}

/** True if anything stands where the first frame of a log begins, be it whole or not. */
export function holdsFrames(fileSystem: FileSystem, path: string): boolean {
  const file = fileSystem.open(path, 'read');
  try {
    const start = Buffer.alloc(8);
    fileSystem.read(file, start, 0, start.length, fileHeaderBytes);
    return start.some((byte) => byte !== 0);
  } finally {
    fileSystem.close(file);
  }
}
