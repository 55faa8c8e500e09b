/**
 * The bytes of a WAL file: a file header, then frames, then zeros written ahead. Every number is
 * little-endian, every part begins at a multiple of 8. `docs/format.md` is the specification; the
 * numbers below are persisted and never change within format 1.
 */
import { align8, crc32, readInt64, writeInt64 } from '../base/bytes.js';
import { TimekvError } from '../base/errors.js';
import type { WalName } from '../disk/names.js';

const walFormat = 1;
export const fileHeaderBytes = 128;
export const frameHeaderBytes = 72;
export const trailerBytes = 8;

const fileMagic = Buffer.from('timekvWL', 'latin1');
const frameMagic = 0x464b5654; // "TVKF"

/** What a frame is: a batch of operations, or the seal that ends a file and names the next one. */
export const FrameType = { data: 1, seal: 2 } as const;
export type FrameType = (typeof FrameType)[keyof typeof FrameType];

/** The mode of the frame's writer: durable once synced, or once written. */
export const FrameDurability = { full: 0, process: 1 } as const;
export type FrameDurability = (typeof FrameDurability)[keyof typeof FrameDurability];

/** No *now* was given yet. In files: −2^53, which is no timestamp. */
export const noNow = -Infinity;
const noNowOnDisk = -(2 ** 53);

export interface FileHeader {
  /** Random; every CRC in the file starts from it, so that blocks of an older file never fit. */
  salt: number;
  /** 32 hex digits. */
  storeId: string;
  generation: number;
  /** The last seq before this file. */
  baseSeq: number;
  /** The last *now* given before this file; −Infinity if none. */
  lastNow: number;
  /** 32 hex digits, or empty if the system has none. */
  bootId: string;
  /** Microseconds since 1970. */
  createdAt: number;
  /** Where the previous file's frames ended, and the header CRC of its last one, before its seal. */
  previousEnd: number;
  previousCrc: number;
  /** When the last operation before this file was committed, microseconds since 1970; −Infinity: none. */
  lastCommitTime: number;
}

export interface FrameHeader {
  headerCrc: number;
  payloadBytes: number;
  payloadCrc: number;
  /** Header CRC of the frame before (of the file header for the first): the chain. */
  previousCrc: number;
  type: FrameType;
  durability: FrameDurability;
  /** Where this frame begins in its file. */
  offset: number;
  /** 1 for the first frame of the file. */
  ordinal: number;
  /** How many frames of this file its writer knew to be on the disk: none of them may be missing. */
  durable: number;
  /** Operations in the payload. */
  count: number;
  firstSeq: number;
  /** Microseconds since 1970. */
  commitTime: number;
  /** The last *now* given, this frame included; −Infinity if none. */
  lastNow: number;
}

function encodeNow(now: number): number {
  return now === noNow ? noNowOnDisk : now;
}

function decodeNow(now: number): number {
  return now === noNowOnDisk ? noNow : now;
}

export function encodeFileHeader(header: FileHeader): Buffer {
  const bytes = Buffer.alloc(fileHeaderBytes);
  fileMagic.copy(bytes, 0);
  bytes.writeUInt32LE(walFormat, 8);
  // 12: incompatible features, 16: compatible features; none so far.
  bytes.writeUInt32LE(header.salt, 20);
  bytes.write(header.storeId, 24, 16, 'hex');
  writeInt64(bytes, header.generation, 40);
  writeInt64(bytes, header.baseSeq, 48);
  writeInt64(bytes, encodeNow(header.lastNow), 56);
  bytes.write(header.bootId, 64, 16, 'hex');
  writeInt64(bytes, header.createdAt, 80);
  writeInt64(bytes, header.previousEnd, 88);
  bytes.writeUInt32LE(header.previousCrc, 96);
  writeInt64(bytes, encodeNow(header.lastCommitTime), 104);
  bytes.writeUInt32LE(fileHeaderCrc(bytes), fileHeaderBytes - 4);
  return bytes;
}

/** The start of the chain: what the first frame carries as `previousCrc`. */
export function fileHeaderCrc(bytes: Buffer): number {
  return crc32(bytes.subarray(0, fileHeaderBytes - 4));
}

/**
 * @returns undefined if the bytes are no intact header of a WAL file
 * @throws ERR_TIMEKV_UNSUPPORTED_FORMAT if they are one, of a format that this code cannot read
 */
export function decodeFileHeader(bytes: Buffer, path: string): FileHeader | undefined {
  if (bytes.length < fileHeaderBytes || fileMagic.compare(bytes, 0, 8) !== 0) return undefined;
  if (bytes.readUInt32LE(fileHeaderBytes - 4) !== fileHeaderCrc(bytes)) return undefined;
  const format = bytes.readUInt32LE(8);
  const incompatible = bytes.readUInt32LE(12);
  if (format !== walFormat || incompatible !== 0) {
    throw new TimekvError(
      'ERR_TIMEKV_UNSUPPORTED_FORMAT',
      `${path} has WAL format ${format} with features ${incompatible}, and this timekv reads format ${walFormat}; use a newer timekv`,
      { file: path },
    );
  }
  return fileHeaderIn(bytes);
}

