/** Goes through damages, opens the store with each, and counts what came of it. */
import { replayLine } from '../../support/harness.js';
import { Random } from '../../support/random.js';
import { BufferGauge, Watchdog } from './bounds.js';
import type { Damage } from './flip-damage.js';
import { Judge, type Outcome, variantOf, variants } from './flip-opening.js';
import { type FlipStore, makeFlipStore } from './flip-store.js';

/** The store is a tenth of this: nothing that is asked for is larger than a usual piece. */
const bufferBytesMax = 1.25 * 1024 * 1024;
const rssGrowthMax = 400 * 1024 * 1024;
const rssEvery = 500;

/** `bytes 123`: only this case, in each way of opening it. */
export const only = process.env['TIMEKV_FLIP'];

export class FlipRun {
  readonly store: FlipStore;
  readonly #judge: Judge;
  readonly #watchdog = new Watchdog();
  readonly #gauge = new BufferGauge();
  readonly #choice: Random;
  readonly outcomes: Record<Outcome, number> = {
    right: 0,
    told: 0,
    'like a torn tail': 0,
    'refused to open': 0,
  };
  cases = 0;
  #rssAtStart = 0;
  #rssMost = 0;

  private constructor(store: FlipStore, seed: number) {
    this.store = store;
    this.#judge = new Judge(store);
    this.#choice = new Random(seed);
  }

  static async of(seed: number): Promise<FlipRun> {
    return new FlipRun(await makeFlipStore(seed), seed);
  }

  get counts(): Judge['counts'] {
    return this.#judge.counts;
  }

  /** Bytes of the largest buffer that was asked for. */
  get largestBuffer(): number {
    return this.#gauge.largest;
  }

  /**
   * @param name of the damages, for replaying one of them
   * @param ways in how many ways each is opened; below 1, how many of them are opened at all
   */
  async all(name: string, damages: Iterable<Damage>, ways: number): Promise<void> {
    let index = 0;
    for (const damage of damages) {
      const id = `${name} ${++index}`;
      const isChosen = ways >= 1 || this.#choice.next() < ways;
      if (only === undefined ? !isChosen : only !== id) continue;
      this.cases++;
      for (let way = 0; way < (only === undefined ? ways : variants.length); way++) {
        await this.#one(id, damage, index + way);
      }
      if (only === id) return;
    }
  }

  async #one(id: string, damage: Damage, turn: number): Promise<void> {
    const replay = replayLine('flip', { TIMEKV_FLIP: id });
    this.#watchdog.begin(replay);
    try {
      this.outcomes[await this.#judge.judge(damage, turn)]++;
      this.#requireModesty();
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      throw new Error(`${damage.name}, to ${variantOf(turn).name}: ${why}\n${replay}`, {
        cause: error,
      });
    }
  }

  #requireModesty(): void {
    if (this.largestBuffer > bufferBytesMax) {
      throw new Error(`a buffer of ${this.largestBuffer} bytes is asked for`);
    }
    if (this.counts.openings % rssEvery !== 0) return;
    const rss = process.memoryUsage.rss();
    this.#rssAtStart ||= rss;
    this.#rssMost = Math.max(this.#rssMost, rss);
    if (rss - this.#rssAtStart > rssGrowthMax) {
      throw new Error(`memory has grown from ${this.#rssAtStart} to ${rss} bytes`);
    }
  }

  /** How much memory was taken at most, beyond that of the first few hundred openings. */
  get rssGrowth(): number {
    return this.#rssMost - this.#rssAtStart;
  }

  async end(): Promise<void> {
    this.#gauge.stop();
    await this.#watchdog.end();
  }
}
