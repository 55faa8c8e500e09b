/**
 * Deflated data blocks: raw deflate (RFC 1951) of what the block is otherwise, at the quickest level.
 * Larger blocks or slower levels would save little more of values as they usually are.
 */
import { constants, deflateRawSync, inflateRawSync } from 'node:zlib';
import { blockBytesTarget, deflatedShareMax } from '../base/limits.js';
import { type Run, ZlibStream } from './zlib-stream.js';

/** Memory by the size of a block: what zlib takes by itself would be a hundred times as much. */
const settings = { level: 1, windowBits: 12, memLevel: 5, chunkSize: blockBytesTarget };
/** After so many blocks in a row that could not be made smaller, only few are tried. */
const vainMax = 16;
const triedThen = 64;

const sample = Buffer.from('as of now, as of then, as of now; '.repeat(20));
/** What zlib makes of it on one machine; another may choose other bytes, which inflate to the same. */
const sampleDeflated = Buffer.from(
  'SyxWyE9TyMsv11FIBDNLMlLzYOy8/HJrqPCoCkgwjYbHwKQPAA==',
  'base64',
);

const inflating = new ZlibStream(
  { ...settings, mode: constants.INFLATERAW, windowBits: constants.Z_MAX_WINDOWBITS },
  (run) => makes(run, sampleDeflated, sample),
);
const deflating = new ZlibStream({ ...settings, mode: constants.DEFLATERAW }, (run) => {
  const output = Buffer.alloc(sample.length);
  const deflated = output.subarray(0, output.length - run(sample, output));
  return makes(run, sample, deflated) && inflate(deflated, sample.length).equals(sample);
});

/** Twice, since a stream is used again; with room to spare, and with too little. */
function makes(run: Run, input: Buffer, expected: Buffer): boolean {
  return [1, 0].every((spare) => {
    const made = Buffer.alloc(expected.length + spare);
    return run(input, made) === spare && made.subarray(0, expected.length).equals(expected);
  });
}

/** Deflates the blocks of one segment as far as that pays. */
export class Deflater {
  #vain = 0;

  /** @returns a block that takes at most 0.8 of what it was; undefined if that cannot be, or mostly could not */
  deflated(block: Buffer): Buffer | undefined {
    if (this.#vain >= vainMax && this.#vain % triedThen !== 0) {
      this.#vain++;
      return undefined;
    }
    const most = Math.floor(block.length * deflatedShareMax);
    const bytes = deflate(block, most);
    const pays = bytes.length <= most;
    this.#vain = pays ? 0 : this.#vain + 1;
    return pays ? bytes : undefined;
  }
}

/** @returns more than `most` bytes, whichever, if it cannot be done with those */
function deflate(block: Buffer, most: number): Buffer {
  const output = Buffer.allocUnsafeSlow(most + 1);
  const left = deflating.run(block, output);
  if (left === undefined) return deflateRawSync(block, settings);
  return output.subarray(0, output.length - left);
}

/**
 * @param length of the block as it was; more memory than that is never taken
 * @throws RangeError if the bytes are no such block
 */
export function inflate(bytes: Buffer, length: number): Buffer {
  let block: Buffer;
  try {
    block = inflated(bytes, length);
  } catch (error) {
    throw new RangeError('it cannot be inflated', { cause: error });
  }
  if (block.length !== length) throw new RangeError(`it has ${block.length} bytes, not ${length}`);
  return block;
}

/** @returns a block of another length, whichever, if it has not this one */
function inflated(bytes: Buffer, length: number): Buffer {
  // With one more byte it is seen whether there would have been more.
  const output = Buffer.allocUnsafeSlow(length + 1);
  const left = inflating.run(bytes, output);
  if (left !== undefined) return output.subarray(0, output.length - left);
  return inflateRawSync(bytes, { maxOutputLength: length, chunkSize: Math.max(64, length) });
}
