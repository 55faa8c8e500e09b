/**
 * A WAL file that is only looked at, whatever state it is in: damaged, put aside, or copied
 * elsewhere without its end register. And a walk over it that goes on behind what is damaged.
 */
import { systemCode } from '../base/errors.js';
import type { Descriptor, FileSystem } from '../disk/file-system.js';
import {
  decodeFileHeader,
  fileHeaderBytes,
  fileHeaderCrc,
  fileHeaderIn,
  type FileHeader,
  type FrameHeader,
} from './format.js';
import { FrameWalker, type Frame, type WalSource } from './frame-walker.js';
import { nextIntactFrame, tailBefore } from './tail-finder.js';
import { publishedWithSync, type Tail } from './wal-file.js';

export class WalReader implements WalSource {
  readonly path: string;
  /** As it stands there; where `isIntact` is false, nothing of it can be relied on. */
  readonly header: FileHeader;
  readonly isIntact: boolean;
  /** Before the first frame. */
  readonly start: Tail;
  readonly #fileSystem: FileSystem;
  readonly #file: Descriptor;

  /** @throws the system's error (ENOENT, …); ERR_TIMEKV_UNSUPPORTED_FORMAT */
  constructor(fileSystem: FileSystem, path: string) {
    this.#fileSystem = fileSystem;
    this.path = path;
    this.#file = fileSystem.open(path, 'read');
    try {
      const bytes = Buffer.alloc(fileHeaderBytes);
      fileSystem.read(this.#file, bytes, 0, fileHeaderBytes, 0);
      const intact = decodeFileHeader(bytes, path);
      this.isIntact = intact !== undefined;
      this.header = intact ?? fileHeaderIn(bytes);
      const { baseSeq: seq, lastNow } = this.header;
      const crc = fileHeaderCrc(bytes);
      const empty = { ordinal: 0, frameOffset: undefined, next: undefined };
      this.start = { ...empty, offset: fileHeaderBytes, crc, seq, lastNow };
    } catch (error) {
      this.close();
      throw error;
    }
  }

  size(): number {
    return this.#fileSystem.size(this.#file);
  }

  read(into: Buffer, length: number, position: number): number {
    return this.#fileSystem.read(this.#file, into, 0, length, position);
  }

  close(): void {
    this.#fileSystem.close(this.#file);
  }
}

/** Bytes that are no frame, before one that is. */
export interface WalGap {
  /** After the last frame before it. */
  before: Tail;
  next: FrameHeader;
}

export class WalWalk {
  readonly #file: WalReader;
  #walker: FrameWalker;
  /** Those passed so far. */
  readonly gaps: WalGap[] = [];
  /** As many frames as any frame so far knew to be on the disk, one with a damaged trailer too. */
  durable = 0;

  constructor(file: WalReader) {
    this.#file = file;
    this.#walker = new FrameWalker(file, file.start);
  }

  /** After the last frame. */
  get tail(): Tail {
    return this.#walker.tail;
  }

  /** All frames that are whole; each is a view that holds until the next step, or `pause`. */
  *frames(): Generator<Frame> {
    // The chain begins with the checksum of the header.
    if (!this.#file.isIntact && !this.#skip(fileHeaderBytes)) return;
    do {
      for (let frame = this.#next(); frame; frame = this.#next()) yield frame;
    } while (this.tail.next === undefined && this.#skip(this.tail.offset + 8));
  }

  /** Other walks may come before the next step. */
  pause(): void {
    this.#walker.pause();
  }

  #next(): Frame | undefined {
    const frame = this.#walker.next(Infinity);
    if (frame !== undefined) this.durable = Math.max(this.durable, frame.header.durable);
    return frame;
  }

  /** To the next whole frame from an offset on; false if there is none. */
  #skip(offset: number): boolean {
    const before = this.tail;
    const next = nextIntactFrame(this.#file, offset);
    if (next === undefined || next.ordinal <= before.ordinal) return false;
    this.durable = Math.max(this.durable, next.durable);
    this.#walker = new FrameWalker(this.#file, tailBefore(next));
    if (next.ordinal > before.ordinal + 1 || offset > fileHeaderBytes) {
      this.gaps.push({ before, next });
    }
    return true;
  }
}

/** What an end register tells. */
export interface Register {
  bytes: Buffer;
  /** Committed frames; −1 if the register is empty. */
  committed: number;
  /** Of these, the ones that are known to be on the disk. */
  durable: number;
}

/** Undefined if there is none. */
export function readRegister(fileSystem: FileSystem, path: string): Register | undefined {
  let file: Descriptor;
  try {
    file = fileSystem.open(path, 'read');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error;
  }
  try {
    const bytes = Buffer.alloc(fileSystem.size(file));
    const length = fileSystem.read(file, bytes, 0, bytes.length, 0);
    const read = bytes.subarray(0, length);
    const durable = Math.max(0, read.lastIndexOf(publishedWithSync));
    return { bytes: read, committed: length - 1, durable };
  } finally {
    fileSystem.close(file);
  }
}
