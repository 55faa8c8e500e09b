/** Takes the entries of logs from their files, where every frame is looked at again. */
import { damaged } from '../base/errors.js';
import type { Slices } from '../base/slices.js';
import { FrameType } from '../wal/format.js';
import { type Frame, FrameWalker } from '../wal/frame-walker.js';
import type { WalFile } from '../wal/wal-file.js';
import type { Memtable } from './memtable.js';

/**
 * Walks over all frames up to one.
 * @param table undefined: they are only looked at
 * @returns false if the chain leads to another frame than the one expected
 * @throws ERR_TIMEKV_DAMAGED if a frame cannot be read
 */
export async function gatherLog(
  file: WalFile,
  upTo: { ordinal: number; crc: number },
  table: Memtable | undefined,
  slices: Slices,
): Promise<boolean> {
  const walker = new FrameWalker(file, file.start);
  for (let frame = walker.next(upTo.ordinal); frame; frame = walker.next(upTo.ordinal)) {
    if (table !== undefined) addRecords(file, frame, table);
    if (!slices.isOver) continue;
    walker.pause();
    await slices.next();
  }
  if (walker.tail.ordinal < upTo.ordinal) {
    throw damaged(file.path, walker.tail.offset, 'a frame of the log cannot be read');
  }
  return walker.tail.crc === upTo.crc;
}

/** @throws ERR_TIMEKV_DAMAGED if the payload is no row of records */
export function addRecords(file: WalFile, { header, payload }: Frame, table: Memtable): void {
  if (header.type !== FrameType.data) return;
  try {
    table.addFrame(payload, header.firstSeq);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw damaged(file.path, header.offset, `a record cannot be read: ${error.message}`);
  }
}
