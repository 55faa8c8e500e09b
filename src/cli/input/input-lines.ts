/** Lines of what is read: rows, or keys. */
import { linesOf } from './input.js';
import { lineBytesMax } from '../base/limits.js';
import { mapPieces, type Pieces } from './pieces.js';

/** Lines of the input, without the mark that some programs write before the first. */
export function inputLines(chunks: AsyncIterable<Buffer>): Pieces<Buffer> {
  let isFirst = true;
  return mapPieces(linesOf(chunks, lineBytesMax), function* (piece) {
    for (const line of piece) {
      const isMarked = isFirst && line.subarray(0, 3).equals(byteOrderMark);
      isFirst = false;
      yield isMarked ? line.subarray(3) : line;
    }
  });
}

const byteOrderMark = Buffer.from([0xef, 0xbb, 0xbf]);
