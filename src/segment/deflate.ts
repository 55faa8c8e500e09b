/**
 * Deflated data blocks: raw deflate (RFC 1951) of what the block is otherwise, at the quickest level.
 * Larger blocks or slower levels would save little more of values as they usually are.
 */
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { blockBytesTarget, deflatedShareMax } from '../base/limits.js';

/** Memory by the size of a block: what zlib takes by itself would be a hundred times as much. */
const settings = { level: 1, windowBits: 12, memLevel: 5, chunkSize: blockBytesTarget };
/** After so many blocks in a row that could not be made smaller, only few are tried. */
const vainMax = 16;
const triedThen = 64;

/** Deflates the blocks of one segment as far as that pays. */
export class Deflater {
  #vain = 0;

  /** @returns a block that takes at most 0.8 of what it was; undefined if that cannot be, or mostly could not */
  deflated(block: Buffer): Buffer | undefined {
    if (this.#vain >= vainMax && this.#vain % triedThen !== 0) {
      this.#vain++;
      return undefined;
    }
    const bytes = deflateRawSync(block, settings);
    const pays = bytes.length <= block.length * deflatedShareMax;
    this.#vain = pays ? 0 : this.#vain + 1;
    return pays ? bytes : undefined;
  }
}

/**
 * @param length of the block as it was; more memory than that is never taken
 * @throws RangeError if the bytes are no such block
 */
export function inflate(bytes: Buffer, length: number): Buffer {
  let block: Buffer;
  try {
    block = inflateRawSync(bytes, { maxOutputLength: length, chunkSize: Math.max(64, length) });
  } catch (error) {
    throw new RangeError('it cannot be inflated', { cause: error });
  }
  if (block.length !== length) throw new RangeError(`it has ${block.length} bytes, not ${length}`);
  return block;
}
