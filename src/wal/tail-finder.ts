/**
 * Finds the end of a WAL file without walking it: the zeros written ahead are at most one step, so
 * the last word that is not zero is the trailer of the last frame, and frames know their place.
 * Anything that does not fit answers undefined, and the caller walks from the start.
 */
import { crc32 } from '../base/bytes.js';
import { walFillBytes } from '../base/limits.js';
import {
  decodeFrameHeader,
  fileHeaderBytes,
  frameBytes,
  frameHeaderBytes,
  FrameType,
  trailerBytes,
  type FrameHeader,
} from './format.js';
import { follows, tailAfter, type WalSource } from './frame-walker.js';
import type { Tail, WalFile } from './wal-file.js';

/** Sealed files end right behind their seal, so a small piece is tried before a whole step. */
const firstPieceBytes = 512;

/**
 * The tail of the file, from the last frame's header and trailer alone.
 * @returns undefined if the last bytes are no whole frame: torn, damaged, or too many zeros
 */
export function findTail(file: WalFile): Tail | undefined {
  const size = file.size();
  for (const piece of [firstPieceBytes, walFillBytes + trailerBytes]) {
    const from = Math.max(fileHeaderBytes, (size - piece) & ~7);
    const bytes = Buffer.alloc(Math.max(0, size - from));
    const length = file.read(bytes, bytes.length, from);
    const last = lastWord(bytes.subarray(0, length & ~7));
    if (last >= 0) return frameEndingAt(file, from + last + trailerBytes);
    if (from === fileHeaderBytes) return file.start;
  }
  return undefined;
}

/**
 * Goes back from `tail` over whole frames to the tail after frame `ordinal`.
 * @returns undefined if a frame on the way is not what it should be
 */
export function walkBack(file: WalFile, tail: Tail, ordinal: number): Tail | undefined {
  let current = tail;
  while (current.ordinal > ordinal) {
    if (current.ordinal === 1) return file.start;
    const header = headerEndingAt(file, current.offset);
    if (header === undefined) return undefined;
    const before = header.ordinal === 1 ? file.start : frameEndingAt(file, header.offset);
    if (before === undefined || !follows(header, before)) return undefined;
    current = before;
  }
  return current;
}

/**
 * Looks for the next intact frame behind a place that could not be read.
 * @param offset a multiple of 8 where the search begins
 */
export function nextIntactFrame(file: WalSource, offset: number): FrameHeader | undefined {
  const size = file.size();
  const pieceBytes = 1 << 20;
  for (let from = offset; from < size; from += pieceBytes) {
    const piece = Buffer.alloc(Math.min(pieceBytes + frameHeaderBytes, size - from));
    const length = file.read(piece, piece.length, from);
    for (let at = 0; at + frameHeaderBytes <= length && at < pieceBytes; at += 8) {
      if (piece.readUInt32LE(at) === 0) continue;
      const header = decodeFrameHeader(
        piece.subarray(at, at + frameHeaderBytes),
        from + at,
        file.header.salt,
      );
      if (header !== undefined && payloadIsIntact(file, header)) return header;
    }
  }
  return undefined;
}

/** The tail before a frame, as the frame itself tells it. */
export function tailBefore(header: FrameHeader): Tail {
  return {
    offset: header.offset,
    frameOffset: undefined,
    ordinal: header.ordinal - 1,
    crc: header.previousCrc,
    seq: header.firstSeq - 1,
    lastNow: header.lastNow,
    next: undefined,
  };
}

function payloadIsIntact(file: WalSource, header: FrameHeader): boolean {
  const { offset, payloadBytes, payloadCrc } = header;
  if (offset + frameBytes(payloadBytes) > file.size()) return false;
  const payload = Buffer.alloc(payloadBytes);
  const length = file.read(payload, payloadBytes, offset + frameHeaderBytes);
  return length === payloadBytes && crc32(payload, file.header.salt) === payloadCrc;
}

/** Offset of the last 8-byte word that is not zero; −1 if there is none. */
function lastWord(bytes: Buffer): number {
  // Every opening looks through up to a whole step of zeros: by halves of words, which is quickest.
  const halves = new Int32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
  let last = halves.length - 1;
  while (last >= 0 && halves[last] === 0) last--;
  return last < 0 ? -1 : (last >> 1) * 8;
}

function headerEndingAt(file: WalFile, end: number): FrameHeader | undefined {
  const trailer = Buffer.alloc(trailerBytes);
  if (end - trailerBytes < fileHeaderBytes) return undefined;
  if (file.read(trailer, trailerBytes, end - trailerBytes) < trailerBytes) return undefined;
  const offset = end - trailer.readUInt32LE(0);
  if (offset < fileHeaderBytes || offset % 8 !== 0) return undefined;
  const bytes = Buffer.alloc(frameHeaderBytes);
  const length = file.read(bytes, frameHeaderBytes, offset);
  const header = decodeFrameHeader(bytes.subarray(0, length), offset, file.header.salt);
  if (header === undefined || offset + frameBytes(header.payloadBytes) !== end) return undefined;
  return trailer.readUInt32LE(4) === header.headerCrc ? header : undefined;
}

function frameEndingAt(file: WalFile, end: number): Tail | undefined {
  const header = headerEndingAt(file, end);
  if (header === undefined) return undefined;
  if (header.type !== FrameType.seal) return tailAfter(header, Buffer.alloc(0));
  const payload = Buffer.alloc(header.payloadBytes);
  file.read(payload, header.payloadBytes, header.offset + frameHeaderBytes);
  if (crc32(payload, file.header.salt) !== header.payloadCrc) return undefined;
  return tailAfter(header, payload);
}
