/**
 * Whether a frame lies where its writer put it. The four bytes before a frame are always the header
 * CRC that it is chained to (the end of the frame before, or of the file header), so one short read
 * tells both that the frame is there and that it follows what it was made to follow. Whoever writes
 * over a frame begins at its start or before it.
 */
import { fileHeaderBytes, trailerBytes } from './format.js';
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
 * at its start: a shorter one that was written over it leaves the end as it was.
 */
export function isStillBefore(file: WalFile, tail: Tail): boolean {
  if (tail.ordinal === 0) return true; // Nobody writes over the file's header.
  const trailerLength = file.read(scratch, trailerBytes, tail.offset - trailerBytes);
  if (trailerLength < trailerBytes || scratch.readUInt32LE(4) !== tail.crc) return false;
  const start = tail.offset - scratch.readUInt32LE(0);
  if (start < fileHeaderBytes) return false;
  const length = file.read(scratch, startBytes, start);
  return length === startBytes && scratch.readUInt32LE(4) === tail.crc;
}

/** Makes the frame one that nobody can take for a whole one, nor go on behind. */
export function spoil(file: WalFile, { offset, crc }: FramePlace, length: number): void {
  const wrong = Buffer.alloc(4);
  wrong.writeUInt32LE(~crc >>> 0, 0);
  file.rewrite(wrong, offset + 4);
  file.rewrite(wrong, offset + length - 4);
}
