/** Heights of towers in a skip list: each is a quarter as likely as the one below. */
export class RandomHeights {
  readonly #max: number;
  #random = 0x2545f491;

  constructor(max: number) {
    this.#max = max;
  }

  /** 1 to the largest one (xorshift32; the numbers need not be good). */
  draw(): number {
    let random = this.#random;
    random ^= random << 13;
    random ^= random >>> 17;
    random ^= random << 5;
    this.#random = random;
    let height = 1;
    for (; height < this.#max && (random & 3) === 0; height++) random >>>= 2;
    return height;
  }
}
