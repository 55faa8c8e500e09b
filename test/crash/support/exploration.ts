/** Cuts recordings off at every operation, and counts the different states that this leaves. */
import type { Oracle } from '../../support/oracle.js';
import type { Random } from '../../support/random.js';
import { type Crash, crashesAt } from './crashes.js';
import type { Recording } from './recording.js';
import { recover } from './recovery.js';

/** Random losses at each operation. */
const subsets = 2;
/** How much of what recoveries did is cut off in its turn. */
const depthTwoShare = 0.004;

export class Exploration {
  /** Distinct by what is on the disk, operation, and whether the power was cut. */
  states = 0;
  statesAtDepthTwo = 0;

  /**
   * @param from the first operation to stop at: those before were looked at already
   * @returns what went wrong, if anything did
   */
  explore(recording: Recording, random: Random, from = 0): Promise<string | undefined> {
    return this.#explore(recording, random, { from, depth: 1 });
  }

  async #explore(
    recording: Recording,
    random: Random,
    { from, depth }: { from: number; depth: number },
  ): Promise<string | undefined> {
    const { operations, system } = recording;
    const disk = system.disk.clone();
    const oracle = recording.oracle.clone();
    for (let at = 0; at <= operations.length; at++) {
      const next = operations[at];
      recording.tellAfter(at, oracle);
      if (at >= from) {
        const seen = new Set<string>();
        const losses = depth === 1 ? subsets : 1;
        for (const crash of crashesAt(disk, next, random, losses)) {
          const state = `${crash.isPowerCut}${crash.disk.fingerprint()}`;
          if (seen.has(state)) continue;
          seen.add(state);
          const fault = await this.#recover(recording, oracle, crash, { random, depth });
          if (fault === undefined) continue;
          const what = next === undefined ? 'the end' : next.name;
          return `operation ${at} (${what}), ${crash.name}: ${fault}`;
        }
      }
      if (next !== undefined) disk.apply(next);
    }
    return undefined;
  }

  async #recover(
    { system }: Recording,
    oracle: Oracle,
    { isPowerCut, disk }: Crash,
    { random, depth }: { random: Random; depth: number },
  ): Promise<string | undefined> {
    const crashed = system.with(disk);
    const expected = oracle.clone();
    if (isPowerCut) {
      crashed.boot++;
      expected.powerWasLost();
    }
    this.states++;
    if (depth > 1) this.statesAtDepthTwo++;
    try {
      const recovery = await recover(crashed, expected, { random, depth });
      if (depth > 1 || random.next() >= depthTwoShare) return undefined;
      const fault = await this.#explore(recovery, random, { from: 0, depth: 2 });
      return fault && `in recovery, ${fault}`;
    } catch (error) {
      return error instanceof Error ? (error.stack ?? error.message) : String(error);
    }
  }
}
