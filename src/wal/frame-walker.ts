/**
 * Walks the frames of a WAL file in order, checking each one's place, chain and checksums, and
 * reading ahead in growing pieces. A frame that does not check out ends the walk: whether it is a
 * torn tail, a write in progress or damage is for the engine to say.
 */
import { crc32, noBytes } from '../base/bytes.js';
import {
  decodeFrameHeader,
  decodeSeal,
  frameBytes,
  frameHeaderBytes,
  FrameType,
  type FrameHeader,
} from './format.js';
import type { Tail } from './wal-file.js';

const firstReadBytes = 4096;
const largestReadBytes = 1 << 18;

/** What all walks of this thread read into: one that others come in between says so by `pause`. */
let readBuffer: Buffer = Buffer.allocUnsafeSlow(firstReadBytes);

/** A WAL file, as far as walking over it goes. */
export interface WalSource {
  readonly header: { readonly salt: number };
  size(): number;
  /** Reads up to `length` bytes at `position`; answers how many. */
  read(into: Buffer, length: number, position: number): number;
}

/** Why a walk ended: nothing (yet) behind the tail, the limit, or bytes that are no next frame. */
export type WalkEnd = 'end' | 'limit' | 'invalid';

export interface Frame {
  header: FrameHeader;
  /** A view that holds until the next step. */
  payload: Buffer;
  /** The whole frame as it lies in the file; a view as well. */
  bytes: Buffer;
}

/** The tail after a frame. */
export function tailAfter(header: FrameHeader, payload: Buffer): Tail {
  return {
    offset: header.offset + frameBytes(header.payloadBytes),
    frameOffset: header.offset,
    ordinal: header.ordinal,
    crc: header.headerCrc,
    seq: header.firstSeq + header.count - 1,
    lastNow: header.lastNow,
    next: header.type === FrameType.seal ? decodeSeal(payload) : undefined,
  };
}

export class FrameWalker {
  readonly #file: WalSource;
  #tail: Tail;
  #window: Buffer = noBytes;
  #windowOffset = 0;
  #readBytes = firstReadBytes;
  /** Why the last call of `next` answered undefined. */
  ended: WalkEnd = 'end';

  constructor(file: WalSource, from: Tail) {
    this.#file = file;
    this.#tail = from;
  }

  /** After the last frame walked. */
  get tail(): Tail {
    return this.#tail;
  }

  /** The next frame if it is there, whole and right, and its ordinal is at most `ordinalMax`. */
  next(ordinalMax: number): Frame | undefined {
    const tail = this.#tail;
    if (tail.ordinal >= ordinalMax || tail.next !== undefined) return this.#end('limit');
    const start = this.#bytesAt(tail.offset, frameHeaderBytes);
    if (start.length < 8 || start.readUInt32LE(0) === 0) return this.#end('end');
    const header = decodeFrameHeader(start, tail.offset, this.#file.header.salt);
    if (header === undefined || !follows(header, tail)) return this.#end('invalid');
    const total = frameBytes(header.payloadBytes);
    // The length is held against the file before any memory is taken for it.
    if (total > largestReadBytes && tail.offset + total > this.#file.size()) {
      return this.#end('invalid');
    }
    const bytes = this.#bytesAt(tail.offset, total);
    if (bytes.length < total || bytes.readUInt32LE(total - 4) !== header.headerCrc) {
      return this.#end('invalid');
    }
    const payload = bytes.subarray(frameHeaderBytes, frameHeaderBytes + header.payloadBytes);
    if (crc32(payload, this.#file.header.salt) !== header.payloadCrc) return this.#end('invalid');
    this.#tail = tailAfter(header, payload);
    return { header, payload, bytes };
  }

  /** Other walks may come before the next step: what was read ahead does not hold any longer. */
  pause(): void {
    this.#window = noBytes;
  }

  #end(why: WalkEnd): undefined {
    this.ended = why;
    // What was read ahead may have been zeros, or half a write, that are whole by the next call.
    this.#window = noBytes;
    this.#readBytes = firstReadBytes;
    return undefined;
  }

  /** Up to `length` bytes at `offset`, from the window or by reading the next one. */
  #bytesAt(offset: number, length: number): Buffer {
    const at = offset - this.#windowOffset;
    if (at + length > this.#window.length || at < 0) {
      const wanted = Math.max(length, this.#readBytes);
      const buffer = bufferFor(wanted);
      const got = this.#file.read(buffer, wanted, offset);
      this.#window = buffer.subarray(0, got);
      this.#windowOffset = offset;
      this.#readBytes = Math.min(this.#readBytes * 2, largestReadBytes);
      return this.#window.subarray(0, length);
    }
    return this.#window.subarray(at, at + length);
  }
}

/** Only the memory for a frame of unusual size is not kept. */
function bufferFor(bytes: number): Buffer {
  if (bytes > largestReadBytes) return Buffer.allocUnsafeSlow(bytes);
  if (bytes > readBuffer.length) readBuffer = Buffer.allocUnsafeSlow(bytes);
  return readBuffer;
}

/** True if the frame continues the chain at this tail. */
export function follows(header: FrameHeader, tail: Tail): boolean {
  return (
    header.ordinal === tail.ordinal + 1 &&
    header.previousCrc === tail.crc &&
    header.firstSeq === tail.seq + 1
  );
}
