/** Counts how often operations were followed at once by certain others. */
export class PairCounts {
  readonly #followers: readonly string[];
  readonly #counts = new Map<string, number>();

  constructor(followers: readonly string[]) {
    this.#followers = followers;
  }

  /** @param names the operations of one history, in their order */
  add(names: readonly string[]): void {
    for (const [at, name] of names.entries()) {
      for (const follower of this.#followers) {
        const pair = `${name}, then ${follower}`;
        const isThere = names[at + 1] === follower ? 1 : 0;
        this.#counts.set(pair, (this.#counts.get(pair) ?? 0) + isThere);
      }
    }
  }

  get count(): number {
    return this.#counts.size;
  }

  rarest(): [pair: string, times: number] {
    const [first] = [...this.#counts].sort(([, a], [, b]) => a - b);
    return first ?? ['none', 0];
  }
}
