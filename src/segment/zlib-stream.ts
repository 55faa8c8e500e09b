/**
 * One stream of zlib for all blocks of a thread, made of what Node makes its own of. Node aborts the
 * process where a thread is terminated between making a stream and setting it up ("close before
 * init"), and does a little between the two, so that it can happen; here nothing lies between, and V8
 * ends a thread only where JavaScript enters a function or goes round a loop. It saves time, too. What
 * it uses no Node promises: so only those use it on which it was tried, and if they make of a sample
 * what they should. The others have `deflateRawSync` and its like.
 * (docs/decisions/0001-toolchain-and-dependencies.md)
 */
import { constants } from 'node:zlib';
import { nodeMajor } from '../base/node-version.js';

/** The last major on which it was tried. */
const triedMajor = 26;

interface ZlibSettings {
  /** `constants.DEFLATERAW` or `constants.INFLATERAW`. */
  mode: number;
  level: number;
  windowBits: number;
  memLevel: number;
}

type Part = [bytes: Buffer, offset: number, length: number];

interface Handle {
  init(
    windowBits: number,
    level: number,
    memLevel: number,
    strategy: number,
    state: Uint32Array,
    written: () => void,
    dictionary: undefined,
  ): void;
  reset(): void;
  writeSync(...step: [flush: number, ...input: Part, ...output: Part]): void;
  onerror(message: string): void;
}

/** What of Node makes streams. */
export interface ZlibBinding {
  Zlib: new (mode: number) => Handle;
}

/** @returns undefined where this Node has none, gives it to nobody, or was not tried */
function bindingOfNode(): ZlibBinding | undefined {
  if (nodeMajor > triedMajor) return undefined;
  try {
    const node = process as unknown as { binding(name: string): ZlibBinding };
    return node.binding('zlib');
  } catch {
    return undefined; // Node's permission model allows no bindings.
  }
}

/** Puts what becomes of all of the input into the output, and tells how many bytes are left of it. */
export type Run = (input: Buffer, output: Buffer) => number;

export class ZlibStream {
  readonly #settings: ZlibSettings;
  readonly #isRight: (run: Run) => boolean;
  readonly #binding: () => ZlibBinding | undefined;
  /** What was left of the output and of the input. */
  readonly #left = new Uint32Array(2);
  #handle: Handle | undefined;
  #wrong: string | undefined;
  #isProven: boolean | undefined;

  /** @param isRight whether it makes of samples what it should; asked once, before the first use */
  constructor(
    settings: ZlibSettings,
    isRight: (run: Run) => boolean,
    binding: () => ZlibBinding | undefined = bindingOfNode,
  ) {
    this.#settings = settings;
    this.#isRight = isRight;
    this.#binding = binding;
  }

  /**
   * Puts what becomes of all of the input into the output.
   * @returns how many bytes were left of the output (0: it may have been too little); undefined where
   *   this Node cannot do it so
   * @throws what zlib finds wrong with the input
   */
  run(input: Buffer, output: Buffer): number | undefined {
    this.#isProven ??= this.#prove();
    return this.#isProven ? this.#run(input, output) : undefined;
  }

  #prove(): boolean {
    const binding = this.#binding();
    if (typeof binding?.Zlib !== 'function') return false;
    this.#handle = this.#made(binding);
    try {
      return this.#isRight((input, output) => this.#run(input, output));
    } catch {
      return false;
    }
  }

  #made(binding: ZlibBinding): Handle {
    const { mode, windowBits, level, memLevel } = this.#settings;
    const strategy = constants.Z_DEFAULT_STRATEGY;
    const left = this.#left;
    const written = () => {}; // For writes that are waited for, of which there are none.
    // Nothing may come between these two.
    const handle = new binding.Zlib(mode);
    handle.init(windowBits, level, memLevel, strategy, left, written, undefined);
    const onerror = (message: string): void => {
      this.#wrong = message;
    };
    return Object.assign(handle, { onerror });
  }

  #run(input: Buffer, output: Buffer): number {
    const handle = this.#handle as Handle;
    handle.reset();
    handle.writeSync(constants.Z_FINISH, input, 0, input.length, output, 0, output.length);
    const wrong = this.#wrong;
    this.#wrong = undefined;
    if (wrong !== undefined) throw new Error(wrong);
    return this.#left[0] as number;
  }
}
