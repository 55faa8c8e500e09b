/** What must be true of backups of a store, and of what was restored of them, whatever has happened. */

/** What a store answers, in one line. */
export type Content = string;

/** Of what is begun while nobody knows what the store holds. */
export const anyContent: Content = 'anything';

interface Copy {
  /** What it is known to hold; undefined: nothing need be there. */
  certain: Content | undefined;
  /** What it may hold as well: whoever was at it was not told. */
  possible: readonly Content[];
}

export class CopiesOracle {
  #copies = new Map<string, Copy>();

  clone(): CopiesOracle {
    const copy = new CopiesOracle();
    copy.#copies = new Map(this.#copies);
    return copy;
  }

  fingerprint(): string {
    return JSON.stringify([...this.#copies]);
  }

  /** All that were begun, by the names of their directories. */
  get names(): readonly string[] {
    return [...this.#copies.keys()];
  }

  /** What must be there; undefined: nothing. */
  contentOf(name: string): Content | undefined {
    return this.#copies.get(name)?.certain;
  }

  begun(name: string, content: Content): void {
    const { certain, possible } = this.#copies.get(name) ?? { certain: undefined, possible: [] };
    this.#copies.set(name, { certain, possible: [...possible, content] });
  }

  /** Somebody was told that it is there, or has seen so after all who were at it had died. */
  holds(name: string, content: Content | undefined): void {
    this.#copies.set(name, { certain: content, possible: [] });
  }

  /**
   * @param content what is found in it; undefined: there is no store
   * @returns what is wrong
   */
  faultIn(name: string, content: Content | undefined): string | undefined {
    const { certain, possible } = this.#copies.get(name) ?? { certain: undefined, possible: [] };
    if (content === certain) return undefined;
    if (content !== undefined && [content, anyContent].some((each) => possible.includes(each))) {
      return undefined;
    }
    return `${name} holds ${content ?? 'no store'} in place of ${[certain ?? 'none', ...possible].join(', or ')}`;
  }
}
