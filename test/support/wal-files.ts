/** WAL files on a simulated disk, and frames made by hand. */
import { Kind } from '../../src/base/entry.js';
import type { WalName } from '../../src/disk/names.js';
import {
  encodeFrame,
  type FileHeader,
  frameBytes,
  FrameDurability,
  frameHeaderBytes,
  type FrameHeader,
  FrameType,
} from '../../src/wal/format.js';
import { encodeRecord, recordBytes, type RecordContent } from '../../src/wal/record.js';
import { type Tail, WalFile } from '../../src/wal/wal-file.js';
import { SimulatedDisk } from './simulated-disk.js';
import { SimulatedFileSystem } from './simulated-file-system.js';

export const name: WalName = { generation: 3, suffix: '0123456789abcdef' };
export const storeId = '00112233445566778899aabbccddeeff';

export const fileHeader: FileHeader = {
  salt: 0xdeadbeef,
  storeId,
  generation: 3,
  baseSeq: 40,
  lastNow: 1234,
  bootId: 'ffeeddccbbaa99887766554433221100',
  createdAt: 1_700_000_000_000_000,
  previousEnd: 777,
  previousCrc: 0x12345678,
  lastCommitTime: 1_700_000_000_000_001,
};

export interface MadeWal {
  disk: SimulatedDisk;
  fileSystem: SimulatedFileSystem;
  file: WalFile;
  /** Another descriptor of the same file, as another process has one. */
  reopen: () => WalFile;
}

export function makeWal(header: Partial<FileHeader> = {}): MadeWal {
  const disk = new SimulatedDisk();
  const fileSystem = new SimulatedFileSystem(disk);
  const { root } = fileSystem;
  WalFile.create(fileSystem, root, name, { ...fileHeader, ...header });
  const reopen = () => WalFile.open(fileSystem, root, name, { storeId, access: 'readWrite' });
  return { disk, fileSystem, file: reopen(), reopen };
}

/** The payload of one set for each value, all of the key `k`. */
export function payloadOf(...values: (string | Buffer)[]): Buffer {
  const contents = values.map((value, index): RecordContent => ({
    kind: Kind.value,
    key: Buffer.from('k'),
    timestamp: index,
    expiresAt: Infinity,
    value: Buffer.from(value),
  }));
  const payload = Buffer.alloc(contents.reduce((sum, each) => sum + recordBytes(each), 0));
  let offset = 0;
  for (const content of contents) offset = encodeRecord(payload, offset, content);
  return payload;
}

/** A whole frame that follows the tail, and the tail after it. */
export function frameAfter(
  file: WalFile,
  tail: Tail,
  payload: Buffer,
  fields: Partial<FrameHeader> = {},
): { frame: Buffer; tail: Tail } {
  const length = frameBytes(payload.length);
  const frame = Buffer.alloc(length);
  payload.copy(frame, frameHeaderBytes);
  const header = {
    payloadBytes: payload.length,
    previousCrc: tail.crc,
    type: FrameType.data,
    durability: FrameDurability.full,
    offset: tail.offset,
    ordinal: tail.ordinal + 1,
    durable: 0,
    count: 1,
    firstSeq: tail.seq + 1,
    commitTime: 5,
    lastNow: tail.lastNow,
    ...fields,
  };
  const crc = encodeFrame(frame, header, file.header.salt);
  const after: Tail = {
    offset: tail.offset + length,
    frameOffset: tail.offset,
    ordinal: header.ordinal,
    crc,
    seq: tail.seq + header.count,
    lastNow: header.lastNow,
    next: undefined,
  };
  return { frame, tail: after };
}

/** Appends a frame for each value behind the tail; answers the tails, the given one first. */
export function appendValues(file: WalFile, from: Tail, values: (string | Buffer)[]): Tail[] {
  const tails = [from];
  for (const value of values) {
    const { frame, tail } = frameAfter(file, tails.at(-1) ?? from, payloadOf(value));
    file.append(
      Buffer.concat([frame, Buffer.alloc(64 * 1024)]),
      frame.length,
      tail.offset - frame.length,
    );
    tails.push(tail);
  }
  return tails;
}
