/**
 * Whether a frame lies where its writer put it. The four bytes before a frame are always the header
 * CRC that it is chained to (the end of the frame before, or of the file header), so one short read
 * tells both that the frame is there and that it follows what it was made to follow. Whoever writes
 * over a frame begins at its start or before it.
 */
import { decodeFrameHeader, frameHeaderBytes } from './format.js';
import type { Tail, WalFile } from './wal-file.js';

/** What lies at the start of a frame, and right before it. */
export interface FramePlace {
  offset: number;
  previousCrc: number;
  /** Header CRC of the frame itself. */
  crc: number;
}

const previousBytes = 4;
/** Magic and header CRC. */
const startBytes = 8;
/** Used at once: nothing comes in between a read and the look at it. */
const scratch = Buffer.alloc(previousBytes + startBytes);

/** True if the frame is there, and follows the one that it was chained to. */
export function isInPlace(file: WalFile, { offset, previousCrc, crc }: FramePlace): boolean {
  const length = file.read(scratch, scratch.length, offset - previousBytes);
  return (
    length === scratch.length &&
    scratch.readUInt32LE(0) === previousCrc &&
    scratch.readUInt32LE(previousBytes + 4) === crc
  );
}

/** True if no frame begins behind the tail, as a walk would see it. */
export function isFreeBehind(file: WalFile, { offset }: Tail): boolean {
  const length = file.read(scratch, startBytes, offset);
  return length < startBytes || scratch.readUInt32LE(0) === 0;
}

/**
 * True if the last frame before the tail is still the one that the tail was made from, at its end and
 * at its start: a shorter one that was written over it leaves the end as it was. A walk looks at the
 * same two places, so that it is true of whatever was walked over just now.
 */
export function isStillBefore(file: WalFile, { offset, frameOffset, crc }: Tail): boolean {
  if (frameOffset === undefined) return true;
  const endLength = file.read(scratch, previousBytes, offset - previousBytes);
  if (endLength < previousBytes || scratch.readUInt32LE(0) !== crc) return false;
  const length = file.read(scratch, startBytes, frameOffset);
  return length === startBytes && scratch.readUInt32LE(4) === crc;
}

/** When the last frame before the tail was committed, microseconds since 1970; −Infinity if that is unknown. */
export function commitTimeBefore(file: WalFile, { frameOffset }: Tail): number {
  if (frameOffset === undefined) return -Infinity;
  const bytes = Buffer.alloc(frameHeaderBytes);
  const length = file.read(bytes, bytes.length, frameOffset);
  const header = decodeFrameHeader(bytes.subarray(0, length), frameOffset, file.header.salt);
  return header?.commitTime ?? -Infinity;
}

/** Makes the frame one that nobody can take for a whole one, nor go on behind. */
export function spoil(file: WalFile, { offset, crc }: FramePlace, length: number): void {
  const wrong = Buffer.alloc(4);
  wrong.writeUInt32LE(~crc >>> 0, 0);
  file.rewrite(wrong, offset + 4);
  file.rewrite(wrong, offset + length - 4);
}
