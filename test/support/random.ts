/** Random numbers that can be had again: the same seed, the same numbers. */
export class Random {
  readonly seed: number;
  #state: number;

  /**
   * Says its seed on stdout, unless it was told one.
   * `TIMEKV_SEED=1 npm test` gives that seed to every test.
   */
  constructor(seed?: number) {
    const chosen = Number(process.env['TIMEKV_SEED'] ?? Math.floor(Math.random() * 2 ** 32));
    this.seed = seed ?? chosen;
    this.#state = this.seed;
    if (seed === undefined) process.stdout.write(`TIMEKV_SEED=${chosen}\n`);
  }

  /** Others of their own for a place in what is done, whatever has been drawn by then. */
  at(...place: readonly number[]): Random {
    const mix = (hash: number, part: number) => Math.imul(hash ^ part, 0x9e3779b1) ^ (hash >>> 15);
    return new Random(place.reduce(mix, this.seed ^ 0x85ebca6b));
  }

  /** In [0, 1): the generator mulberry32. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }

  /** An integer in [from, to). */
  integer(from: number, to: number): number {
    // Instants in microseconds need more than the 32 bits of one number.
    const fraction = (Math.floor(this.next() * 2 ** 21) + this.next()) / 2 ** 21;
    return from + Math.floor(fraction * (to - from));
  }

  pick<T>(values: readonly T[]): T {
    return values[this.integer(0, values.length)]!;
  }
}