/** What stands in a file header, whether it is intact or not. */
export function fileHeaderIn(bytes: Buffer): FileHeader {
  const bootId = bytes.toString('hex', 64, 80);
  return {
    salt: bytes.readUInt32LE(20),
    storeId: bytes.toString('hex', 24, 40),
    generation: readInt64(bytes, 40),
    baseSeq: readInt64(bytes, 48),
    lastNow: decodeNow(readInt64(bytes, 56)),
    bootId: /^0+$/.test(bootId) ? '' : bootId,
    createdAt: readInt64(bytes, 80),
    previousEnd: readInt64(bytes, 88),
    previousCrc: bytes.readUInt32LE(96),
    lastCommitTime: decodeNow(readInt64(bytes, 104)),
  };
}

/** Bytes that a frame with such a payload takes in the file. */
export function frameBytes(payloadBytes: number): number {
  return frameHeaderBytes + align8(payloadBytes) + trailerBytes;
}

/**
 * Completes a frame in place: `frame` has the payload at `frameHeaderBytes` and zeros after it.
 * The checksum of the payload is made here, that of the header covers the chain and all fields.
 * @returns the header's CRC
 */
export function encodeFrame(
  frame: Buffer,
  header: Omit<FrameHeader, 'headerCrc' | 'payloadCrc'>,
  salt: number,
): number {
  const { payloadBytes } = header;
  const payload = frame.subarray(frameHeaderBytes, frameHeaderBytes + payloadBytes);
  frame.writeUInt32LE(frameMagic, 0);
  frame.writeUInt32LE(payloadBytes, 8);
  frame.writeUInt32LE(crc32(payload, salt), 12);
  frame.writeUInt32LE(header.previousCrc, 16);
  frame.writeUInt32LE(header.type | (header.durability << 8), 20);
  writeInt64(frame, header.offset, 24);
  frame.writeUInt32LE(header.ordinal, 32);
  frame.writeUInt32LE(header.durable, 36);
  frame.writeUInt32LE(header.count, 40);
  frame.writeUInt32LE(0, 44);
  writeInt64(frame, header.firstSeq, 48);
  writeInt64(frame, header.commitTime, 56);
  writeInt64(frame, encodeNow(header.lastNow), 64);
  const headerCrc = crc32(frame.subarray(8, frameHeaderBytes), salt);
  frame.writeUInt32LE(headerCrc, 4);
  const total = frameBytes(payloadBytes);
  frame.writeUInt32LE(total, total - trailerBytes);
  frame.writeUInt32LE(headerCrc, total - 4);
  return headerCrc;
}

/**
 * Reads a frame header and checks it against its own CRC and place.
 * @param bytes at least `frameHeaderBytes` from the frame's start
 * @param offset where in the file the bytes lie
 * @returns undefined if there is no intact header of this file at this place
 */
export function decodeFrameHeader(
  bytes: Buffer,
  offset: number,
  salt: number,
): FrameHeader | undefined {
  if (bytes.length < frameHeaderBytes || bytes.readUInt32LE(0) !== frameMagic) return undefined;
  const headerCrc = bytes.readUInt32LE(4);
  if (crc32(bytes.subarray(8, frameHeaderBytes), salt) !== headerCrc) return undefined;
  if (readInt64(bytes, 24) !== offset) return undefined;
  const type = bytes.readUInt8(20);
  const durability = bytes.readUInt8(21);
  if (type !== FrameType.data && type !== FrameType.seal) return undefined;
  if (durability !== FrameDurability.full && durability !== FrameDurability.process) {
    return undefined;
  }
  return {
    headerCrc,
    payloadBytes: bytes.readUInt32LE(8),
    payloadCrc: bytes.readUInt32LE(12),
    previousCrc: bytes.readUInt32LE(16),
    type,
    durability,
    offset,
    ordinal: bytes.readUInt32LE(32),
    durable: bytes.readUInt32LE(36),
    count: bytes.readUInt32LE(40),
    firstSeq: readInt64(bytes, 48),
    commitTime: readInt64(bytes, 56),
    lastNow: decodeNow(readInt64(bytes, 64)),
  };
}

/** The payload of a seal: the name of the file that goes on. */
export function encodeSeal(next: WalName): Buffer {
  const payload = Buffer.alloc(16);
  writeInt64(payload, next.generation, 0);
  payload.write(next.suffix, 8, 8, 'hex');
  return payload;
}

/** Room for a whole seal, its payload in place: what `encodeFrame` completes. */
export function sealFrame(next: WalName): { buffer: Buffer; payloadBytes: number } {
  const payload = encodeSeal(next);
  const buffer = Buffer.alloc(frameBytes(payload.length));
  payload.copy(buffer, frameHeaderBytes);
  return { buffer, payloadBytes: payload.length };
}

export function decodeSeal(payload: Buffer): WalName {
  return { generation: readInt64(payload, 0), suffix: payload.toString('hex', 8, 16) };
}
