/**
 * One stream of zlib for all blocks of a thread. Node aborts the process where a thread is terminated
 * in the few instructions between making such a stream and setting it up ("close before init"), and
 * `deflateRawSync` and its like make one at each call: a worker that merged would end all others. It
 * saves time, too. What it uses is what those functions use within, which no Node promises: so it is
 * used only if it makes of a sample what they make.
 */
import { constants, type DeflateRaw, type InflateRaw } from 'node:zlib';

/** A sample, and what is to become of it. */
export interface Proof {
  input: Buffer;
  output: Buffer;
}

type Stream = (DeflateRaw | InflateRaw) & Within;

interface Within {
  _handle?: { writeSync?: (...step: Step) => void } | null;
  /** What was left of the output and of the input. */
  _writeState?: Uint32Array;
}

type Part = [bytes: Buffer, offset: number, length: number];
type Step = [flush: number, ...input: Part, ...output: Part];

export class ZlibStream {
  readonly #make: () => DeflateRaw | InflateRaw;
  readonly #proof: () => Proof;
  #stream: Stream | undefined;
  #isProven: boolean | undefined;

  constructor(make: () => DeflateRaw | InflateRaw, proof: () => Proof) {
    this.#make = make;
    this.#proof = proof;
  }

  /**
   * Puts what becomes of all of the input into the output.
   * @returns how many bytes were left of the output (0: it may have been too little); undefined where
   *   this Node cannot do it so
   * @throws what zlib finds wrong with the input
   */
  run(input: Buffer, output: Buffer): number | undefined {
    this.#isProven ??= this.#makesTheSame();
    return this.#isProven ? this.#run(input, output) : undefined;
  }

  /** Twice, since a stream is used again; with room to spare, and with too little. */
  #makesTheSame(): boolean {
    const { input, output: expected } = this.#proof();
    return [1, 0].every((spare) => {
      const made = Buffer.alloc(expected.length + spare);
      return this.#run(input, made) === spare && made.subarray(0, expected.length).equals(expected);
    });
  }

  #run(input: Buffer, output: Buffer): number | undefined {
    const stream = (this.#stream ??= this.#made());
    const { _handle: handle, _writeState: state } = stream;
    if (typeof handle?.writeSync !== 'function' || state === undefined) return undefined;
    stream.reset();
    handle.writeSync(constants.Z_FINISH, input, 0, input.length, output, 0, output.length);
    if (stream.errored === null) return state[0];
    this.#stream = undefined; // It is of no use any more.
    throw stream.errored;
  }

  #made(): Stream {
    const stream = this.#make();
    stream.on('error', () => {}); // It was thrown already.
    return stream;
  }
}
