/** What retention keeps anybody from asking for, or from writing to, as far as it is known. */
import type { Operation } from '../../../src/options.js';

/**
 * Simulated clocks go on by one each time that they are asked, and a history does not ask more often:
 * so a horizon that is to lie at a time lies no further behind it.
 */
export const clockTicksMax = 3000;

/** What one call asks for. */
export interface Limit {
  /** Where the horizon is to lie; −Infinity: where it is. */
  horizon: number;
  /** Where the keys begin that lose versions by being counted. */
  begins: ReadonlyMap<string, number>;
}

const nothing: Limit = { horizon: -Infinity, begins: new Map() };

export class KeptLimits {
  #hasBegun = false;
  /** The horizon lies there at least, and no further than that. */
  #horizonMin = -Infinity;
  #horizonMax = -Infinity;
  /** Where keys begin of which nothing was erased since. */
  #begins = new Map<string, number>();
  /** What calls ask for that nobody was told of, by their names. */
  #asked = new Map<string, Limit>();

  clone(): KeptLimits {
    const copy = new KeptLimits();
    copy.#hasBegun = this.#hasBegun;
    copy.#horizonMin = this.#horizonMin;
    copy.#horizonMax = this.#horizonMax;
    copy.#begins = new Map(this.#begins);
    copy.#asked = new Map(this.#asked);
    return copy;
  }

  get hasBegun(): boolean {
    return this.#hasBegun;
  }

  begun(name: string, limit: Limit): void {
    this.#hasBegun = true;
    this.#horizonMax = Math.max(this.#horizonMax, limit.horizon + clockTicksMax);
    this.#asked.set(name, limit);
  }

  /** The names of calls that have begun and are not known to be done. */
  get asked(): readonly string[] {
    return [...this.#asked.keys()];
  }

  /** Somebody was told that it is done, or has seen so. */
  done(name: string): void {
    const { horizon, begins } = this.#asked.get(name) ?? nothing;
    this.#asked.delete(name);
    this.#horizonMin = Math.max(this.#horizonMin, horizon);
    for (const [key, begin] of begins) this.#begins.set(key, begin);
  }

  /** It has come to nothing. */
  dropped(name: string): void {
    this.#asked.delete(name);
  }

  /** Where a key begins without the version that is erased, or whether it begins anywhere, is left open. */
  submitted(operations: readonly Operation<string>[]): void {
    for (const { type, key } of operations) {
      if (type !== 'erase') continue;
      this.#begins.delete(key);
      for (const [name, limit] of this.#asked) {
        const begins = [...limit.begins].filter(([each]) => each !== key);
        this.#asked.set(name, { ...limit, begins: new Map(begins) });
      }
    }
  }

  /** True if what lies at this time of the key must be refused. */
  isSurelyGone(key: string, at: number): boolean {
    return at < this.#horizonMin || at < (this.#begins.get(key) ?? -Infinity);
  }

  /** True if it may be refused, whatever the key. */
  isMaybeGone(at: number): boolean {
    return at < this.#horizonMax;
  }
}
